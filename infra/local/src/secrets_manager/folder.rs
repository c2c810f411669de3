//! Secrets on disk: one JSON file each. A file is written whole under a temporary name, synced, and renamed
//! over the former, so that whenever the process dies the folder holds either the former secret or the new
//! one.
//!
//! A file is named by the SHA-256 of its secret's name. No reversible encoding would do: a name of 512
//! characters carries more than the 255 bytes of a file name can, and on a laptop `A` and `a` may be the same
//! file. The name stands in the file, and [`Folder::open`] checks that the two agree.

use std::{
    collections::BTreeMap,
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use super::secret::Secret;

const STORED: &str = ".json";
const UNFINISHED: &str = ".json.unfinished";

/// The folder of one endpoint.
pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Opens the folder and reads its secrets, by name. What a dead process left unfinished is removed: it
    /// was never acknowledged, and it may hold a value.
    pub(super) fn open(path: &Path) -> io::Result<(Self, BTreeMap<String, Secret>)> {
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|error| named(path, &error))?;
        let mut secrets = BTreeMap::new();
        for entry in fs::read_dir(path).map_err(|error| named(path, &error))? {
            let file = entry?.path();
            let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if name.ends_with(UNFINISHED) {
                fs::remove_file(&file).map_err(|error| named(&file, &error))?;
            } else if name.ends_with(STORED) {
                let secret = read(&file)?;
                if name != file_name(&secret.name, STORED) {
                    return Err(corrupt(&file, "it holds a secret of another file's name"));
                }
                secrets.insert(secret.name.clone(), secret);
            }
        }
        Ok((Self { path: path.to_owned() }, secrets))
    }

    /// Stores a secret, in place of the former of its name. On the disk when this returns.
    pub(super) fn write(&self, secret: &Secret) -> io::Result<()> {
        let text = serde_json::to_vec_pretty(secret)?;
        let unfinished = self.path.join(file_name(&secret.name, UNFINISHED));
        // A leftover would keep its own mode.
        remove_if_present(&unfinished)?;
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished)?;
        file.write_all(&text)?;
        file.sync_all()?;
        fs::rename(&unfinished, self.path.join(file_name(&secret.name, STORED)))?;
        self.sync()
    }

    /// Removes a secret. Gone from the disk when this returns.
    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        remove_if_present(&self.path.join(file_name(name, STORED)))?;
        self.sync()
    }

    /// Makes renames and removals last.
    fn sync(&self) -> io::Result<()> {
        File::open(&self.path)?.sync_all()
    }
}

fn file_name(secret: &str, ending: &str) -> String {
    format!("{}{ending}", hex::encode(Sha256::digest(secret)))
}

fn remove_if_present(file: &Path) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn read(file: &Path) -> io::Result<Secret> {
    let text = fs::read(file).map_err(|error| named(file, &error))?;
    // Only the place is told: the reader's own words quote what it found there.
    serde_json::from_slice(&text).map_err(|error| {
        let place = format!("line {}, column {} isn't what a secret has there", error.line(), error.column());
        corrupt(file, &place)
    })
}

fn corrupt(file: &Path, what: &str) -> io::Error {
    let message = format!("{} isn't a stored secret: {what}", file.display());
    io::Error::new(io::ErrorKind::InvalidData, message)
}

