use std::io::Write;

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE},
};
use flate2::{Compression, write::GzEncoder};

use super::*;

fn secret() -> String {
    format!("pw-{SECRET}-4711")
}

#[track_caller]
fn found(output: Output, text: &str) -> Leak {
    find(output, text.as_bytes()).unwrap_or_else(|| panic!("{text} is not found"))
}

#[test]
fn a_secret_is_found_in_every_form_in_which_it_can_come_out() {
    let secret = secret();
    let upper = secret.to_uppercase();
    let each = |form: &dyn Fn(u8) -> String| secret.bytes().map(form).collect::<String>();
    let percent = each(&|byte| format!("%{byte:02X}"));
    let escaped = each(&|byte| format!("\\u{byte:04x}"));
    let digits = hex::encode(&secret);
    let debug = format!("{:?}", secret.as_bytes());
    for form in [&secret, &upper, &percent, &escaped, &digits, &digits.to_uppercase(), &debug] {
        for output in [Output::Answer, Output::Log, Output::Stored] {
            assert!(found(output, &format!("so it went: {form}.")).what.starts_with("a secret"), "{form}");
        }
    }
}

#[test]
fn a_secret_is_found_wherever_in_base64_it_begins_and_in_both_alphabets() {
    for before in ["", "a", "ab", "abc", "user:", "tenant-a:"] {
        let pair = format!("{before}{}", secret());
        for encoded in [BASE64_STANDARD.encode(&pair), BASE64_URL_SAFE.encode(&pair)] {
            let leak = found(Output::Log, &format!("Basic {encoded}"));
            assert_eq!(leak.what, "a secret, as base64", "{before}");
        }
    }
}

#[test]
fn a_secret_is_found_in_what_is_packed() {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(secret().repeat(20).as_bytes()).unwrap();
    let packed = gzip.finish().unwrap();
    assert!(find(Output::Answer, &packed).is_some());
    assert!(find(Output::Answer, &[b"HTTP/1.1 200 OK\r\n\r\n", packed.as_slice()].concat()).is_some());
    assert_eq!(find(Output::Answer, &packed[..3]), None);
}

#[test]
fn tokens_keys_and_arns_are_found_by_their_form() {
    let arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:axonflow/finance/warehouse-AbCdEf";
    for text in [
        "-----BEGIN PRIVATE KEY-----\\nMC4C",
        "-----BEGIN RSA PRIVATE KEY-----",
        "AXON-eyJhbGciOiJFZERTQSJ9.e30.AAAA",
        "eyJhbGciOiJSUzI1NiJ9.e30.AAAA",
        "eyJ0eXAiOiJKV1QifQ.e30.AAAA",
        arn,
        "arn:aws-cn:secretsmanager:cn-north-1:1:secret:crm",
    ] {
        found(Output::Answer, text);
        found(Output::Log, text);
    }
    for text in [
        "arn:aws:secretsmanager:us-east-1:123456789012:secret:axonflow/...masked",
        "arn:aws:secretsmanager:us-east-1:123456789012:secret:...masked",
        "begins with arn:aws:secretsmanager:",
        "must be arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME",
        "-----BEGIN PUBLIC KEY-----",
        "c4n4ry",
        "",
    ] {
        assert_eq!(find(Output::Log, text.as_bytes()), None, "{text}");
    }
    // The record's own item names its secret.
    assert_eq!(find(Output::Stored, arn.as_bytes()), None);
}

#[test]
fn a_parameter_may_come_back_to_whoever_sent_it_and_go_nowhere_else() {
    let text = format!("no order {PARAMETER}-1");
    assert_eq!(find(Output::Answer, text.as_bytes()), None);
    found(Output::Log, &text);
    found(Output::Stored, &BASE64_STANDARD.encode(&text));
}

#[test]
fn what_has_no_marker_is_found_once_it_is_watched_for() {
    let text = "kR8s-unmarked-value";
    assert_eq!(find(Output::Answer, text.as_bytes()), None);
    take(&serde_json::json!({"username": "somebody-else", "nested": {"password": text}}).to_string());
    assert_eq!(found(Output::Answer, text).what, "a secret that was watched for");
    assert_eq!(find(Output::Answer, b"somebody-else"), None);
}

#[test]
fn a_report_shows_where_it_was_and_not_what_it_was() {
    let text = format!("level=info token={} connector=crm", secret());
    let leak = found(Output::Log, &text);
    assert_eq!(leak.around, "level=info token=pw-[…] connector=crm");
    assert_eq!(find(Output::Log, format!("{leak:?}").as_bytes()), None);
}
