//! AWS Secrets Manager on a laptop: the operations this system and a developer's AWS CLI call, answered in
//! the JSON 1.1 shapes, errors and wording of the service, with one file a secret below a folder.
//!
//! One mutex guards everything and a call holds it from its first check to its last fsync. That makes each
//! call atomic with no further reasoning, which is worth more here than parallel writes to one laptop's disk.
//! [`SecretsManager::call`] therefore blocks: an async server hands it to a blocking thread.
//!
//! Values live in memory and in the files only. No type that holds one has `Debug`, and no message of this
//! module quotes JSON it could not read, from a request or from a file, since that text may be a value.

mod arn;
mod content;
mod create;
mod delete;
mod fault;
mod folder;
mod list;
mod page;
mod put;
mod read;
mod secret;
mod tags;
#[cfg(test)]
mod testing;
mod vault;

use std::{
    io,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::Timestamp;
use model::{clock::Clock, entropy::Entropy};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use self::{
    arn::ArnSpace,
    create::CreateSecret,
    delete::{DeleteSecret, RestoreSecret},
    fault::Fault,
    list::ListSecrets,
    put::{PutSecretValue, UpdateSecret},
    read::{DescribeSecret, GetSecretValue, ListSecretVersionIds},
    tags::{TagResource, UntagResource},
    vault::Vault,
};

/// What the HTTP server sends back. It may hold a secret value, hence no `Debug`.
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The body, of type `application/x-amz-json-1.1`.
    pub body: Value,
}

/// The endpoint of one account in one region. Clones share their secrets.
#[derive(Clone)]
pub struct SecretsManager(Arc<Inner>);

