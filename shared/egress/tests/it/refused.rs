//! Every spelling and trick that must end before a socket is opened, by HTTP and by the raw dialler alike. The server
//! listens on each address of this machine, so that whatever slips out to loopback is counted.

use egress::{Egress, EgressError};

use crate::support::{Script, Server, egress, exchange_raw, get, guarded, ok, request, rules, talk, within};
use crate::table::{EVERYTHING, NAMES, REACHABLE, TABLE, When};

fn names() -> Script {
    NAMES.iter().fold(Script::default(), |script, (name, addresses)| script.name(name, &[addresses]))
}

/// The ways out that the table runs through.
#[derive(Clone, Copy, Debug)]
enum Way {
    Http,
    Https,
    Raw,
}

impl Way {
    async fn go(self, egress: &Egress, host: &str, port: u16) -> Result<(), EgressError> {
        match self {
            Self::Http => get(egress, &format!("http://{host}:{port}/")).await.map(drop),
            Self::Https => get(egress, &format!("https://{host}:{port}/")).await.map(drop),
            Self::Raw => exchange_raw(egress, host, port).await.map(drop),
        }
    }

    async fn is_refused(self, egress: &Egress, host: &str, server: &Server) {
        let error = self.go(egress, host, server.port).await.expect_err(host);
        assert!(matches!(error, EgressError::Refused { .. }), "{host:?} by {self:?}: {error:?}");
        assert!(!error.to_string().contains("plain HTTP"), "{host:?} is refused for another reason: {error}");
        assert_eq!(server.connections(), 0, "{host:?} by {self:?} let a connection out");
    }
}

#[tokio::test]
async fn the_table_is_refused_where_nothing_is_listed() {
    const { assert!(TABLE.len() >= 60, "the table shrank") };
    let server = Server::answering(ok("")).await;
    let egress = egress("", names());
    for (host, _) in TABLE {
        Way::Https.is_refused(&egress, host, &server).await;
        Way::Raw.is_refused(&egress, host, &server).await;
    }
}

#[tokio::test]
async fn what_no_list_opens_is_refused_where_everything_is_listed() {
    let always: Vec<&str> =
        TABLE.iter().filter(|(_, when)| *when == When::Always).map(|(host, _)| *host).collect();
    assert!(always.len() >= 60, "{}", always.len());
    let server = Server::answering(ok("")).await;
    let egress = egress(EVERYTHING, names());
    for host in always {
        for way in [Way::Http, Way::Https, Way::Raw] {
            way.is_refused(&egress, host, &server).await;
        }
    }
}

#[tokio::test]
async fn what_a_list_opens_answers_by_both_ways() {
    let server = Server::answering(ok("")).await;
    let egress = egress(EVERYTHING, names());
    for (count, host) in REACHABLE.iter().enumerate() {
        assert!(TABLE.contains(&(host, When::Unlisted)), "{host}");
        for way in [Way::Http, Way::Raw] {
            way.go(&egress, host, server.port).await.expect(host);
        }
        assert_eq!(server.connections(), 2 * (count + 1), "{host}");
    }
}

#[tokio::test]
async fn plain_http_needs_a_listed_host_even_for_a_public_address() {
    let egress = egress("127.0.0.1", names());
    for url in ["http://public.test/", "http://8.8.8.8/", "http://localhost/"] {
        let error = get(&egress, url).await.unwrap_err();
        assert!(
            error.to_string().ends_with("plain HTTP is only for hosts that EGRESS_ALLOW lists"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn urls_that_are_no_plain_base_url_are_refused() {
    let server = Server::answering(ok("")).await;
    let egress = egress(EVERYTHING, names());
    for url in [
        "http:\\\\169.254.169.254:{port}\\",
        "http:127.0.0.1:{port}/",
        " http://2130706433:{port}/",
        "http:///127.0.0.1.:{port}/",
        "ftp://127.0.0.1:{port}/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:{port}/_x",
        "unix:/var/run/docker.sock",
        "//127.0.0.1:{port}/",
        "127.0.0.1:{port}",
        "",
    ] {
        let url = url.replace("{port}", &server.port.to_string());
        let error = get(&egress, &url).await.expect_err(&url);
        assert!(matches!(error, EgressError::Refused { .. }), "{url}: {error:?}");
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn internal_endpoints_are_refused_by_every_name_and_address() {
    let (api, store, other) =
        (Server::answering(ok("")).await, Server::answering(ok("")).await, Server::answering(ok("")).await);
    let list = format!("127.0.0.1:{},http://localhost:{}/x", api.port, store.port);
    let egress = guarded(rules(EVERYTHING, Some(&list)), names());
    let spellings = [
        "127.0.0.1",
        "127.0.0.2",
        "127.255.255.254",
        "[::1]",
        "[0:0:0:0:0:0:0:1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:2]",
        "[::127.0.0.1]",
        "localhost",
        "LocalHost",
        "localhost.",
        "public.test",
    ];
    for host in spellings {
        for server in [&api, &store] {
            for way in [Way::Http, Way::Https, Way::Raw] {
                way.is_refused(&egress, host, server).await;
            }
        }
    }
    for way in [Way::Http, Way::Raw] {
        way.go(&egress, "127.0.0.1", other.port).await.expect("the port is part of the rule");
    }
}

#[tokio::test]
async fn the_raw_dialler_connects_where_it_judged_whatever_the_name_says_next() {
    let server = Server::answering(ok("hi")).await;
    let egress =
        egress("rebind.test", Script::default().name("rebind.test", &["127.0.0.1", "169.254.169.254"]));
    let judged = egress.addresses("rebind.test", server.port, within(20_000)).await.unwrap();
    assert_eq!(
        judged.iter().map(ToString::to_string).collect::<Vec<_>>(),
        [format!("127.0.0.1:{}", server.port)]
    );
    for _ in 0..2 {
        let stream = egress.dial("rebind.test", &judged, within(20_000)).await.unwrap();
        assert_eq!(stream.peer_addr().unwrap().port(), server.port);
        assert!(talk(stream).await.ends_with("hi"));
    }
    let error = egress.addresses("rebind.test", server.port, within(20_000)).await.unwrap_err();
    assert_eq!(error.stage(), "egress");
}

#[tokio::test]
async fn a_discovered_peer_is_judged_by_its_address_alone() {
    let egress = egress("10.0.0.0/8,*.test", names());
    for (peer, permitted) in [
        ("10.0.0.7:9042", true),
        ("8.8.8.8:9042", true),
        ("127.0.0.1:9042", false),
        ("169.254.169.254:80", false),
        ("[::ffff:169.254.169.254]:80", false),
    ] {
        assert_eq!(egress.permits(peer.parse().unwrap()).is_ok(), permitted, "{peer}");
    }
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
