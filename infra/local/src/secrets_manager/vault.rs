//! The secrets in memory, in step with the disk: the disk changes first, and memory only once that held.

use std::{collections::BTreeMap, io, path::Path};

use jiff::Timestamp;

use super::{
    arn::{ArnSpace, SecretId},
    fault::Fault,
    folder::Folder,
    secret::Secret,
};

/// Every secret of the endpoint, by name.
pub(super) struct Vault {
    arns: ArnSpace,
    folder: Folder,
    secrets: BTreeMap<String, Secret>,
}

impl Vault {
    pub(super) fn open(folder: &Path, arns: ArnSpace) -> io::Result<Self> {
        let (folder, secrets) = Folder::open(folder)?;
        Ok(Self { arns, folder, secrets })
    }

    /// The secret a request's `SecretId` means.
    pub(super) fn find(&self, id: Option<&str>) -> Result<&Secret, Fault> {
        self.look_up(self.parse(id)?).ok_or_else(Fault::secret_not_found)
    }

    /// A `SecretId` that may name no secret: an ARN of another account or region is refused all the same.
    pub(super) fn parse<'a>(&self, id: Option<&'a str>) -> Result<SecretId<'a>, Fault> {
        self.arns.parse(id.ok_or_else(|| Fault::required("secretId"))?)
    }

    /// The secret that has this id, if any.
    pub(super) fn look_up(&self, id: SecretId<'_>) -> Option<&Secret> {
        match id {
            SecretId::Name(name) => self.secrets.get(name),
            SecretId::Resource(text) => self.by_suffix(text).or_else(|| self.secrets.get(text)),
        }
    }

    /// [`Self::find`], for an operation that a scheduled deletion forbids. A copy, to change and
    /// [`Self::save`].
    pub(super) fn find_live(&self, id: Option<&str>) -> Result<Secret, Fault> {
        let secret = self.find(id)?;
        secret.check_live()?;
        Ok(secret.clone())
    }

    fn by_suffix(&self, text: &str) -> Option<&Secret> {
        let (name, suffix) = text.rsplit_once('-')?;
        self.secrets.get(name).filter(|secret| secret.suffix == suffix)
    }

    /// The secret of that name.
    pub(super) fn named(&self, name: &str) -> Option<&Secret> {
        self.secrets.get(name)
    }

    /// Every secret.
    pub(super) fn all(&self) -> impl Iterator<Item = &Secret> {
        self.secrets.values()
    }

    /// A secret's ARN.
    pub(super) fn arn(&self, secret: &Secret) -> String {
        self.arns.arn(&secret.name, &secret.suffix)
    }

    /// The ARN to answer with for an id that names no secret.
    pub(super) fn absent_arn(&self, id: SecretId<'_>) -> String {
        self.arns.partial(id.text())
    }

    /// Stores a secret, in place of the former of its name.
    pub(super) fn save(&mut self, secret: Secret) -> Result<(), Fault> {
        self.folder.write(&secret).map_err(|error| Fault::disk(&error))?;
        self.secrets.insert(secret.name.clone(), secret);
        Ok(())
    }

    /// Removes a secret for good.
    pub(super) fn remove(&mut self, name: &str) -> Result<(), Fault> {
        self.folder.remove(name).map_err(|error| Fault::disk(&error))?;
        self.secrets.remove(name);
        Ok(())
    }

    /// Removes the secrets whose recovery window is over. One that the disk holds on to stays scheduled, and
    /// the next call tries again.
    pub(super) fn purge(&mut self, now: Timestamp) {
        let Self { folder, secrets, .. } = self;
        secrets.retain(|name, secret| {
            let over = secret.deletion.is_some_and(|deletion| deletion <= now);
            !over || folder.remove(name).is_err()
        });
    }
}
