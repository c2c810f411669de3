//! No fault and no debug output holds a value: any of them may be a credential.

use super::support::{connectors, read};
use proptest::prelude::*;

const CANARY: &str = "CANARY";

fn silent(file: &str, variables: &[(&str, &str)]) -> usize {
    let faults = read(file, variables).err().unwrap();
    let told = format!("{faults} {faults:?}");
    assert!(!told.to_ascii_uppercase().contains(CANARY), "{told}");
    faults.iter().count()
}

#[test]
fn no_fault_of_the_file_quotes_a_value() {
    for lines in [
        "    credentials: CANARY",
        "    credentials: [CANARY]",
        "    credentials: {token: {inner: CANARY}}",
        "    credentials: {token: '${NOPE}CANARY'}",
        "    credentials: {token: '${NOPE:-CANARY'}",
        "    credentials: {token: '${NOPE-CANARY}'}",
        "    credentials: {token: '${-CANARY}'}",
        "    credentials: {token: '${C:-${CANARY_DEFAULT}}'}",
        "    credentials: {token: !CANARY x}",
        "    credentials: {token: CANARY, token: CANARY}",
        "    credentials: {token: @CANARY}",
        "    credentials: {token: \"CANARY}",
        "    credentials: {token: \"\\qCANARY\"}",
        "    credentials: {token: *CANARY}",
        "    credentials: {token: ${C}}",
        "    credentials: {token: CANARY}\n    credentials_secret_arn: CANARY",
        "    credentials_secret_arn: ${C}",
        "    connection_url: https://user:${C}@h.example.com",
        "    connection_url: CANARY",
        "    options: {password: CANARY}",
        "    options: {headers: {X: [CANARY]}}\n    type: custom",
        "    options: CANARY",
        "    timeout_ms: CANARY",
        "    max_retries: ${C}",
        "    enabled: CANARY",
        "    tenant_id: '/CANARY'",
        "    name: 'CANARY/'",
        "    display_name: [CANARY]",
    ] {
        let file = connectors(&format!("  a:\n    type: slack\n{lines}\n"));
        assert!(silent(&file, &[("C", CANARY)]) > 0, "{lines}");
    }
    silent(&connectors("  a: {type: CANARY}\n  b: CANARY\n").replace("1.0", CANARY), &[]);
}

#[test]
fn no_fault_of_a_variable_quotes_its_value() {
    for suffix in ["TYPE", "URL", "TENANT_ID", "TIMEOUT", "MAX_RETRIES", "SECRET_ARN", "OPTIONS_JSON", "NOPE"]
    {
        for value in ["CANARY/", "{\"CANARY", "[\"CANARY\"]"] {
            assert!(silent("", &[(&format!("MCP_SLACK_{suffix}"), value)]) > 0, "{suffix}");
        }
    }
    let twice = [("MCP_SLACK_BOT_TOKEN", CANARY), ("MCP_SLACK_TOKEN", CANARY)];
    assert!(silent("", &twice) > 0);
}

proptest! {
    #[test]
    fn no_broken_document_quotes_a_credential(at in 0_usize..200, noise in r#"[-:{}\[\]&!|>'"%@`#?,\n\t]{1,4}"#) {
        let mut file = connectors("  a:\n    type: slack\n    credentials:\n      token: CANARY\n      b: \"CANARY\"\n      c: |\n        CANARY\n");
        file.insert_str(at.min(file.len()), &noise);
        if let Err(faults) = read(&file, &[]) {
            // A part of a value can become a key, and a key is named; the whole never stands in a fault's reason.
            let whys: Vec<_> = faults.iter().map(|fault| fault.why.clone()).collect();
            prop_assert!(!whys.iter().any(|why| why.contains(CANARY)), "{:?}", whys);
        }
    }
}
