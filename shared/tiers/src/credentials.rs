//! Credentials that a tier holds itself, as the JSON text of a secret: what connects to a vendor reads one shape,
//! wherever it comes from.

use model::connector_type::ConnectorType;
use zeroize::Zeroizing;

/// The largest text that Secrets Manager would hold, in bytes.
pub(crate) const MAX_BYTES: usize = 65_536;

/// The JSON object of the pairs; none where it is larger than a secret can be.
pub(crate) fn json(pairs: &[(&str, Zeroizing<String>)]) -> Option<Zeroizing<String>> {
    // Escaped, a byte takes up to six; with the room taken at once, no copy of the text stays behind.
    let room: usize = pairs.iter().map(|(key, value)| 6 * (key.len() + value.len()) + 6).sum();
    let mut text = Zeroizing::new(Vec::with_capacity(room + 2));
    let mut start = b'{';
    for (key, value) in pairs {
        text.push(start);
        serde_json::to_writer(&mut *text, key).ok()?;
        text.push(b':');
        serde_json::to_writer(&mut *text, value.as_str()).ok()?;
        start = b',';
    }
    if pairs.is_empty() {
        text.push(start);
    }
    text.push(b'}');
    if text.len() > MAX_BYTES {
        return None;
    }
    String::from_utf8(std::mem::take(&mut *text)).ok().map(Zeroizing::new)
}

/// What a variable's suffix and a secret's key have to do with each other, by type. The keys are the ones that the
/// vendor's secrets have; the suffixes are how variables spell them.
pub(crate) fn suffixes(kind: ConnectorType) -> &'static [(&'static str, &'static str)] {
    match kind {
        ConnectorType::Postgres => {
            &[("USERNAME", "username"), ("USER", "username"), ("PASSWORD", "password")]
        }
        ConnectorType::Cassandra => &[
            ("USERNAME", "username"),
            ("USER", "username"),
            ("PASSWORD", "password"),
            ("LOCAL_DC", "local_dc"),
        ],
        ConnectorType::Salesforce => &[
            ("CLIENT_ID", "client_id"),
            ("CLIENT_SECRET", "client_secret"),
            ("INSTANCE_URL", "instance_url"),
            ("CONSUMER_KEY", "consumerKey"),
            ("CONSUMER_SECRET", "consumerSecret"),
            ("BASE_URI", "baseUri"),
            ("USERNAME", "username"),
            ("PRIVATE_KEY", "privateKey"),
            ("PASSPHRASE", "passphrase"),
            ("AUDIENCE", "audience"),
        ],
        ConnectorType::Amadeus => &[
            ("CLIENT_ID", "client_id"),
            ("CLIENT_SECRET", "client_secret"),
            ("API_KEY", "api_key"),
            ("API_SECRET", "api_secret"),
            ("GUEST_OFFICE_ID", "guest_office_id"),
        ],
        ConnectorType::Slack => &[
            ("BOT_TOKEN", "bot_token"),
            ("TOKEN", "bot_token"),
            ("ACCESS_TOKEN", "access_token"),
            ("SIGNING_SECRET", "signing_secret"),
        ],
        ConnectorType::Snowflake => &[
            ("ACCOUNT", "account"),
            ("USER", "user"),
            ("USERNAME", "user"),
            ("PRIVATE_KEY", "privateKey"),
            ("PASSPHRASE", "passphrase"),
            ("TOKEN", "token"),
        ],
        ConnectorType::Custom => &[
            ("TOKEN", "token"),
            ("API_KEY", "api_key"),
            ("HEADER", "header"),
            ("USERNAME", "username"),
            ("PASSWORD", "password"),
            ("CLIENT_ID", "client_id"),
            ("CLIENT_SECRET", "client_secret"),
            ("TOKEN_URL", "token_url"),
            ("SCOPE", "scope"),
        ],
        ConnectorType::Hubspot => &[
            ("ACCESS_TOKEN", "access_token"),
            ("TOKEN", "access_token"),
            ("CLIENT_ID", "client_id"),
            ("CLIENT_SECRET", "client_secret"),
            ("REFRESH_TOKEN", "refresh_token"),
        ],
        ConnectorType::Jira => &[
            ("EMAIL", "email"),
            ("API_TOKEN", "api_token"),
            ("TOKEN", "api_token"),
            ("BEARER_TOKEN", "token"),
            ("CLOUD_ID", "cloud_id"),
            ("CLIENT_ID", "client_id"),
            ("CLIENT_SECRET", "client_secret"),
        ],
        ConnectorType::Servicenow => &[
            ("USERNAME", "username"),
            ("PASSWORD", "password"),
            ("CLIENT_ID", "client_id"),
            ("CLIENT_SECRET", "client_secret"),
            ("REFRESH_TOKEN", "refresh_token"),
            ("SCOPE", "scope"),
            ("API_KEY", "api_key"),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn of(pairs: &[(&str, &str)]) -> Option<Value> {
        let pairs: Vec<_> =
            pairs.iter().map(|(key, value)| (*key, Zeroizing::new((*value).to_owned()))).collect();
        json(&pairs).map(|text| serde_json::from_str(&text).unwrap())
    }

    #[test]
    fn credentials_are_a_json_object_of_strings() {
        assert_eq!(of(&[]), Some(json!({})));
        assert_eq!(
            of(&[("token", "a\"\n"), ("port", "5432")]),
            Some(json!({"token": "a\"\n", "port": "5432"}))
        );
    }

    #[test]
    fn a_secrets_65536_bytes_fit_and_one_more_does_not() {
        let overhead = r#"{"a":""}"#.len();
        assert!(of(&[("a", &"x".repeat(MAX_BYTES - overhead))]).is_some());
        assert!(of(&[("a", &"x".repeat(MAX_BYTES - overhead + 1))]).is_none());
    }

    proptest! {
        #[test]
        fn the_room_taken_at_first_is_enough(key in ".{0,9}", value in r"(\PC|[\x00-\x1f]){0,30}") {
            let text = json(&[(&key, Zeroizing::new(value.clone()))]).unwrap();
            prop_assert!(text.len() <= 6 * (key.len() + value.len()) + 8);
            prop_assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), json!({ key: value }));
        }
    }
}
