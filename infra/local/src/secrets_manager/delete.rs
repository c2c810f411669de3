//! `DeleteSecret` and `RestoreSecret`.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Desk, Operation, fault::Fault, seconds};

const DEFAULT_WINDOW: i64 = 30;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct DeleteSecret {
    secret_id: Option<String>,
    force_delete_without_recovery: Option<bool>,
    recovery_window_in_days: Option<i64>,
}

impl Operation for DeleteSecret {
    fn answer(self, desk: &mut Desk<'_>) -> Result<Value, Fault> {
        let force = self.force_delete_without_recovery.unwrap_or_default();
        if force && self.recovery_window_in_days.is_some() {
            let both = "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.";
            return Err(Fault::parameter(both));
        }
        let window = self.recovery_window_in_days.unwrap_or(DEFAULT_WINDOW);
        if !(7..=30).contains(&window) {
            let range = "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).";
            return Err(Fault::parameter(range));
        }
        let id = self.secret_id.as_deref();
        let (arn, name, deletion) = if force { remove(desk, id)? } else { schedule(desk, id, window)? };
        Ok(json!({ "ARN": arn, "Name": name, "DeletionDate": seconds(deletion) }))
    }
}

/// The ARN and name of a deleted secret, and when it goes.
type Deletion = (String, String, Timestamp);

/// Deletes at once. To delete by force what isn't there is no fault, so that a retry isn't one.
fn remove(desk: &mut Desk<'_>, id: Option<&str>) -> Result<Deletion, Fault> {
    let id = desk.vault.parse(id)?;
    let Some(secret) = desk.vault.look_up(id) else {
        return Ok((desk.vault.absent_arn(id), id.text().to_owned(), desk.now));
    };
    let (arn, name) = (desk.vault.arn(secret), secret.name.clone());
    desk.vault.remove(&name)?;
    Ok((arn, name, desk.now))
}

