//! The members by which a request brings a new value: the value, in one of two forms, and the token that
//! makes its retry harmless and becomes its version id.

use std::collections::BTreeSet;

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde::Deserialize;

use super::{
    fault::Fault,
    secret::{Secret, SecretValue, Version},
};

/// The most a value may have, in bytes.
const MAX_VALUE: usize = 65_536;

/// Those members, as they arrive. No `Debug`: it holds a value.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Content {
    client_request_token: Option<String>,
    secret_string: Option<String>,
    secret_binary: Option<String>,
}

impl Content {
    /// The token and, when the request brings one, the value.
    pub(super) fn read(self) -> Result<(String, Option<SecretValue>), Fault> {
        let token = self.client_request_token.ok_or_else(Fault::token_missing)?;
        if !(32..=64).contains(&token.chars().count()) {
            return Err(Fault::parameter("ClientRequestToken must be 32-64 characters long."));
        }
        let value = match (self.secret_string, self.secret_binary) {
            (None, None) => None,
            (Some(text), None) => {
                check_size("secretString", text.len())?;
                Some(SecretValue::Text(text))
            }
            (None, Some(base64)) => {
                let bytes = STANDARD.decode(base64).map_err(|_| Fault::serialization())?;
                check_size("secretBinary", bytes.len())?;
                Some(SecretValue::Binary(STANDARD.encode(bytes)))
            }
            (Some(_), Some(_)) => {
                let both = "You can't specify both a binary secret value and a string secret value in the \
                            same secret.";
                return Err(Fault::parameter(both));
            }
        };
        Ok((token, value))
    }
}

fn check_size(member: &str, bytes: usize) -> Result<(), Fault> {
    match bytes {
        0 => Err(Fault::constraint(member, "Member must have length greater than or equal to 1")),
        1..=MAX_VALUE => Ok(()),
        _ => Err(Fault::constraint(
            member,
            &format!("Member must have length less than or equal to {MAX_VALUE}"),
        )),
    }
}

impl Secret {
    /// Adds a version of that token, or finds it there already: then an equal value changes nothing, and
    /// another is refused. Says whether the secret changed.
    pub(super) fn put(
        &mut self,
        arn: &str,
        token: &str,
        value: SecretValue,
        stages: BTreeSet<String>,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        if let Some(held) = self.version(token) {
            return if held.value == value { Ok(false) } else { Err(Fault::token_in_use(token, arn)) };
        }
        self.add_version(Version { id: token.to_owned(), created: now, stages, value })?;
        self.changed = now;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{
        super::testing::{Bench, token},
        *,
    };

    #[test]
    fn a_text_may_have_65536_bytes_and_not_one_more() {
        let bench = Bench::new();
        bench.create("db", 1, &"x".repeat(MAX_VALUE));
        assert_eq!(bench.value("db"), "x".repeat(MAX_VALUE));
        let body =
            |text: &str| json!({"SecretId": "db", "ClientRequestToken": token(2), "SecretString": text});
        let rule = "Value at 'secretString' failed to satisfy constraint: Member must have length less than";
        bench.refuses("PutSecretValue", &body(&"x".repeat(MAX_VALUE + 1)), "ValidationException", rule);
        // Bytes count, not characters.
        bench.ok("PutSecretValue", &body(&"é".repeat(MAX_VALUE / 2)));
        bench.refuses("PutSecretValue", &body(&"é".repeat(MAX_VALUE / 2 + 1)), "ValidationException", rule);
    }

    #[test]
    fn bytes_may_be_65536_and_not_one_more() {
        let bench = Bench::new();
        let body = |size: usize| {
            let base64 = STANDARD.encode(vec![7; size]);
            json!({"Name": format!("db{size}"), "ClientRequestToken": token(1), "SecretBinary": base64})
        };
        bench.ok("CreateSecret", &body(MAX_VALUE));
        let rule = "Value at 'secretBinary' failed to satisfy constraint";
        bench.refuses("CreateSecret", &body(MAX_VALUE + 1), "ValidationException", rule);
        bench.refuses("CreateSecret", &body(0), "ValidationException", rule);
    }

    #[test]
    fn an_empty_text_is_refused() {
        let bench = Bench::new();
        let body = json!({"Name": "db", "ClientRequestToken": token(1), "SecretString": ""});
        bench.refuses("CreateSecret", &body, "ValidationException", "greater than or equal to 1");
    }

    #[test]
    fn bytes_that_are_not_base64_are_a_serialization_error() {
        let bench = Bench::new();
        let body = json!({"Name": "db", "ClientRequestToken": token(1), "SecretBinary": "?"});
        bench.refuses("CreateSecret", &body, "SerializationException", "");
    }

    #[test]
    fn a_value_has_one_form() {
        let bench = Bench::new();
        let body = json!({"Name": "db", "ClientRequestToken": token(1), "SecretString": "x",
            "SecretBinary": "eA=="});
        let both = "both a binary secret value and a string secret value";
        bench.refuses("CreateSecret", &body, "InvalidParameterException", both);
    }

    #[test]
    fn a_token_is_required_and_has_32_to_64_characters() {
        let bench = Bench::new();
        let missing = "You must provide a ClientRequestToken value. We recommend a UUID-type value.";
        bench.refuses("CreateSecret", &json!({"Name": "db"}), "InvalidRequestException", missing);
        for length in [31, 65] {
            let body = json!({"Name": "db", "ClientRequestToken": "t".repeat(length)});
            bench.refuses(
                "CreateSecret",
                &body,
                "InvalidParameterException",
                "must be 32-64 characters long",
            );
        }
        for length in [32, 64] {
            let name = format!("db{length}");
            bench.ok("CreateSecret", &json!({"Name": name, "ClientRequestToken": "t".repeat(length)}));
        }
    }
}
