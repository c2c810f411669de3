//! An endpoint on a temporary folder, with a clock that tests move and entropy that repeats.

use std::{
    fs,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use jiff::{SignedDuration, Timestamp};
use model::{
    clock::{Clock, Moment, SystemClock},
    entropy::Entropy,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Reply, SecretsManager};

/// When every bench starts, in seconds.
pub(super) const START: f64 = 1_750_000_000.25;

pub(super) struct ManualClock(Mutex<Timestamp>);

impl ManualClock {
    pub(super) fn advance_millis(&self, millis: i64) {
        *self.0.lock().unwrap() += SignedDuration::from_millis(millis);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Moment {
        Moment { wall: *self.0.lock().unwrap(), ticks: SystemClock.now().ticks }
    }
}

/// Another number on every draw.
struct Counter(AtomicU64);

impl Entropy for Counter {
    fn fill(&self, bytes: &mut [u8]) {
        let number = self.0.fetch_add(1, Ordering::Relaxed).to_le_bytes();
        bytes.iter_mut().zip(number).for_each(|(byte, part)| *byte = part);
    }
}

pub(super) struct Bench {
    pub(super) manager: SecretsManager,
    pub(super) clock: Arc<ManualClock>,
    pub(super) path: PathBuf,
    entropy: Arc<Counter>,
    folder: TempDir,
}

/// A client request token, in the form SDKs give it.
pub(super) fn token(id: u32) -> String {
    format!("00000000-0000-4000-8000-{id:012}")
}

impl Bench {
    pub(super) fn new() -> Self {
        let start = Timestamp::from_millisecond(1_750_000_000_250).unwrap();
        let clock = Arc::new(ManualClock(Mutex::new(start)));
        Self::open(tempfile::tempdir().unwrap(), clock, Arc::new(Counter(AtomicU64::new(1))))
    }

    /// The endpoint of a next process on the same folder.
    pub(super) fn reopen(self) -> Self {
        let Self { manager, clock, entropy, folder, .. } = self;
        drop(manager);
        Self::open(folder, clock, entropy)
    }

    fn open(folder: TempDir, clock: Arc<ManualClock>, entropy: Arc<Counter>) -> Self {
        let path = folder.path().join("nested/secrets");
        let manager =
            SecretsManager::open(&path, "eu-west-1", "111122223333", clock.clone(), entropy.clone()).unwrap();
        Self { manager, clock, path, entropy, folder }
    }

    pub(super) fn call(&self, operation: &str, body: &Value) -> Reply {
        self.manager.call(operation, body.to_string().as_bytes())
    }

    /// The answer of a call that must go.
    pub(super) fn ok(&self, operation: &str, body: &Value) -> Value {
        let reply = self.call(operation, body);
        assert_eq!(reply.status, 200, "{operation}: {}", reply.body);
        reply.body
    }

    /// A call that must be refused, with this exception and this in its message.
    pub(super) fn refuses(&self, operation: &str, body: &Value, kind: &str, part: &str) {
        let reply = self.call(operation, body);
        assert_eq!((reply.status, &reply.body["__type"]), (400, &json!(kind)), "{operation}: {}", reply.body);
        let message = reply.body["Message"].as_str().unwrap();
        assert!(message.contains(part), "{operation}: {message}");
    }

    /// Creates a secret and says its ARN.
    pub(super) fn create(&self, name: &str, id: u32, text: &str) -> String {
        let body = json!({"Name": name, "ClientRequestToken": token(id), "SecretString": text});
        self.ok("CreateSecret", &body)["ARN"].as_str().unwrap().to_owned()
    }

    pub(super) fn put(&self, name: &str, id: u32, text: &str) -> Value {
        self.ok(
            "PutSecretValue",
            &json!({"SecretId": name, "ClientRequestToken": token(id), "SecretString": text}),
        )
    }

    /// The current value.
    pub(super) fn value(&self, name: &str) -> String {
        let held = self.ok("GetSecretValue", &json!({ "SecretId": name }));
        held["SecretString"].as_str().unwrap().to_owned()
    }

    /// Everything in the folder.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        fs::read_dir(&self.path).unwrap().map(|entry| entry.unwrap().path()).collect()
    }
}
