//! The operations that read one secret: `GetSecretValue`, `DescribeSecret` and `ListSecretVersionIds`.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    Desk, Operation, body,
    fault::{Fault, check_length},
    page::{Order, key_by_date, page},
    seconds,
    secret::{CURRENT, Secret, SecretValue, Version},
    tags::{Tag, show_tags},
    vault::Vault,
};

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct GetSecretValue {
    secret_id: Option<String>,
    version_id: Option<String>,
    version_stage: Option<String>,
}

/// No `Debug`: it holds a value.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct HeldValue<'a> {
    #[serde(rename = "ARN")]
    arn: String,
    name: &'a str,
    version_id: &'a str,
    version_stages: &'a BTreeSet<String>,
    created_date: f64,
    #[serde(flatten)]
    value: &'a SecretValue,
}

impl Operation for GetSecretValue {
    fn answer(self, desk: &mut Desk<'_>) -> Result<Value, Fault> {
        let secret = desk.vault.find(self.secret_id.as_deref())?;
        secret.check_live()?;
        let version = self.choose(secret)?;
        body(&HeldValue {
            arn: desk.vault.arn(secret),
            name: &secret.name,
            version_id: &version.id,
            version_stages: &version.stages,
            created_date: seconds(version.created),
            value: &version.value,
        })
    }
}

impl GetSecretValue {
    fn choose<'a>(&self, secret: &'a Secret) -> Result<&'a Version, Fault> {
        let Some(id) = &self.version_id else {
            let stage = self.version_stage.as_deref().unwrap_or(CURRENT);
            return secret.version_at(stage).ok_or_else(|| Fault::stage_not_found(stage));
        };
        check_length("versionId", id, 32, 64)?;
        let version = secret.version(id).ok_or_else(|| Fault::version_not_found(id))?;
        let labelled = self.version_stage.as_ref().is_none_or(|stage| version.stages.contains(stage));
        if labelled { Ok(version) } else { Err(Fault::stage_mismatch()) }
    }
}

/// What is told of a secret without its value.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Facts<'a> {
    #[serde(rename = "ARN")]
    arn: String,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kms_key_id: Option<&'a str>,
    created_date: f64,
    last_changed_date: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted_date: Option<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<Tag>,
}

