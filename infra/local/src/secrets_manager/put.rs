//! `PutSecretValue` and `UpdateSecret`, the two ways to a new version.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Desk, Operation,
    content::Content,
    create::MAX_TEXT,
    fault::{Fault, check_length},
    secret::{CURRENT, MAX_STAGES},
};

const MAX_STAGE: usize = 256;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct PutSecretValue {
    secret_id: Option<String>,
    version_stages: Option<BTreeSet<String>>,
    #[serde(flatten)]
    content: Content,
}

impl Operation for PutSecretValue {
    fn answer(self, desk: &mut Desk<'_>) -> Result<Value, Fault> {
        let stages = self.version_stages.unwrap_or_else(|| [CURRENT.to_owned()].into());
        check_stages(&stages)?;
        let (token, value) = self.content.read()?;
        let value = value.ok_or_else(Fault::value_missing)?;
        let mut secret = desk.vault.find_live(self.secret_id.as_deref())?;
        let arn = desk.vault.arn(&secret);
        let changed = secret.put(&arn, &token, value, stages, desk.now)?;
        let stages = secret.version(&token).map(|version| &version.stages);
        let answer = json!({ "ARN": arn, "Name": secret.name, "VersionId": token, "VersionStages": stages });
        if changed {
            desk.vault.save(secret)?;
        }
        Ok(answer)
    }
}

