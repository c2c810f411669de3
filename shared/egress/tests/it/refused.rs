//! Every spelling and trick that must end before a socket is opened. The server listens on each address of
//! this machine, so that whatever slips out to loopback is counted.

use egress::{Egress, EgressError};

use crate::support::{Script, Server, egress, get, guarded, ok, request, rules, within};

/// Refused with an empty list and with one that lists everything: no list opens these.
const NEVER: [&str; 50] = [
    // Link-local and metadata addresses, in each way to write an IPv4 address.
    "http://169.254.169.254:{port}/latest/meta-data/",
    "https://169.254.169.254:{port}/",
    "http://169.254.170.2:{port}/v2/credentials",
    "http://169.254.0.1:{port}/",
    "http://2852039166:{port}/",
    "http://0xa9fea9fe:{port}/",
    "http://0xA9.0xFE.0xA9.0xFE:{port}/",
    "http://0251.0376.0251.0376:{port}/",
    "http://025177524776:{port}/",
    "http://169.254.43518:{port}/",
    "http://169.16689662:{port}/",
    "http://169.254.169.254.:{port}/",
    "http://①⑥⑨.②⑤④.①⑥⑨.②⑤④:{port}/",
    "http://169。254。169。254:{port}/",
    "http://169.254.169.254:{port}",
    "http://%31%36%39.254.169.254:{port}/",
    "http://\t169.254.169.254:{port}/",
    "http:\\\\169.254.169.254:{port}\\",
    "http://100.100.100.200:{port}/",
    "http://168.63.129.16:{port}/",
    "http://192.0.0.192:{port}/",
    // The same inside IPv6.
    "http://[::ffff:169.254.169.254]:{port}/",
    "http://[::FFFF:A9FE:A9FE]:{port}/",
    "http://[0:0:0:0:0:ffff:a9fe:a9fe]:{port}/",
    "http://[::ffff:0:a9fe:a9fe]:{port}/",
    "http://[::169.254.169.254]:{port}/",
    "http://[64:ff9b::169.254.169.254]:{port}/",
    "http://[64:ff9b:1::8.8.8.8]:{port}/",
    "http://[2002:a9fe:a9fe::1]:{port}/",
    "http://[2001:0:a9fe:a9fe::1]:{port}/",
    "http://[2001:0:808:808::5601:5601]:{port}/",
    "http://[2600:1f18::5efe:a9fe:a9fe]:{port}/",
    "http://[2600:1f18::200:5efe:a9fe:a9fe]:{port}/",
    "http://[fe80::1]:{port}/",
    "http://[fd00:ec2::254]:{port}/",
    "http://[fd00:0ec2:0:0:0:0:0:23]:{port}/",
    "http://[fd20:ce::254]:{port}/",
    // Unspecified reaches this machine.
    "http://0.0.0.0:{port}/",
    "http://0:{port}/",
    "http://[::]:{port}/",
    "http://[::ffff:0.0.0.0]:{port}/",
    // Multicast, broadcast, reserved.
    "http://224.0.0.1:{port}/",
    "http://255.255.255.255:{port}/",
    "http://[ff02::1]:{port}/",
    // Credentials in the URL, and schemes that are none of ours.
    "http://user:password@127.0.0.1:{port}/",
    "http://example.com@127.0.0.1:{port}/",
    "http://:@169.254.169.254:{port}/",
    "ftp://127.0.0.1:{port}/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:{port}/_x",
];

/// Loopback and private addresses: refused because nothing is listed.
const NOT_LISTED: [&str; 28] = [
    "http://127.0.0.1:{port}/",
    "https://127.0.0.1:{port}/",
    "https://127.255.255.254:{port}/",
    "https://[::1]:{port}/",
    "https://[0:0:0:0:0:0:0:1]:{port}/",
    "https://[::ffff:127.0.0.1]:{port}/",
    "https://[::ffff:7f00:1]:{port}/",
    "https://[::127.0.0.1]:{port}/",
    "https://[64:ff9b::7f00:1]:{port}/",
    "https://[2002:7f00:1::]:{port}/",
    "https://10.0.0.1:{port}/",
    "https://172.16.0.1:{port}/",
    "https://192.168.1.1:{port}/",
    "https://100.64.0.1:{port}/",
    "https://198.18.0.1:{port}/",
    "https://192.0.2.1:{port}/",
    "https://[fc00::1]:{port}/",
    "https://[fd12:3456::1]:{port}/",
    "https://[2001:db8::1]:{port}/",
    "https://[::ffff:10.0.0.1]:{port}/",
    "https://[2600:1f18::5efe:10.0.0.1]:{port}/",
    "https://localhost:{port}/",
    "https://LOCALHOST:{port}/",
    "https://localhost.:{port}/",
    "https://Ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:{port}/",
    "https://ｌｏｃａｌｈｏｓｔ:{port}/",
    "https://10.evil.test:{port}/",
    "http://public.test:{port}/",
];

