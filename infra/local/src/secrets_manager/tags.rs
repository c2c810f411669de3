//! Tags, `TagResource` and `UntagResource`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    Desk, Operation,
    fault::{Fault, check_length},
};

const MAX_TAGS: usize = 50;
const MAX_KEY: usize = 128;
const MAX_VALUE: usize = 256;

/// A tag on the wire.
#[derive(Default, Deserialize, Serialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Tag {
    key: Option<String>,
    value: Option<String>,
}

/// Tags as they are stored. A tag without a value has the empty one.
pub(super) fn read_tags(tags: Vec<Tag>) -> Result<BTreeMap<String, String>, Fault> {
    let mut read = BTreeMap::new();
    for tag in tags {
        let key = tag.key.ok_or_else(|| Fault::required("tags.member.key"))?;
        let value = tag.value.unwrap_or_default();
        check_length("tags.member.key", &key, 1, MAX_KEY)?;
        check_length("tags.member.value", &value, 0, MAX_VALUE)?;
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(Fault::parameter("Tag keys that start with aws: are reserved."));
        }
        if read.insert(key, value).is_some() {
            return Err(Fault::parameter("Tag keys must be unique."));
        }
    }
    check_count(&read)?;
    Ok(read)
}

/// Tags as answers show them.
pub(super) fn show_tags(tags: &BTreeMap<String, String>) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag { key: Some(key.clone()), value: Some(value.clone()) }).collect()
}

fn check_count(tags: &BTreeMap<String, String>) -> Result<(), Fault> {
    if tags.len() > MAX_TAGS {
        return Err(Fault::parameter("A secret can have at most 50 tags."));
    }
    Ok(())
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct TagResource {
    secret_id: Option<String>,
    tags: Option<Vec<Tag>>,
}

impl Operation for TagResource {
    fn answer(self, desk: &mut Desk<'_>) -> Result<Value, Fault> {
        let tags = read_tags(self.tags.ok_or_else(|| Fault::required("tags"))?)?;
        let mut secret = desk.vault.find_live(self.secret_id.as_deref())?;
        secret.tags.extend(tags);
        check_count(&secret.tags)?;
        secret.changed = desk.now;
        desk.vault.save(secret)?;
        Ok(json!({}))
    }
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct UntagResource {
    secret_id: Option<String>,
    tag_keys: Option<Vec<String>>,
}

impl Operation for UntagResource {
    fn answer(self, desk: &mut Desk<'_>) -> Result<Value, Fault> {
        let keys = self.tag_keys.ok_or_else(|| Fault::required("tagKeys"))?;
        let mut secret = desk.vault.find_live(self.secret_id.as_deref())?;
        secret.tags.retain(|key, _| !keys.contains(key));
        secret.changed = desk.now;
        desk.vault.save(secret)?;
        Ok(json!({}))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::testing::{Bench, token};

    fn tags(bench: &Bench) -> Value {
        let mut described = bench.ok("DescribeSecret", &json!({"SecretId": "db"}));
        described["Tags"].take()
    }

    #[test]
    fn tags_are_added_overwritten_and_removed() {
        let bench = Bench::new();
        let body =
            json!({"Name": "db", "ClientRequestToken": token(1), "Tags": [{"Key": "team", "Value": "core"}]});
        bench.ok("CreateSecret", &body);
        let added = json!([{"Key": "env", "Value": "dev"}, {"Key": "team", "Value": "edge"}]);
        assert_eq!(bench.ok("TagResource", &json!({"SecretId": "db", "Tags": added})), json!({}));
        let bench = bench.reopen();
        assert_eq!(tags(&bench), added);
        let body = json!({"SecretId": "db", "TagKeys": ["env", "never"]});
        assert_eq!(bench.ok("UntagResource", &body), json!({}));
        assert_eq!(tags(&bench), json!([{"Key": "team", "Value": "edge"}]));
        bench.ok("UntagResource", &json!({"SecretId": "db", "TagKeys": ["team"]}));
        assert_eq!(tags(&bench), Value::Null);
    }

    #[test]
    fn a_secret_has_50_tags_and_not_one_more() {
        let bench = Bench::new();
        bench.create("db", 1, "one");
        let many = |range: std::ops::Range<u32>| {
            let tags: Vec<_> = range.map(|n| json!({"Key": format!("k{n}"), "Value": ""})).collect();
            json!({"SecretId": "db", "Tags": tags})
        };
        bench.refuses("TagResource", &many(0..51), "InvalidParameterException", "at most 50 tags");
        bench.ok("TagResource", &many(0..50));
        bench.refuses("TagResource", &many(50..51), "InvalidParameterException", "at most 50 tags");
        bench.ok("TagResource", &many(49..50));
    }

    #[test]
    fn bad_tags_are_refused() {
        let bench = Bench::new();
        bench.create("db", 1, "one");
        for (tags, kind, part) in [
            (json!(null), "ValidationException", "'tags'"),
            (json!([{"Value": "v"}]), "ValidationException", "'tags.member.key'"),
            (json!([{"Key": ""}]), "ValidationException", "'tags.member.key'"),
            (json!([{"Key": "k".repeat(129)}]), "ValidationException", "'tags.member.key'"),
            (json!([{"Key": "k", "Value": "v".repeat(257)}]), "ValidationException", "'tags.member.value'"),
            (json!([{"Key": "aws:x"}]), "InvalidParameterException", "reserved"),
            (json!([{"Key": "k"}, {"Key": "k"}]), "InvalidParameterException", "unique"),
        ] {
            bench.refuses("TagResource", &json!({"SecretId": "db", "Tags": tags}), kind, part);
        }
        bench.refuses("UntagResource", &json!({"SecretId": "db"}), "ValidationException", "'tagKeys'");
        let body = json!({"SecretId": "other", "TagKeys": []});
        bench.refuses("UntagResource", &body, "ResourceNotFoundException", "specified secret.");
    }
}
