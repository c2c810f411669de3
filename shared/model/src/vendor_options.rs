//! The options of the vendors' connectors, as data: from one row come the check of a record, what is taken for a slip,
//! and the form in the API's document.

use serde_json::{Map, Value};

use crate::{
    connector_type::ConnectorType,
    fault::{Fault, Pointer},
};

/// One option.
#[derive(Clone, Copy, Debug)]
pub struct VendorOption {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub rule: Rule,
    /// What it means, in one line.
    pub about: &'static str,
}

/// What an option holds.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// One of a few words.
    OneOf(&'static [&'static str]),
    /// Text of 1 to 255 characters, none of them a control character.
    Text,
    /// What a path or a host name can hold: letters, digits, `-`, `.` and `_`, up to 64.
    Word,
    /// A certificate in PEM.
    Certificate,
}

/// The longest [`Rule::Text`], in characters.
pub const TEXT_CHARS: usize = 255;
/// The longest [`Rule::Word`], in bytes.
pub const WORD_BYTES: usize = 64;

const fn option(name: &'static str, rule: Rule, about: &'static str) -> VendorOption {
    VendorOption { name, rule, about }
}

const CA: VendorOption = option(
    "ca_pem",
    Rule::Certificate,
    "The certificate of a private authority, in PEM, that the server's is verified by.",
);

const AMADEUS: &[VendorOption] = &[
    CA,
    option(
        "client_ref",
        Rule::Word,
        "Sent as `ama-client-ref` with every call, by which Amadeus finds it in its logs.",
    ),
    option(
        "environment",
        Rule::OneOf(&["production", "test"]),
        "Which of the vendor's well-known hosts, where connection_url names none.",
    ),
    option("guest_office_id", Rule::Word, "The office that acts, where the secret names none."),
];

const HUBSPOT: &[VendorOption] = &[
    option(
        "api_version",
        Rule::OneOf(&["2026-09", "2026-03", "v3"]),
        "The version of the API; `2026-09` unless given.",
    ),
    CA,
];

const JIRA: &[VendorOption] = &[
    option(
        "auth_type",
        Rule::OneOf(&["basic", "bearer", "oauth2_client_credentials"]),
        "How Jira is told who calls; if absent, what the secret holds decides.",
    ),
    CA,
    option("cloud_id", Rule::Word, "The site's cloud id: calls then go by Atlassian's gateway."),
    option("gateway_url", Rule::Text, "The gateway, where it is not https://api.atlassian.com."),
    option(
        "token_url",
        Rule::Text,
        "Where OAuth tokens come from, if not https://auth.atlassian.com/oauth/token.",
    ),
];

const SALESFORCE: &[VendorOption] = &[
    option("api_version", Rule::Word, "The version of the API, such as `66.0`, which it is unless given."),
    option(
        "auth_type",
        Rule::OneOf(&["client_credentials", "jwt_bearer"]),
        "How Salesforce is told who calls; if absent, what the secret holds decides.",
    ),
    CA,
];

const SERVICENOW: &[VendorOption] = &[
    option(
        "auth_type",
        Rule::OneOf(&[
            "api_key",
            "basic",
            "oauth2_client_credentials",
            "oauth2_password",
            "oauth2_refresh_token",
        ]),
        "How ServiceNow is told who calls; if absent, what the secret holds decides.",
    ),
    CA,
];

const SLACK: &[VendorOption] = &[CA];

/// The options of a vendor's type; none for other types, which have files of their own.
pub fn of(kind: ConnectorType) -> &'static [VendorOption] {
    match kind {
        ConnectorType::Amadeus => AMADEUS,
        ConnectorType::Hubspot => HUBSPOT,
        ConnectorType::Jira => JIRA,
        ConnectorType::Salesforce => SALESFORCE,
        ConnectorType::Servicenow => SERVICENOW,
        ConnectorType::Slack => SLACK,
        ConnectorType::Cassandra
        | ConnectorType::Custom
        | ConnectorType::Postgres
        | ConnectorType::Snowflake => &[],
    }
}