fn named(file: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", file.display()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use serde_json::json;

    use super::{super::testing::Bench, *};

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn secrets_survive_a_reopening() {
        let bench = Bench::new();
        let arn = bench.create("db", 1, "one");
        bench.put("db", 2, "two");
        bench.ok("TagResource", &json!({"SecretId": "db", "Tags": [{"Key": "team", "Value": "core"}]}));
        bench.create("gone", 3, "three");
        bench.ok("DeleteSecret", &json!({"SecretId": "gone", "ForceDeleteWithoutRecovery": true}));
        let before = bench.ok("DescribeSecret", &json!({"SecretId": "db"}));

        let bench = bench.reopen();
        assert_eq!(bench.ok("DescribeSecret", &json!({ "SecretId": arn })), before);
        assert_eq!(bench.value("db"), "two");
        let former = bench.ok("GetSecretValue", &json!({"SecretId": "db", "VersionStage": "AWSPREVIOUS"}));
        assert_eq!(former["SecretString"], "one");
        bench.refuses(
            "GetSecretValue",
            &json!({"SecretId": "gone"}),
            "ResourceNotFoundException",
            "specified",
        );
    }

    #[test]
    fn only_the_owner_may_read_the_folder_and_its_files() {
        let bench = Bench::new();
        bench.create("db", 1, "one");
        assert_eq!(mode(&bench.path), 0o700);
        assert_eq!(bench.files().iter().map(|file| mode(file)).collect::<Vec<_>>(), [0o600]);
    }

    #[test]
    fn every_name_has_a_file_of_its_own() {
        let bench = Bench::new();
        let names = ["a/b", "a_b", "a+b", "A/b", "../a", ".", "..", "a%2Fb", &"n".repeat(512)];
        let names = names.map(|name| name.replace('%', "="));
        for (name, id) in names.iter().zip(1..) {
            bench.create(name, id, name);
        }
        let bench = bench.reopen();
        assert_eq!(bench.files().len(), names.len());
        for name in names {
            assert_eq!(bench.value(&name), *name);
        }
    }

    #[test]
    fn a_write_cut_short_leaves_the_former_secret_and_no_trace() {
        let bench = Bench::new();
        bench.create("db", 1, "one");
        let unfinished = bench.path.join(file_name("db", UNFINISHED));
        fs::write(&unfinished, r#"{"name":"db","value":"half of tw"#).unwrap();
        let bench = bench.reopen();
        assert!(!unfinished.exists());
        assert_eq!(bench.value("db"), "one");
    }

    #[test]
    fn a_write_goes_over_what_an_earlier_failure_left() {
        let bench = Bench::new();
        bench.create("db", 1, "one");
        fs::write(bench.path.join(file_name("db", UNFINISHED)), "half").unwrap();
        bench.put("db", 2, "two");
        assert_eq!(bench.reopen().value("db"), "two");
    }

    #[test]
    fn a_failing_disk_is_the_server_s_error_and_changes_nothing() {
        let bench = Bench::new();
        bench.create("db", 1, "one");
        // A folder in the temporary file's place fails the write, even for root.
        let blocked = bench.path.join(file_name("db", UNFINISHED));
        fs::create_dir(&blocked).unwrap();
        let body = json!({"SecretId": "db", "ClientRequestToken": "t".repeat(32), "SecretString": "two"});
        let reply = bench.call("PutSecretValue", &body);
        assert_eq!((reply.status, &reply.body["__type"]), (500, &json!("InternalServiceError")));
        assert_eq!(bench.value("db"), "one");
        fs::remove_dir(&blocked).unwrap();
        bench.ok("PutSecretValue", &body);
        assert_eq!(bench.value("db"), "two");
    }

    #[test]
    fn a_corrupt_file_stops_the_opening_with_its_name_and_without_its_content() {
        let bench = Bench::new();
        bench.create("db", 1, "hunter2");
        let file = bench.files().remove(0);
        let whole = fs::read_to_string(&file).unwrap();
        let half = whole.split_at(whole.len() / 2).0.to_owned();
        let mistyped = whole.replace("\"versions\": [", "\"versions\": \"hunter2\", \"x\": [");
        for text in [String::new(), half, mistyped, whole.replace("\"name\": \"db\"", "\"name\": \"other\"")]
        {
            fs::write(&file, text).unwrap();
            let error = Folder::open(&bench.path).err().unwrap();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData);
            assert!(error.to_string().contains(file.to_str().unwrap()), "{error}");
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn files_of_others_are_left_alone() {
        let bench = Bench::new();
        let foreign = bench.path.join(".DS_Store");
        fs::write(&foreign, "x").unwrap();
        let bench = bench.reopen();
        bench.create("db", 1, "one");
        assert!(foreign.exists());
    }
}