struct Inner {
    vault: Mutex<Vault>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl SecretsManager {
    /// Reads every secret of `folder`, which is made with mode 0700 when absent. A file that cannot be read
    /// as a secret is an error that names it: to go on without it would be to lose it.
    ///
    /// The folder belongs to this process: a second one would overwrite what this one has written.
    pub fn open(
        folder: &Path,
        region: &str,
        account: &str,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> io::Result<Self> {
        let vault = Mutex::new(Vault::open(folder, ArnSpace::new(region, account))?);
        Ok(Self(Arc::new(Inner { vault, clock, entropy })))
    }

    /// Answers one call. `operation` is what follows `secretsmanager.` in `X-Amz-Target`, `body` is the JSON
    /// text. Once a reply says that something was written, it is on the disk.
    pub fn call(&self, operation: &str, body: &[u8]) -> Reply {
        let outcome = match operation {
            "CreateSecret" => self.run::<CreateSecret>(body),
            "DeleteSecret" => self.run::<DeleteSecret>(body),
            "DescribeSecret" => self.run::<DescribeSecret>(body),
            "GetSecretValue" => self.run::<GetSecretValue>(body),
            "ListSecretVersionIds" => self.run::<ListSecretVersionIds>(body),
            "ListSecrets" => self.run::<ListSecrets>(body),
            "PutSecretValue" => self.run::<PutSecretValue>(body),
            "RestoreSecret" => self.run::<RestoreSecret>(body),
            "TagResource" => self.run::<TagResource>(body),
            "UntagResource" => self.run::<UntagResource>(body),
            "UpdateSecret" => self.run::<UpdateSecret>(body),
            _ => Err(Fault::unknown_operation()),
        };
        match outcome {
            Ok(body) => Reply { status: 200, body: without_nulls(body) },
            Err(fault) => fault.reply(),
        }
    }

    fn run<O: Operation>(&self, body: &[u8]) -> Result<Value, Fault> {
        let request: O = serde_json::from_slice(body).map_err(|_| Fault::serialization())?;
        let now = self.0.clock.now().millis();
        // A panic elsewhere leaves the vault whole: memory changes in one step, after the disk.
        let mut vault = self.0.vault.lock().unwrap_or_else(PoisonError::into_inner);
        vault.purge(now);
        request.answer(&mut Desk { vault: &mut vault, now, entropy: self.0.entropy.as_ref() })
    }
}

/// A request of one operation, read from its JSON.
trait Operation: DeserializeOwned {
    fn answer(self, desk: &mut Desk<'_>) -> Result<Value, Fault>;
}

/// All an operation may touch.
struct Desk<'a> {
    vault: &'a mut Vault,
    now: Timestamp,
    entropy: &'a dyn Entropy,
}

/// An answer as JSON.
fn body(answer: &impl Serialize) -> Result<Value, Fault> {
    serde_json::to_value(answer).map_err(|_| Fault::internal())
}

/// An answer less its absent members, which the service leaves out.
fn without_nulls(mut answer: Value) -> Value {
    if let Value::Object(members) = &mut answer {
        members.retain(|_, member| !member.is_null());
    }
    answer
}

/// A date as the protocol carries it: seconds since the Unix epoch, with milliseconds as the fraction.
fn seconds(at: Timestamp) -> f64 {
    at.as_duration().as_secs_f64()
}

#[cfg(test)]
mod tests {
    use std::{sync::Barrier, thread};

    use serde_json::json;

    use super::testing::{Bench, token};

    #[test]
    fn an_operation_that_is_not_served_is_unknown() {
        let bench = Bench::new();
        bench.refuses("RotateSecret", &json!({"SecretId": "db"}), "UnknownOperationException", "serve");
    }

    #[test]
    fn a_body_that_is_not_the_request_is_a_serialization_error_that_repeats_none_of_it() {
        let bench = Bench::new();
        for body in ["", "{", "[1]x", "\"hunter2\"", r#"{"SecretString":{"a":"hunter2"},"Name":"db"}"#] {
            let reply = bench.manager.call("CreateSecret", body.as_bytes());
            assert_eq!(reply.status, 400, "{body}");
            assert_eq!(reply.body["__type"], "SerializationException", "{body}");
            assert!(!reply.body.to_string().contains("hunter2"), "{body}");
        }
    }

    #[test]
    fn members_the_request_does_not_know_are_ignored() {
        let bench = Bench::new();
        bench.ok(
            "CreateSecret",
            &json!({"Name": "db", "ClientRequestToken": token(1), "Type": "", "New": [1]}),
        );
    }

    #[test]
    fn a_null_member_is_an_absent_one() {
        let bench = Bench::new();
        let body = json!({"Name": "db", "ClientRequestToken": token(1), "SecretString": "one",
            "SecretBinary": null, "Tags": null, "Description": null});
        bench.ok("CreateSecret", &body);
        let body = json!({"SecretId": "db", "ClientRequestToken": token(2), "SecretString": "two",
            "VersionStages": null});
        assert_eq!(bench.ok("PutSecretValue", &body)["VersionStages"], json!(["AWSCURRENT"]));
        bench
            .ok("ListSecrets", &json!({"Filters": null, "MaxResults": null, "IncludePlannedDeletion": null}));
    }

    #[test]
    fn concurrent_puts_from_several_threads_lose_nothing() {
        const THREADS: u32 = 4;
        const PUTS: u32 = 12;
        let bench = Bench::new();
        bench.create("shared", 1, "first");
        let start = Barrier::new(THREADS as usize);
        thread::scope(|scope| {
            for thread in 0..THREADS {
                let (bench, start) = (&bench, &start);
                scope.spawn(move || {
                    start.wait();
                    for put in 0..PUTS {
                        let id = 1000 + thread * PUTS + put;
                        bench.create(&format!("own/{id}"), id, "own");
                        let label = format!("L{thread}");
                        bench.ok(
                            "PutSecretValue",
                            &json!({"SecretId": "shared", "ClientRequestToken": token(id),
                                "SecretString": format!("{thread}:{put}"), "VersionStages": [label]}),
                        );
                    }
                });
            }
        });
        let bench = bench.reopen();
        let last = PUTS - 1;
        for thread in 0..THREADS {
            let held = bench
                .ok("GetSecretValue", &json!({"SecretId": "shared", "VersionStage": format!("L{thread}")}));
            assert_eq!(held["SecretString"], format!("{thread}:{last}"));
        }
        for id in 1000..1000 + THREADS * PUTS {
            assert_eq!(bench.value(&format!("own/{id}")), "own");
        }
        assert_eq!(bench.value("shared"), "first");
    }

    #[test]
    fn clones_share_their_secrets() {
        let bench = Bench::new();
        bench.create("db", 1, "one");
        let reply = bench.manager.clone().call("GetSecretValue", br#"{"SecretId":"db"}"#);
        assert_eq!((reply.status, &reply.body["SecretString"]), (200, &json!("one")));
    }
}
