//! Functions that do more than give a value. Snowflake has no read-only transaction, so this list is the wall behind
//! the kinds of statement, and the role's rights are the one behind it. What a user-defined or external function
//! does can't be told from its name: who may call one is for the role's rights to say.

use crate::sql::Effect;

/// `SYSTEM$` functions that only give a value; every other acts on the account, waits, or hands out credentials.
const HARMLESS: &[&str] = &["system$typeof"];

/// They run SQL that they get as text, or give what another call was given.
const RUNS_TEXT: &[&str] = &["to_query", "result_scan"];

/// Models that can be called without their schema.
const MODELS: &str = "
    classify_text embed_text_768 embed_text_1024 entity_sentiment extract_answer finetune parse_document
    search_preview split_text_markdown_header split_text_recursive_character try_complete
";

/// What a call of a function does. Names in quotes are folded too: to the server `"SYSTEM$WAIT"` is the same.
pub(super) fn effect(schema: Option<&str>, name: &str) -> Effect {
    let name = name.to_ascii_lowercase();
    let schema = schema.unwrap_or_default().to_ascii_lowercase();
    if name.starts_with("system$") && !HARMLESS.contains(&name.as_str()) {
        return Effect::Refused("it acts on the account, its sessions or its credentials");
    }
    if name.starts_with("ai_")
        || schema.starts_with("cortex")
        || MODELS.split_whitespace().any(|model| model == name)
    {
        return Effect::Refused("it sends data to a model, and each call costs money");
    }
    if name == "get_presigned_url" {
        return Effect::Refused("it gives access to files to whoever has the answer; read the files instead");
    }
    if RUNS_TEXT.contains(&name.as_str()) {
        return Effect::Refused(
            "what it runs, or ran, stands nowhere to be judged; send that statement itself",
        );
    }
    if name == "getnextval" { Effect::Writes } else { Effect::None }
}

/// What a name behind a full stop does, where it is no call.
pub(super) fn member(name: &str) -> Effect {
    if name.eq_ignore_ascii_case("nextval") { Effect::Writes } else { Effect::None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_told_apart_by_what_they_do() {
        for name in
            ["random", "uuid_string", "current_timestamp", "translate", "system$typeof", "SYSTEM$TYPEOF"]
        {
            assert_eq!(effect(None, name), Effect::None, "{name}");
        }
        assert_eq!(effect(Some("public"), "GetNextVal"), Effect::Writes);
        for name in ["system$wait", "SYSTEM$CANCEL_ALL_QUERIES", "ai_complete", "to_query", "result_scan"] {
            assert!(matches!(effect(None, name), Effect::Refused(_)), "{name}");
        }
        for name in ["complete", "translate", "anything"] {
            assert!(matches!(effect(Some("CORTEX"), name), Effect::Refused(_)), "{name}");
        }
    }

    #[test]
    fn a_sequence_moves_on_where_its_next_value_is_named() {
        assert_eq!(member("nextval"), Effect::Writes);
        assert_eq!(member("NEXTVAL"), Effect::Writes);
        assert_eq!(member("next_value"), Effect::None);
    }
}