/// Deletes once the window is over.
fn schedule(desk: &mut Desk<'_>, id: Option<&str>, days: i64) -> Result<Deletion, Fault> {
    let mut secret = desk.vault.find(id)?.clone();
    if secret.deletion.is_some() {
        return Err(Fault::already_scheduled());
    }
    let window = SignedDuration::from_hours(24 * days);
    let deletion = desk.now.checked_add(window).map_err(|_| Fault::internal())?;
    secret.deletion = Some(deletion);
    secret.changed = desk.now;
    let (arn, name) = (desk.vault.arn(&secret), secret.name.clone());
    desk.vault.save(secret)?;
    Ok((arn, name, deletion))
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct RestoreSecret {
    secret_id: Option<String>,
}

impl Operation for RestoreSecret {
    fn answer(self, desk: &mut Desk<'_>) -> Result<Value, Fault> {
        let mut secret = desk.vault.find(self.secret_id.as_deref())?.clone();
        let answer = json!({ "ARN": desk.vault.arn(&secret), "Name": secret.name });
        if secret.deletion.take().is_some() {
            secret.changed = desk.now;
            desk.vault.save(secret)?;
        }
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{Bench, START, token};

    const DAY: f64 = 86_400.0;
    const DAY_MILLIS: i64 = 86_400_000;

    #[test]
    fn a_secret_scheduled_for_deletion_is_described_and_not_used() {
        let bench = Bench::new();
        let arn = bench.create("db", 1, "one");
        let answer = bench.ok("DeleteSecret", &json!({"SecretId": "db", "RecoveryWindowInDays": 7}));
        assert_eq!(answer, json!({"ARN": arn, "Name": "db", "DeletionDate": START + 7.0 * DAY}));
        let bench = bench.reopen();
        let marked = "You can't perform this operation on the secret because it was marked for deletion.";
        let tags = json!([{"Key": "a", "Value": "b"}]);
        for (operation, body) in [
            ("GetSecretValue", json!({"SecretId": "db"})),
            (
                "PutSecretValue",
                json!({"SecretId": arn, "ClientRequestToken": token(1), "SecretString": "one"}),
            ),
            ("UpdateSecret", json!({"SecretId": "db", "ClientRequestToken": token(2), "Description": "x"})),
            ("TagResource", json!({"SecretId": "db", "Tags": tags})),
            ("UntagResource", json!({"SecretId": "db", "TagKeys": ["a"]})),
        ] {
            bench.refuses(operation, &body, "InvalidRequestException", marked);
        }
        let again = "because it was already scheduled for deletion.";
        bench.refuses("DeleteSecret", &json!({"SecretId": "db"}), "InvalidRequestException", again);
        let body = json!({"Name": "db", "ClientRequestToken": token(1), "SecretString": "one"});
        let taken = "because a secret with this name is already scheduled for deletion.";
        bench.refuses("CreateSecret", &body, "InvalidRequestException", taken);
        let described = bench.ok("DescribeSecret", &json!({"SecretId": "db"}));
        assert_eq!(described["DeletedDate"], answer["DeletionDate"]);
    }

    #[test]
    fn a_restored_secret_has_all_it_had() {
        let bench = Bench::new();
        let arn = bench.create("db", 1, "one");
        bench.put("db", 2, "two");
        bench.ok("DeleteSecret", &json!({"SecretId": "db"}));
        assert_eq!(bench.ok("RestoreSecret", &json!({"SecretId": arn})), json!({"ARN": arn, "Name": "db"}));
        let bench = bench.reopen();
        assert_eq!(bench.value("db"), "two");
        assert_eq!(bench.ok("DescribeSecret", &json!({"SecretId": "db"})).get("DeletedDate"), None);
        bench.ok("RestoreSecret", &json!({"SecretId": "db"}));
    }

    #[test]
    fn a_secret_goes_when_its_window_is_over_and_not_before() {
        let bench = Bench::new();
        bench.create("db", 1, "one");
        let answer = bench.ok("DeleteSecret", &json!({"SecretId": "db"}));
        assert_eq!(answer["DeletionDate"], json!(START + 30.0 * DAY));
        bench.clock.advance_millis(30 * DAY_MILLIS - 1);
        bench.ok("DescribeSecret", &json!({"SecretId": "db"}));
        bench.clock.advance_millis(1);
        bench.refuses("RestoreSecret", &json!({"SecretId": "db"}), "ResourceNotFoundException", "specified");
        assert!(bench.files().is_empty());
        bench.create("db", 2, "two");
    }

    #[test]
    fn a_forced_deletion_is_at_once_and_frees_the_name() {
        let bench = Bench::new();
        let arn = bench.create("db", 1, "one");
        bench.ok("DeleteSecret", &json!({"SecretId": "db"}));
        let answer = bench.ok("DeleteSecret", &json!({"SecretId": arn, "ForceDeleteWithoutRecovery": true}));
        assert_eq!(answer["DeletionDate"], json!(START));
        assert!(bench.files().is_empty());
        bench.create("db", 2, "two");
        assert_eq!(bench.value("db"), "two");
    }

    #[test]
    fn a_forced_deletion_of_nothing_succeeds_within_the_account_and_region() {
        let bench = Bench::new();
        let arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db";
        let force = |id: &str| json!({"SecretId": id, "ForceDeleteWithoutRecovery": true});
        let expected = json!({"ARN": arn, "Name": "db", "DeletionDate": START});
        assert_eq!(bench.ok("DeleteSecret", &force("db")), expected);
        assert_eq!(bench.ok("DeleteSecret", &force(arn)), expected);
        let foreign = force("arn:aws:secretsmanager:eu-west-2:111122223333:secret:db");
        bench.refuses("DeleteSecret", &foreign, "ResourceNotFoundException", "specified secret.");
    }

    #[test]
    fn a_window_has_7_to_30_days_and_excludes_force() {
        let bench = Bench::new();
        bench.create("db", 1, "one");
        for window in [-1, 0, 6, 31] {
            let body = json!({"SecretId": "db", "RecoveryWindowInDays": window});
            bench.refuses(
                "DeleteSecret",
                &body,
                "InvalidParameterException",
                "between 7 and 30 days (inclusive)",
            );
        }
        let body = json!({"SecretId": "db", "RecoveryWindowInDays": 7, "ForceDeleteWithoutRecovery": true});
        bench.refuses("DeleteSecret", &body, "InvalidParameterException", "in conjunction with");
        assert_eq!(bench.value("db"), "one");
    }

    #[test]
    fn a_missing_secret_is_not_found() {
        let bench = Bench::new();
        for operation in ["DeleteSecret", "RestoreSecret", "DescribeSecret", "ListSecretVersionIds"] {
            let body = json!({"SecretId": "db"});
            bench.refuses(operation, &body, "ResourceNotFoundException", "can't find the specified secret.");
        }
    }
}