/// Reports every fault of the options that the type knows; others are the caller's own notes.
pub(crate) fn check(kind: ConnectorType, map: &Map<String, Value>, at: &Pointer, faults: &mut Vec<Fault>) {
    for option in of(kind) {
        let wrong = map.get(option.name).is_some_and(|value| !option.rule.holds(value));
        if wrong {
            faults.push(Fault::at(at.child(option.name), option.rule.says()));
        }
    }
}

impl Rule {
    fn holds(self, value: &Value) -> bool {
        let Some(text) = value.as_str() else { return false };
        match self {
            Self::OneOf(words) => words.contains(&text),
            Self::Text => {
                (1..=TEXT_CHARS).contains(&text.chars().count())
                    && !text.bytes().any(|byte| byte < b' ' || byte == 0x7f)
            }
            Self::Word => {
                let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
                // Dots alone would lead elsewhere.
                (1..=WORD_BYTES).contains(&text.len()) && text.bytes().all(plain) && !text.starts_with('.')
            }
            Self::Certificate => true,
        }
    }

    fn says(self) -> String {
        match self {
            Self::OneOf(words) => format!("must be one of {}", words.join(", ")),
            Self::Text => format!("must be text of 1 to {TEXT_CHARS} characters without control characters"),
            Self::Word => format!(
                "must be 1 to {WORD_BYTES} letters, digits, dots, hyphens and underscores, not a dot first"
            ),
            Self::Certificate => "must be a certificate in PEM".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn wrong(kind: ConnectorType, options: &Value) -> Vec<String> {
        let mut faults = Vec::new();
        check(kind, options.as_object().unwrap(), &Pointer::root(), &mut faults);
        faults.iter().map(|fault| fault.pointer.to_string()).collect()
    }

    #[test]
    fn each_rule_holds_on_both_sides() {
        let word = |bytes: usize| json!({ "cloud_id": "a".repeat(bytes) });
        assert!(wrong(ConnectorType::Jira, &word(WORD_BYTES)).is_empty());
        assert_eq!(wrong(ConnectorType::Jira, &word(WORD_BYTES + 1)), ["/cloud_id"]);
        for bad in [json!(""), json!("a/b"), json!(".."), json!("a b"), json!("ä"), json!(7), json!(null)] {
            assert_eq!(wrong(ConnectorType::Jira, &json!({ "cloud_id": bad })), ["/cloud_id"], "{bad}");
        }
        assert!(wrong(ConnectorType::Hubspot, &json!({"api_version": "2026-09", "note": 1})).is_empty());
        let bad = json!({"api_version": "v1", "ca_pem": 1});
        assert_eq!(wrong(ConnectorType::Hubspot, &bad), ["/api_version", "/ca_pem"]);
        let text = |text: &str| Rule::Text.holds(&json!(text));
        assert!(
            text(&"ä".repeat(TEXT_CHARS)) && !text(&"ä".repeat(TEXT_CHARS + 1)) && !text("") && !text("a\nb")
        );
        assert!(text("a b"));
    }

    #[test]
    fn a_refusal_says_what_would_be_right() {
        for (kind, name, says) in [
            (ConnectorType::Hubspot, "api_version", "must be one of 2026-09, 2026-03, v3"),
            (ConnectorType::Hubspot, "ca_pem", "must be a certificate in PEM"),
            (
                ConnectorType::Jira,
                "token_url",
                "must be text of 1 to 255 characters without control characters",
            ),
            (
                ConnectorType::Jira,
                "cloud_id",
                "must be 1 to 64 letters, digits, dots, hyphens and underscores, not a dot first",
            ),
        ] {
            let mut faults = Vec::new();
            check(kind, json!({ name: 1 }).as_object().unwrap(), &Pointer::root(), &mut faults);
            assert_eq!(faults, [Fault::at(Pointer::field(name), says)]);
        }
    }

    #[test]
    fn no_option_is_named_twice_or_names_a_credential() {
        for kind in ConnectorType::ALL {
            let names: Vec<&str> = of(kind).iter().map(|option| option.name).collect();
            assert!(names.is_sorted_by(|a, b| a < b), "{kind}: {names:?}");
            assert!(!names.iter().any(|name| crate::credential_names::names_credential(name)), "{kind}");
        }
    }
}