/// Loopback in a spelling that nobody writes by accident: refused even where loopback is listed.
const ODD: [&str; 12] = [
    "http://127.1:{port}/",
    "http://127.0.1:{port}/",
    "http://2130706433:{port}/",
    "http://017700000001:{port}/",
    "http://0177.0.0.1:{port}/",
    "http://0x7f000001:{port}/",
    "http://0x7f.0.0.1:{port}/",
    "http://127.0.0.1.:{port}/",
    "http://127.0.0.01:{port}/",
    "http://①②⑦.⓪.⓪.①:{port}/",
    "http://１２７.0.0.1:{port}/",
    "http:127.0.0.1:{port}/",
];

const EVERYTHING: &str = "0.0.0.0/0,::/0,localhost,example.com";

fn names() -> Script {
    Script::default()
        .name("localhost", &["127.0.0.1 ::1"])
        .name("localhost.", &["127.0.0.1"])
        .name("10.evil.test", &["10.0.0.1"])
        .name("public.test", &["127.0.0.1"])
}

async fn refuses(egress: &Egress, server: &Server, urls: &[&str]) {
    for url in urls {
        let url = url.replace("{port}", &server.port.to_string());
        let error = get(egress, &url).await.expect_err(&url);
        assert!(matches!(error, EgressError::Refused { .. }), "{url}: {error:?}");
        assert_eq!(error.stage(), "egress", "{url}");
        assert_eq!(server.connections(), 0, "{url} let a connection out");
    }
}

#[tokio::test]
async fn what_is_never_reached_is_refused_without_a_list() {
    let server = Server::answering(ok("")).await;
    refuses(&egress("", names()), &server, &NEVER).await;
}

#[tokio::test]
async fn what_is_never_reached_is_refused_whatever_is_listed() {
    let server = Server::answering(ok("")).await;
    refuses(&egress(EVERYTHING, names()), &server, &NEVER).await;
}

#[tokio::test]
async fn private_addresses_and_plain_http_are_refused_unless_listed() {
    let server = Server::answering(ok("")).await;
    refuses(&egress("", names()), &server, &NOT_LISTED).await;
    refuses(&egress("", names()), &server, &ODD).await;
}

#[tokio::test]
async fn odd_spellings_are_refused_even_where_the_address_is_listed() {
    let server = Server::answering(ok("")).await;
    let egress = egress(EVERYTHING, names());
    refuses(&egress, &server, &ODD).await;
    // The proof that the server would have counted.
    assert!(get(&egress, &server.url("127.0.0.1")).await.is_ok());
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn the_runtime_api_is_refused_by_every_name_and_address() {
    let server = Server::answering(ok("")).await;
    let other = Server::answering(ok("")).await;
    let api = format!("127.0.0.1:{}", server.port);
    let egress = guarded(rules(EVERYTHING, Some(&api)), names());
    let spellings = [
        "http://127.0.0.1:{port}/2018-06-01/runtime/invocation/next",
        "https://127.0.0.1:{port}/",
        "http://127.0.0.2:{port}/",
        "http://[::1]:{port}/",
        "http://[::ffff:127.0.0.1]:{port}/",
        "http://localhost:{port}/",
        "http://LocalHost:{port}/",
        "http://localhost.:{port}/",
    ];
    refuses(&egress, &server, &spellings).await;
    assert!(get(&egress, &other.url("127.0.0.1")).await.is_ok(), "the port is part of the rule");
    assert!(get(&egress, &other.url("localhost")).await.is_ok(), "the port is part of the rule");
}

#[tokio::test]
async fn a_request_to_another_origin_is_refused() {
    let server = Server::answering(ok("")).await;
    let client = egress(EVERYTHING, names()).http(&server.url("127.0.0.1")).unwrap();
    for url in [
        format!("https://127.0.0.1:{}/", server.port),
        format!("http://127.0.0.2:{}/", server.port),
        format!("http://localhost:{}/", server.port),
        format!("http://u@127.0.0.1:{}/", server.port),
        "http://127.0.0.1:1/".to_owned(),
        "http://169.254.169.254/".to_owned(),
    ] {
        let error = client.send(request(&url), within(20_000)).await.unwrap_err();
        assert_eq!(error.stage(), "egress", "{url}: {error}");
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn headers_that_belong_to_the_transport_are_refused() {
    let server = Server::answering(ok("")).await;
    let url = server.url("127.0.0.1");
    let client = egress(EVERYTHING, names()).http(&url).unwrap();
    for name in ["host", "content-length", "transfer-encoding", "connection", "upgrade", "expect"] {
        let mut request = request(&url);
        request.headers.insert(name, "1".parse().unwrap());
        let error = client.send(request, within(20_000)).await.unwrap_err();
        assert_eq!(error.stage(), "egress", "{name}: {error}");
    }
    assert_eq!(server.connections(), 0);
}
