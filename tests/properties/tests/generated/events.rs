//! Requests as clients send them.

use properties::event::{Sent, arrives};
use proptest::prelude::*;

use crate::config;

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9_.-]{1,12}",
        "\\PC{0,12}".prop_map(|text| text.replace('?', "!")),
        Just("a#b".to_owned()),
        Just("..".to_owned()),
        Just("%2F".to_owned()),
    ]
}

fn sent() -> impl Strategy<Value = Sent> {
    let path = prop::collection::vec(text(), 0..5).prop_map(|segments| format!("/{}", segments.join("/")));
    let query =
        prop::collection::vec("[a-z_]{0,6}(=([a-z0-9.+/:;,@!$*'()~-]|%[0-9A-Fa-f]{2}|%|\\+){0,10})?", 0..4);
    let header = ("x-[a-z]{1,8}", "[ -~]{0,20}|[ -~]{0,6}é");
    let cookie = "(axonflow_session|other|a)=[A-Za-z0-9_=\"-]{0,20}";
    let body = prop_oneof![
        Just(Vec::new()),
        "\\{\"a\": ?[0-9]{1,4}\\}".prop_map(String::into_bytes),
        "\\PC{0,40}".prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..40),
    ];
    let kind =
        prop_oneof![Just("application/json"), Just("text/plain"), Just("application/json; charset=utf-8")];
    let names = prop::collection::vec(("[a-z_]{1,8}", text()), 0..3);
    (
        prop_oneof!["GET", "POST", "PUT", "DELETE"],
        path,
        query,
        names,
        prop::collection::vec(header, 0..4),
        kind,
        prop::collection::vec(cookie, 0..3),
        body,
    )
        .prop_map(|(method, path, query, parameters, mut headers, kind, cookies, body)| {
            headers.push(("content-type".to_owned(), kind.to_owned()));
            Sent { method, path, query: query.join("&"), parameters, headers, cookies, body }
        })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_request_arrives_as_it_was_sent(sent in sent()) {
        arrives(&sent);
    }
}
