//! `ListSecrets`.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    Desk, Operation, body,
    fault::Fault,
    page::{Order, key_by_date, page},
    read::Facts,
    secret::Secret,
};

const MAX_FILTERS: usize = 10;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct ListSecrets {
    filters: Option<Vec<Filter>>,
    include_planned_deletion: Option<bool>,
    max_results: Option<i64>,
    next_token: Option<String>,
    sort_by: Option<String>,
    sort_order: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Filter {
    key: Option<String>,
    values: Option<Vec<String>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Listed<'a> {
    #[serde(flatten)]
    facts: Facts<'a>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    secret_versions_to_stages: BTreeMap<String, BTreeSet<String>>,
}

impl Operation for ListSecrets {
    fn answer(self, desk: &mut Desk<'_>) -> Result<Value, Fault> {
        let sort = Sort::read(self.sort_by.as_deref())?;
        let order = read_order(self.sort_order.as_deref())?;
        let filters = self.filters.unwrap_or_default();
        if filters.len() > MAX_FILTERS {
            return Err(Fault::constraint("filters", "Member must have length less than or equal to 10"));
        }
        let tests = filters.into_iter().map(Filter::read).collect::<Result<Vec<_>, _>>()?;
        let planned = self.include_planned_deletion.unwrap_or_default();
        let chosen = desk
            .vault
            .all()
            .filter(|secret| planned || secret.deletion.is_none())
            .filter(|secret| tests.iter().all(|test| test.admits(secret)))
            .map(|secret| (sort.key(secret), secret))
            .collect();
        let page = page(chosen, order, self.max_results, self.next_token.as_deref())?;
        let listed: Vec<_> = page
            .items
            .into_iter()
            .map(|secret| Listed {
                facts: Facts::new(desk.vault, secret),
                secret_versions_to_stages: secret.stages(),
            })
            .collect();
        Ok(json!({ "SecretList": body(&listed)?, "NextToken": page.next_token }))
    }
}

enum Sort {
    Created,
    Changed,
    Name,
}

impl Sort {
    /// Accesses are not recorded here, so an order by them is refused rather than invented.
    fn read(text: Option<&str>) -> Result<Self, Fault> {
        match text {
            None | Some("created-date") => Ok(Self::Created),
            Some("last-changed-date") => Ok(Self::Changed),
            Some("name") => Ok(Self::Name),
            Some(_) => {
                let rule = "Member must satisfy enum value set: [created-date, last-changed-date, name]";
                Err(Fault::constraint("sortBy", rule))
            }
        }
    }

    fn key(&self, secret: &Secret) -> String {
        match self {
            Self::Created => key_by_date(secret.created, &secret.name),
            Self::Changed => key_by_date(secret.changed, &secret.name),
            Self::Name => secret.name.clone(),
        }
    }
}

fn read_order(text: Option<&str>) -> Result<Order, Fault> {
    match text {
        None | Some("asc") => Ok(Order::Ascending),
        Some("desc") => Ok(Order::Descending),
        Some(_) => Err(Fault::constraint("sortOrder", "Member must satisfy enum value set: [desc, asc]")),
    }
}

enum Field {
    Description,
    Name,
    TagKey,
    TagValue,
}

/// A filter, read: some wanted prefix (when there is one) and no unwanted prefix.
struct Test {
    field: Field,
    wanted: Vec<String>,
    unwanted: Vec<String>,
}

impl Filter {
    fn read(self) -> Result<Test, Fault> {
        let field = match self.key.as_deref() {
            None => return Err(Fault::required("filters.member.key")),
            Some("description") => Field::Description,
            Some("name") => Field::Name,
            Some("tag-key") => Field::TagKey,
            Some("tag-value") => Field::TagValue,
            Some(_) => {
                let rule = "Member must satisfy enum value set: [description, name, tag-key, tag-value]";
                return Err(Fault::constraint("filters.member.key", rule));
            }
        };
        let values = self.values.unwrap_or_default();
        if values.is_empty() {
            let rule = "Member must have length greater than or equal to 1";
            return Err(Fault::constraint("filters.member.values", rule));
        }
        let (unwanted, wanted): (Vec<_>, Vec<_>) =
            values.into_iter().partition(|value| value.starts_with('!'));
        let unwanted = unwanted.iter().map(|value| value.trim_start_matches('!').to_owned()).collect();
        Ok(Test { field, wanted, unwanted })
    }
}

impl Test {
    fn admits(&self, secret: &Secret) -> bool {
        let has = |prefix: &String| self.has_prefix(secret, prefix);
        (self.wanted.is_empty() || self.wanted.iter().any(has)) && !self.unwanted.iter().any(has)
    }

    /// Only descriptions match whatever their case.
    fn has_prefix(&self, secret: &Secret, prefix: &str) -> bool {
        match self.field {
            Field::Name => secret.name.starts_with(prefix),
            Field::TagKey => secret.tags.keys().any(|key| key.starts_with(prefix)),
            Field::TagValue => secret.tags.values().any(|value| value.starts_with(prefix)),
            Field::Description => secret
                .description
                .as_ref()
                .is_some_and(|text| text.to_lowercase().starts_with(&prefix.to_lowercase())),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::testing::{Bench, token};

    fn names(answer: &Value) -> Vec<&str> {
        let listed = answer["SecretList"].as_array().unwrap();
        listed.iter().map(|entry| entry["Name"].as_str().unwrap()).collect()
    }

    #[test]
    fn secrets_are_listed_page_by_page_each_once() {
        let bench = Bench::new();
        for id in 1..=5 {
            bench.create(&format!("s{id}"), id, "hunter2");
        }
        let mut seen = Vec::new();
        let mut token = Value::Null;
        loop {
            let page = bench.ok("ListSecrets", &json!({"MaxResults": 2, "NextToken": token}));
            assert!(!page.to_string().contains("hunter2"));
            seen.extend(names(&page).into_iter().map(str::to_owned));
            // A secret that goes between two pages takes no other with it.
            bench.call("DeleteSecret", &json!({"SecretId": "s2", "ForceDeleteWithoutRecovery": true}));
            let Some(next) = page.get("NextToken") else { break };
            token = next.clone();
        }
        assert_eq!(seen, ["s1", "s2", "s3", "s4", "s5"]);
    }

    #[test]
    fn an_exact_last_page_promises_no_other() {
        let bench = Bench::new();
        bench.create("s1", 1, "x");
        bench.create("s2", 2, "x");
        assert_eq!(bench.ok("ListSecrets", &json!({"MaxResults": 2})).get("NextToken"), None);
    }

    #[test]
    fn filters_match_prefixes_and_exclude_them() {
        let bench = Bench::new();
        bench.create("tenant-a/db", 1, "x");
        bench.create("tenant-a/mail", 2, "x");
        bench.create("tenant-b/db", 3, "x");
        let tags = json!([{"Key": "team", "Value": "core"}]);
        bench.ok("TagResource", &json!({"SecretId": "tenant-b/db", "Tags": tags}));
        let body =
            json!({"SecretId": "tenant-a/db", "ClientRequestToken": token(9), "Description": "Main DB"});
        bench.ok("UpdateSecret", &body);
        for (filters, expected) in [
            (json!([{"Key": "name", "Values": ["tenant-a/"]}]), vec!["tenant-a/db", "tenant-a/mail"]),
            (
                json!([{"Key": "name", "Values": ["tenant-a/m", "tenant-b"]}]),
                vec!["tenant-a/mail", "tenant-b/db"],
            ),
            (json!([{"Key": "name", "Values": ["tenant-a", "!tenant-a/m"]}]), vec!["tenant-a/db"]),
            (json!([{"Key": "name", "Values": ["!tenant-a"]}]), vec!["tenant-b/db"]),
            (json!([{"Key": "name", "Values": ["db"]}]), vec![]),
            (json!([{"Key": "tag-key", "Values": ["te"]}]), vec!["tenant-b/db"]),
            (json!([{"Key": "tag-value", "Values": ["core"]}]), vec!["tenant-b/db"]),
            (json!([{"Key": "description", "Values": ["main"]}]), vec!["tenant-a/db"]),
            (
                json!([{"Key": "name", "Values": ["tenant-a"]}, {"Key": "tag-key", "Values": ["team"]}]),
                vec![],
            ),
        ] {
            let body = json!({"Filters": filters, "SortBy": "name"});
            assert_eq!(names(&bench.ok("ListSecrets", &body)), expected, "{filters}");
        }
    }

    #[test]
    fn the_order_is_by_creation_unless_asked_otherwise() {
        let bench = Bench::new();
        for (name, id) in [("b", 1), ("a", 2), ("c", 3)] {
            bench.create(name, id, "x");
            bench.clock.advance_millis(1);
        }
        bench.put("b", 4, "y");
        for (query, expected) in [
            (json!({}), ["b", "a", "c"]),
            (json!({"SortOrder": "desc"}), ["c", "a", "b"]),
            (json!({"SortBy": "name"}), ["a", "b", "c"]),
            (json!({"SortBy": "last-changed-date"}), ["a", "c", "b"]),
        ] {
            assert_eq!(names(&bench.ok("ListSecrets", &query)), expected, "{query}");
        }
    }

    #[test]
    fn secrets_to_be_deleted_are_listed_on_request() {
        let bench = Bench::new();
        bench.create("db", 1, "x");
        bench.ok("DeleteSecret", &json!({"SecretId": "db"}));
        assert!(names(&bench.ok("ListSecrets", &json!({}))).is_empty());
        let listed = bench.ok("ListSecrets", &json!({"IncludePlannedDeletion": true}));
        assert_eq!(names(&listed), ["db"]);
        assert!(listed["SecretList"][0]["DeletedDate"].is_number());
    }

    #[test]
    fn bad_parameters_are_refused() {
        let bench = Bench::new();
        for (body, kind) in [
            (json!({"MaxResults": 0}), "ValidationException"),
            (json!({"MaxResults": 101}), "ValidationException"),
            (json!({"MaxResults": -1}), "ValidationException"),
            (json!({"NextToken": "?"}), "InvalidNextTokenException"),
            (json!({"NextToken": "_w"}), "InvalidNextTokenException"),
            (json!({"SortBy": "size"}), "ValidationException"),
            (json!({"SortOrder": "up"}), "ValidationException"),
            (json!({"Filters": [{"Key": "size", "Values": ["1"]}]}), "ValidationException"),
            (json!({"Filters": [{"Key": "name"}]}), "ValidationException"),
            (json!({"Filters": [{"Values": ["a"]}]}), "ValidationException"),
            (json!({"Filters": vec![json!({"Key": "name", "Values": ["a"]}); 11]}), "ValidationException"),
        ] {
            bench.refuses("ListSecrets", &body, kind, "");
        }
    }
}