fn check_stages(stages: &BTreeSet<String>) -> Result<(), Fault> {
    if stages.is_empty() {
        let rule = "Member must have length greater than or equal to 1";
        return Err(Fault::constraint("versionStages", rule));
    }
    if stages.len() > MAX_STAGES {
        let rule = format!("Member must have length less than or equal to {MAX_STAGES}");
        return Err(Fault::constraint("versionStages", &rule));
    }
    stages.iter().try_for_each(|stage| check_length("versionStages", stage, 1, MAX_STAGE))
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct UpdateSecret {
    secret_id: Option<String>,
    description: Option<String>,
    kms_key_id: Option<String>,
    #[serde(flatten)]
    content: Content,
}

impl Operation for UpdateSecret {
    fn answer(self, desk: &mut Desk<'_>) -> Result<Value, Fault> {
        check_length("description", self.description.as_deref().unwrap_or_default(), 0, MAX_TEXT)?;
        check_length("kmsKeyId", self.kms_key_id.as_deref().unwrap_or_default(), 0, MAX_TEXT)?;
        let (token, value) = self.content.read()?;
        let mut secret = desk.vault.find_live(self.secret_id.as_deref())?;
        let arn = desk.vault.arn(&secret);
        let version = value.is_some().then(|| token.clone());
        if let Some(value) = value {
            secret.put(&arn, &token, value, [CURRENT.to_owned()].into(), desk.now)?;
        }
        secret.description = self.description.or(secret.description);
        secret.kms_key_id = self.kms_key_id.or(secret.kms_key_id);
        secret.changed = desk.now;
        let answer = json!({ "ARN": arn, "Name": secret.name, "VersionId": version });
        desk.vault.save(secret)?;
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{Bench, token};

    #[test]
    fn the_former_value_stays_readable_as_previous() {
        let bench = Bench::new();
        bench.create("db", 1, "one");
        bench.put("db", 2, "two");
        bench.put("db", 3, "three");
        let described = bench.ok("DescribeSecret", &json!({"SecretId": "db"}));
        let expected = json!({token(2): ["AWSPREVIOUS"], token(3): ["AWSCURRENT"]});
        assert_eq!(described["VersionIdsToStages"], expected);
        let former = bench.ok("GetSecretValue", &json!({"SecretId": "db", "VersionStage": "AWSPREVIOUS"}));
        assert_eq!(former["SecretString"], "two");
        let body = json!({"SecretId": "db", "VersionId": token(1)});
        bench.refuses("GetSecretValue", &body, "ResourceNotFoundException", "for VersionId: ");
    }

    #[test]
    fn a_retried_put_changes_nothing_even_after_later_ones() {
        let bench = Bench::new();
        bench.create("db", 1, "one");
        let first = bench.put("db", 2, "two");
        assert_eq!(bench.put("db", 2, "two"), first);
        bench.put("db", 3, "three");
        let late = bench.put("db", 2, "two");
        assert_eq!(late["VersionStages"], json!(["AWSPREVIOUS"]));
        assert_eq!(bench.value("db"), "three");
    }

    #[test]
    fn a_token_does_not_serve_a_second_value() {
        let bench = Bench::new();
        let arn = bench.create("db", 1, "one");
        let taken = format!(
            "You can't use ClientRequestToken {} because that value is already in use for a version of secret \
             {arn}.",
            token(1)
        );
        for content in [json!({"SecretString": "two"}), json!({"SecretBinary": "b25l"})] {
            for operation in ["PutSecretValue", "UpdateSecret"] {
                let mut body = json!({"SecretId": "db", "ClientRequestToken": token(1)});
                body.as_object_mut().unwrap().extend(content.as_object().unwrap().clone());
                bench.refuses(operation, &body, "ResourceExistsException", &taken);
            }
        }
        assert_eq!(bench.value("db"), "one");
    }

    #[test]
    fn labels_given_are_the_labels_put() {
        let bench = Bench::new();
        bench.create("db", 1, "one");
        let answer = bench.ok(
            "PutSecretValue",
            &json!({"SecretId": "db", "ClientRequestToken": token(2), "SecretString": "two",
                "VersionStages": ["AWSPENDING", "blue"]}),
        );
        assert_eq!(answer["VersionStages"], json!(["AWSPENDING", "blue"]));
        assert_eq!(bench.value("db"), "one");
        let pending = bench.ok("GetSecretValue", &json!({"SecretId": "db", "VersionStage": "AWSPENDING"}));
        assert_eq!(pending["SecretString"], "two");
    }

    #[test]
    fn labels_are_checked_and_counted() {
        let bench = Bench::new();
        bench.create("db", 1, "one");
        let body = |stages: Vec<String>| {
            json!({"SecretId": "db", "ClientRequestToken": token(2), "SecretString": "two",
                "VersionStages": stages})
        };
        let labels = |count: u32| (0..count).map(|label| format!("l{label}")).collect();
        for stages in [vec![], vec![String::new()], vec!["s".repeat(257)], labels(21)] {
            bench.refuses("PutSecretValue", &body(stages), "ValidationException", "'versionStages'");
        }
        bench.refuses("PutSecretValue", &body(labels(20)), "LimitExceededException", "staging labels");
        bench.ok("PutSecretValue", &body(labels(19)));
    }

    #[test]
    fn a_put_needs_a_value_and_a_secret() {
        let bench = Bench::new();
        let body = json!({"SecretId": "db", "ClientRequestToken": token(1)});
        let missing = "You must provide either SecretString or SecretBinary.";
        bench.refuses("PutSecretValue", &body, "InvalidRequestException", missing);
        let body = json!({"SecretId": "db", "ClientRequestToken": token(1), "SecretString": "one"});
        bench.refuses(
            "PutSecretValue",
            &body,
            "ResourceNotFoundException",
            "can't find the specified secret.",
        );
        bench.refuses("UpdateSecret", &body, "ResourceNotFoundException", "can't find the specified secret.");
    }

    #[test]
    fn an_update_changes_what_it_names_and_nothing_else() {
        let bench = Bench::new();
        bench.create("db", 1, "one");
        let body = json!({"SecretId": "db", "ClientRequestToken": token(2), "Description": "main"});
        assert_eq!(bench.ok("UpdateSecret", &body).get("VersionId"), None);
        assert_eq!(bench.value("db"), "one");
        let body = json!({"SecretId": "db", "ClientRequestToken": token(3), "SecretString": "three"});
        assert_eq!(bench.ok("UpdateSecret", &body)["VersionId"], token(3));
        let described = bench.ok("DescribeSecret", &json!({"SecretId": "db"}));
        assert_eq!(described["Description"], "main");
        assert_eq!(
            described["VersionIdsToStages"],
            json!({token(1): ["AWSPREVIOUS"], token(3): ["AWSCURRENT"]})
        );
        assert_eq!(bench.value("db"), "three");
    }
}
