//! Key-pair authentication: a token that the user's private key signs, made here and kept until shortly before it
//! runs out. Nothing is asked of anybody for it.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use model::clock::Moment;
use ring::rsa::KeyPair;
use serde_json::json;
use zeroize::Zeroizing;

use crate::{
    ConnectorError,
    http::{
        jwt, key, life,
        proof::{Given, Proof},
    },
};

/// What a token says of its life; the account takes up to an hour.
const LIFETIME: Duration = Duration::from_mins(55);
/// How long one is used: a statement that is polled with it ends well before it does.
const USED_FOR: Duration = Duration::from_mins(45);

/// Who signs, and the token that is good now.
pub(super) struct Signer {
    key: KeyPair,
    /// `ACCOUNT.USER`
    subject: String,
    /// The same and the public key's fingerprint.
    issuer: String,
    kept: Mutex<Option<(Arc<Proof>, Moment)>>,
}

impl Signer {
    pub(super) fn new(account: &str, user: &str, key: KeyPair) -> Result<Self, ConnectorError> {
        let subject = format!("{account}.{}", user.to_uppercase());
        let issuer = format!("{subject}.{}", key::fingerprint(&key)?);
        Ok(Self { key, subject, issuer, kept: Mutex::default() })
    }

    /// The token that is kept, while it is good by both clocks; or a new one.
    pub(super) fn give(&self, now: Moment) -> Result<Given, ConnectorError> {
        let kept = self.kept().as_ref().filter(|(_, made)| life::lasts(*made, now, USED_FOR)).cloned();
        if let Some((proof, _)) = kept {
            return Ok(Given { proof: Some(proof), cached: true });
        }
        // Outside the lock: of two that are made at once, either is good.
        let proof = Arc::new(Proof::bearer(&self.sign(now)?)?);
        *self.kept() = Some((Arc::clone(&proof), now));
        Ok(Given { proof: Some(proof), cached: false })
    }

    /// Drops a token that was refused; a newer one stays.
    pub(super) fn forget(&self, stale: &Arc<Proof>) {
        self.kept().take_if(|(proof, _)| Arc::ptr_eq(proof, stale));
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Option<(Arc<Proof>, Moment)>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sign(&self, now: Moment) -> Result<Zeroizing<String>, ConnectorError> {
        let issued = now.epoch_seconds();
        let expires = issued.saturating_add_unsigned(LIFETIME.as_secs());
        let claims = json!({"iss": self.issuer, "sub": self.subject, "iat": issued, "exp": expires});
        jwt::signed(&self.key, &claims)
    }
}
