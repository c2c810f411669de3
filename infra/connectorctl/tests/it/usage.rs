//! Bad input: refused with status 2 before anything is done, with a word on what would be right.

use std::process::Stdio;

use crate::support::Desk;

#[tokio::test]
async fn bad_input_is_wrong_usage_and_says_what_would_be_right() {
    let mut desk = Desk::bare();
    desk.done("keys generate --private k.pem --public k.json").await;
    // Nothing of this is ever sent anywhere.
    desk.set("AWS_ENDPOINT_URL", Some("http://127.0.0.1:1"));
    let issue = "license issue --key k.pem --subject s --tenant t --scope query";
    let without = |part: &str| issue.replace(part, "");
    let long = |length: usize| "x".repeat(length);
    for (line, words) in [
        (without(" --key k.pem"), vec!["--key"]),
        (without(" --subject s"), vec!["--subject"]),
        (without(" --tenant t"), vec!["--tenant"]),
        (without(" --scope query"), vec!["--scope"]),
        (format!("{issue} --scope write"), vec!["write", "refresh", "stats", "query", "execute"]),
        (format!("{issue} --tenant '*'"), vec!["alone"]),
        (format!("{issue} --tenant 'a b'"), vec!["a b", "A-Z"]),
        (format!("{issue} --connector 'c*m'"), vec!["c*m", "at the end"]),
        (format!("{issue} --expires tomorrow"), vec!["tomorrow", "90d", "2026-12-31"]),
        (format!("{issue} --expires -1d"), vec!["-1"]),
        (format!("{issue} --expires 0d"), vec!["ahead"]),
        (format!("{issue} --expires 2020-01-01"), vec!["ahead"]),
        (format!("{issue} --expires 9000y"), vec!["calendar"]),
        (format!("{issue} --id ''"), vec!["--id"]),
        (format!("{issue} --id {}", long(256)), vec!["255"]),
        (issue.replace(" s ", " '' "), vec!["--subject", "255"]),
        (issue.replace(" s ", &format!(" {} ", long(256))), vec!["--subject", "255"]),
        (format!("license revoke {}", long(256)), vec!["255"]),
        ("license revoke ''".to_owned(), vec!["255"]),
        ("license revoke x --until soon".to_owned(), vec!["soon", "90d"]),
        ("keys generate --private a.pem".to_owned(), vec!["--public"]),
        ("keys generate --private a --public b --kid 'a b'".to_owned(), vec!["a b", "64"]),
        ("session create --tenant t --user u --role admin".to_owned(), vec!["admin", "viewer", "editor"]),
        ("session create --tenant t --user '' --role viewer".to_owned(), vec!["--user", "255"]),
        ("session create --tenant '-' --user u --role viewer".to_owned(), vec!["--tenant"]),
        ("session revoke".to_owned(), vec!["HASHPREFIX", "--user", "--tenant"]),
        ("session revoke --all".to_owned(), vec!["HASHPREFIX", "--user", "--tenant"]),
        ("session revoke abcde".to_owned(), vec!["6 to 64"]),
        ("session revoke ghijkl".to_owned(), vec!["6 to 64"]),
        ("session revoke abcdef --user u".to_owned(), vec!["cannot be used with"]),
        ("audit list --action created".to_owned(), vec!["created", "connector_create"]),
        ("audit list --limit 0".to_owned(), vec!["--limit"]),
        ("audit list --connector CRM".to_owned(), vec!["CRM", "a-z"]),
        ("audit list --since 1h --until 2h".to_owned(), vec!["--since", "before"]),
        ("audit list --output xml".to_owned(), vec!["xml", "table", "json"]),
        ("connector list --api https://p.example --session x --page-size 201".to_owned(), vec!["201", "200"]),
        ("connector show Bad --api https://p.example --session x".to_owned(), vec!["Bad", "a-z"]),
        ("licence issue".to_owned(), vec!["licence", "license"]),
    ] {
        desk.refused(&line, 2, &words).await;
    }
    assert_eq!(desk.run("").await.code, 2);
}

#[tokio::test]
async fn a_limit_of_a_text_is_just_within_it() {
    let desk = Desk::bare();
    desk.done("keys generate --private k.pem --public k.json").await;
    let text = "x".repeat(255);
    desk.done(&format!("license issue --key k.pem --subject {text} --id {text} --tenant t --scope query"))
        .await;
    let tenants: Vec<String> = (0..100).map(|n| format!("--tenant {}{n:03}", "t".repeat(90))).collect();
    let line = format!("license issue --key k.pem --subject s --scope query {}", tenants.join(" "));
    desk.refused(&line, 1, &["8 KiB"]).await;
}

#[tokio::test]
async fn a_file_that_is_no_key_is_named_and_not_quoted() {
    let desk = Desk::bare();
    std::fs::write(desk.path("k.pem"), "c4n4ry").unwrap();
    let line = "license issue --key k.pem --subject s --tenant t --scope query";
    let ended = desk.refused(line, 1, &["k.pem", "keys generate"]).await;
    assert!(!ended.stderr.contains("c4n4ry"));
    desk.refused(&line.replace("k.pem", "none.pem"), 1, &["none.pem"]).await;
}

#[tokio::test]
async fn a_reader_that_goes_away_is_no_failure_and_a_full_disk_is_one() {
    let desk = Desk::bare();
    desk.done("keys generate --private k.pem --public k.json").await;
    for line in ["keys list --public k.json", "audit list --help"] {
        let mut child = desk.command(line).spawn().unwrap();
        drop(child.stdout.take());
        let ended = child.wait_with_output().await.unwrap();
        assert_eq!((ended.status.code(), ended.stderr.as_slice()), (Some(0), [].as_slice()), "{line}");
    }
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let child = desk.command("keys list --public k.json").stdout(Stdio::from(full)).spawn().unwrap();
    let output = child.wait_with_output().await.unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("standard output"));
}