impl<'a> Facts<'a> {
    pub(super) fn new(vault: &Vault, secret: &'a Secret) -> Self {
        Self {
            arn: vault.arn(secret),
            name: &secret.name,
            description: secret.description.as_deref(),
            kms_key_id: secret.kms_key_id.as_deref(),
            created_date: seconds(secret.created),
            last_changed_date: seconds(secret.changed),
            deleted_date: secret.deletion.map(seconds),
            tags: show_tags(&secret.tags),
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct DescribeSecret {
    secret_id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Described<'a> {
    #[serde(flatten)]
    facts: Facts<'a>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    version_ids_to_stages: BTreeMap<String, BTreeSet<String>>,
}

impl Operation for DescribeSecret {
    fn answer(self, desk: &mut Desk<'_>) -> Result<Value, Fault> {
        let secret = desk.vault.find(self.secret_id.as_deref())?;
        body(&Described { facts: Facts::new(desk.vault, secret), version_ids_to_stages: secret.stages() })
    }
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct ListSecretVersionIds {
    secret_id: Option<String>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

impl Operation for ListSecretVersionIds {
    fn answer(self, desk: &mut Desk<'_>) -> Result<Value, Fault> {
        let secret = desk.vault.find(self.secret_id.as_deref())?;
        let versions = secret
            .versions
            .iter()
            .map(|version| (key_by_date(version.created, &version.id), version))
            .collect();
        let page = page(versions, Order::Ascending, self.max_results, self.next_token.as_deref())?;
        let versions: Vec<_> = page
            .items
            .into_iter()
            .map(|version| {
                json!({
                    "VersionId": version.id,
                    "VersionStages": version.stages,
                    "CreatedDate": seconds(version.created),
                })
            })
            .collect();
        Ok(json!({
            "ARN": desk.vault.arn(secret),
            "Name": secret.name,
            "Versions": versions,
            "NextToken": page.next_token,
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{Bench, START, token};

    #[test]
    fn bytes_come_back_as_they_were_put() {
        let bench = Bench::new();
        bench.ok(
            "CreateSecret",
            &json!({"Name": "key", "ClientRequestToken": token(1), "SecretBinary": "AAH/"}),
        );
        let held = bench.reopen().ok("GetSecretValue", &json!({"SecretId": "key"}));
        assert_eq!(held["SecretBinary"], "AAH/");
        assert_eq!(held.get("SecretString"), None);
    }

    #[test]
    fn a_value_is_read_by_version_id_by_label_or_by_both() {
        let bench = Bench::new();
        bench.create("db", 1, "one");
        bench.put("db", 2, "two");
        for (query, text) in [
            (json!({"SecretId": "db"}), "two"),
            (json!({"SecretId": "db", "VersionStage": "AWSPREVIOUS"}), "one"),
            (json!({"SecretId": "db", "VersionId": token(1)}), "one"),
            (json!({"SecretId": "db", "VersionId": token(2), "VersionStage": "AWSCURRENT"}), "two"),
        ] {
            assert_eq!(bench.ok("GetSecretValue", &query)["SecretString"], text, "{query}");
        }
        let body = json!({"SecretId": "db", "VersionId": token(1), "VersionStage": "AWSCURRENT"});
        let mismatch = "You provided a VersionStage that is not associated to the provided VersionId.";
        bench.refuses("GetSecretValue", &body, "InvalidRequestException", mismatch);
    }

    #[test]
    fn a_missing_secret_version_or_label_is_not_found() {
        let bench = Bench::new();
        bench.create("db", 1, "one");
        let id = token(9);
        for (query, part) in [
            (json!({"SecretId": "other"}), "Secrets Manager can't find the specified secret.".to_owned()),
            (json!({"SecretId": "db", "VersionStage": "blue"}), "value for staging label: blue".to_owned()),
            (json!({"SecretId": "db", "VersionId": id}), format!("value for VersionId: {id}")),
        ] {
            bench.refuses("GetSecretValue", &query, "ResourceNotFoundException", &part);
        }
        let body = json!({"SecretId": "db", "VersionId": "short"});
        bench.refuses("GetSecretValue", &body, "ValidationException", "'versionId'");
    }

    #[test]
    fn dates_are_epoch_seconds_with_milliseconds() {
        let bench = Bench::new();
        bench.create("db", 1, "one");
        bench.clock.advance_millis(1500);
        bench.put("db", 2, "two");
        let described = bench.ok("DescribeSecret", &json!({"SecretId": "db"}));
        assert_eq!(described["CreatedDate"], json!(START));
        assert_eq!(described["LastChangedDate"], json!(START + 1.5));
        let held = bench.ok("GetSecretValue", &json!({"SecretId": "db"}));
        assert_eq!(held["CreatedDate"], json!(START + 1.5));
    }

    #[test]
    fn a_description_tells_everything_but_the_value() {
        let bench = Bench::new();
        bench.ok(
            "CreateSecret",
            &json!({"Name": "db", "ClientRequestToken": token(1), "SecretString": "hunter2",
                "Description": "main", "KmsKeyId": "alias/k", "Tags": [{"Key": "team", "Value": "core"}]}),
        );
        let described = bench.ok("DescribeSecret", &json!({"SecretId": "db"}));
        assert_eq!(described["Description"], "main");
        assert_eq!(described["KmsKeyId"], "alias/k");
        assert_eq!(described["Tags"], json!([{"Key": "team", "Value": "core"}]));
        assert_eq!(described["VersionIdsToStages"], json!({token(1): ["AWSCURRENT"]}));
        assert_eq!(described.get("DeletedDate"), None);
        assert!(!described.to_string().contains("hunter2"));
    }

    #[test]
    fn versions_are_listed_page_by_page() {
        let bench = Bench::new();
        bench.create("db", 1, "one");
        bench.put("db", 2, "two");
        let first = bench.ok("ListSecretVersionIds", &json!({"SecretId": "db", "MaxResults": 1}));
        assert_eq!(
            first["Versions"],
            json!([{"VersionId": token(1), "VersionStages": ["AWSPREVIOUS"], "CreatedDate": START}])
        );
        let body = json!({"SecretId": "db", "MaxResults": 1, "NextToken": first["NextToken"]});
        let second = bench.ok("ListSecretVersionIds", &body);
        assert_eq!(second["Versions"][0]["VersionId"], token(2));
        assert_eq!(second.get("NextToken"), None);
        assert_eq!(second["Name"], "db");
    }
}
