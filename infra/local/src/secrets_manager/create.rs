//! `CreateSecret`.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Desk, Operation,
    arn::{check_name, random_suffix},
    content::Content,
    fault::{Fault, check_length},
    secret::{CURRENT, Secret, SecretValue},
    tags::{Tag, read_tags},
};

/// The longest description and KMS key id, in characters.
pub(super) const MAX_TEXT: usize = 2048;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct CreateSecret {
    name: Option<String>,
    description: Option<String>,
    kms_key_id: Option<String>,
    tags: Option<Vec<Tag>>,
    #[serde(flatten)]
    content: Content,
}

impl Operation for CreateSecret {
    fn answer(self, desk: &mut Desk<'_>) -> Result<Value, Fault> {
        let name = self.name.ok_or_else(|| Fault::required("name"))?;
        check_name(&name)?;
        check_length("description", self.description.as_deref().unwrap_or_default(), 0, MAX_TEXT)?;
        check_length("kmsKeyId", self.kms_key_id.as_deref().unwrap_or_default(), 0, MAX_TEXT)?;
        let tags = read_tags(self.tags.unwrap_or_default())?;
        let (token, value) = self.content.read()?;
        if let Some(held) = desk.vault.named(&name) {
            check_retry(held, &token, value.as_ref())?;
            return Ok(json!({ "ARN": desk.vault.arn(held), "Name": name, "VersionId": token }));
        }
        let mut secret = Secret {
            name,
            suffix: random_suffix(desk.entropy),
            description: self.description,
            kms_key_id: self.kms_key_id,
            tags,
            created: desk.now,
            changed: desk.now,
            deletion: None,
            versions: Vec::new(),
        };
        let arn = desk.vault.arn(&secret);
        let version = value.is_some().then(|| token.clone());
        if let Some(value) = value {
            secret.put(&arn, &token, value, [CURRENT.to_owned()].into(), desk.now)?;
        }
        let answer = json!({ "ARN": arn, "Name": secret.name, "VersionId": version });
        desk.vault.save(secret)?;
        Ok(answer)
    }
}

/// A taken name is no fault of a retry, which brings the token and the value that the secret has.
fn check_retry(held: &Secret, token: &str, value: Option<&SecretValue>) -> Result<(), Fault> {
    if held.deletion.is_some() {
        return Err(Fault::name_scheduled());
    }
    match held.version(token) {
        Some(version) if value == Some(&version.value) => Ok(()),
        _ => Err(Fault::secret_exists(&held.name)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{Bench, token};

    #[test]
    fn a_secret_is_created_with_its_first_version_current() {
        let bench = Bench::new();
        let answer = bench.ok(
            "CreateSecret",
            &json!({"Name": "db", "ClientRequestToken": token(1), "SecretString": "one"}),
        );
        assert_eq!((&answer["Name"], &answer["VersionId"]), (&json!("db"), &json!(token(1))));
        let held = bench.ok("GetSecretValue", &json!({"SecretId": "db"}));
        assert_eq!(held["VersionStages"], json!(["AWSCURRENT"]));
    }

    #[test]
    fn a_secret_may_be_created_without_a_value() {
        let bench = Bench::new();
        let answer = bench.ok("CreateSecret", &json!({"Name": "db", "ClientRequestToken": token(1)}));
        assert_eq!(answer.get("VersionId"), None);
        let missing = "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT";
        bench.refuses("GetSecretValue", &json!({"SecretId": "db"}), "ResourceNotFoundException", missing);
        let described = bench.ok("DescribeSecret", &json!({"SecretId": "db"}));
        assert_eq!(described.get("VersionIdsToStages"), None);
        bench.put("db", 2, "two");
        assert_eq!(bench.value("db"), "two");
    }

    #[test]
    fn a_retried_creation_answers_as_the_first() {
        let bench = Bench::new();
        let body = json!({"Name": "db", "ClientRequestToken": token(1), "SecretString": "one"});
        assert_eq!(bench.ok("CreateSecret", &body), bench.ok("CreateSecret", &body));
    }

    #[test]
    fn a_taken_name_is_refused() {
        let bench = Bench::new();
        bench.create("db", 1, "one");
        let exists = "The operation failed because the secret db already exists.";
        for (id, text) in [(1, "other"), (2, "one")] {
            let body = json!({"Name": "db", "ClientRequestToken": token(id), "SecretString": text});
            bench.refuses("CreateSecret", &body, "ResourceExistsException", exists);
        }
        let body = json!({"Name": "db", "ClientRequestToken": token(1)});
        bench.refuses("CreateSecret", &body, "ResourceExistsException", exists);
        assert_eq!(bench.value("db"), "one");
    }

    #[test]
    fn a_bad_name_or_description_is_a_validation_error() {
        let bench = Bench::new();
        for (name, description, part) in [
            (json!(null), 1, "Value at 'name' failed to satisfy constraint: Member must not be null"),
            (json!(""), 1, "Member must have length greater than or equal to 1"),
            (json!("n".repeat(513)), 1, "Member must have length less than or equal to 512"),
            (json!("a b"), 1, "Invalid name."),
            (json!("db"), 2049, "Value at 'description'"),
        ] {
            let description = "d".repeat(description);
            let body = json!({"Name": name, "ClientRequestToken": token(1), "Description": description});
            bench.refuses("CreateSecret", &body, "ValidationException", part);
        }
    }
}
