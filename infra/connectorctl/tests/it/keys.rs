//! Key files: what is in them, who may read them, and what is never replaced unasked.

use std::{fs, os::unix::fs::PermissionsExt};

use model::license::{LicenseKeys, SigningKey};

use crate::support::{Desk, rows, text};

fn mode(desk: &Desk, name: &str) -> u32 {
    fs::metadata(desk.path(name)).unwrap().permissions().mode() & 0o777
}

fn read(desk: &Desk, name: &str) -> String {
    fs::read_to_string(desk.path(name)).unwrap()
}

const GENERATE: &str = "keys generate --private a.pem --public keys.json";
const ISSUE: &str = "license issue --subject s --tenant t --scope query";

#[tokio::test]
async fn a_pair_is_made_and_its_private_half_is_its_owners_alone() {
    let desk = Desk::bare();
    assert_eq!(desk.done(GENERATE).await, "", "nothing of a key is printed");
    assert_eq!(mode(&desk, "a.pem"), 0o600);
    let pem = pem::parse(read(&desk, "a.pem")).unwrap();
    assert_eq!(pem.tag(), "PRIVATE KEY");
    let key = SigningKey::from_pkcs8(pem.into_contents()).unwrap();
    assert_eq!(read(&desk, "keys.json"), format!("{}\n", key.public_jwks()));
    let license = desk.done(&format!("{ISSUE} --key a.pem")).await;
    let keys = LicenseKeys::from_jwks(&read(&desk, "keys.json")).unwrap();
    assert!(keys.verify(&license, "2026-01-01T00:00:00Z".parse().unwrap()).is_ok());
}

#[tokio::test]
async fn no_file_is_replaced_unless_told_so() {
    let desk = Desk::bare();
    for existing in ["a.pem", "keys.json"] {
        fs::write(desk.path(existing), "precious").unwrap();
        desk.refused(GENERATE, 1, &[existing, "exists already", "--force"]).await;
        assert_eq!(read(&desk, existing), "precious");
        let other = if existing == "a.pem" { "keys.json" } else { "a.pem" };
        assert!(!desk.path(other).exists(), "nothing was begun");
        fs::remove_file(desk.path(existing)).unwrap();
    }
    fs::write(desk.path("a.pem"), "precious").unwrap();
    fs::set_permissions(desk.path("a.pem"), fs::Permissions::from_mode(0o666)).unwrap();
    desk.done(&format!("{GENERATE} --force")).await;
    assert_eq!(mode(&desk, "a.pem"), 0o600);
    assert!(read(&desk, "a.pem").contains("PRIVATE KEY"));
}

#[tokio::test]
async fn a_second_key_is_added_beside_the_first_and_the_first_can_be_taken_out() {
    let desk = Desk::bare();
    desk.done(&format!("{GENERATE} --kid 2026")).await;
    desk.done("keys generate --kid 2027 --private b.pem --public keys.json --append").await;
    let list = desk.json("keys list --public keys.json").await;
    let names: Vec<&str> = rows(&list).iter().map(|key| text(key, "kid")).collect();
    assert_eq!(names, ["2026", "2027"]);
    let (old, new) =
        (desk.done(&format!("{ISSUE} --key a.pem")).await, desk.done(&format!("{ISSUE} --key b.pem")).await);
    for license in [&old, &new] {
        desk.done(&format!("license inspect --public keys.json {license}")).await;
    }
    desk.refused("keys remove -other --public keys.json", 1, &["-other"]).await;
    desk.refused("keys remove 2025 --public keys.json", 1, &["2025", "2026, 2027"]).await;
    desk.done("keys remove 2026 --public keys.json").await;
    desk.done(&format!("license inspect --public keys.json {new}")).await;
    assert_eq!(desk.run(&format!("license inspect --public keys.json {old}")).await.code, 1);
    desk.refused("keys remove 2027 --public keys.json", 1, &["last key", "--force"]).await;
    desk.done("keys remove 2027 --public keys.json --force").await;
    assert_eq!(rows(&desk.json("keys list --public keys.json").await).len(), 0);
}

#[tokio::test]
async fn what_can_not_be_added_to_is_left_as_it_is() {
    let desk = Desk::bare();
    desk.done(&format!("{GENERATE} --kid one")).await;
    let before = read(&desk, "keys.json");
    let append = "keys generate --private b.pem --append";
    desk.refused(&format!("{append} --kid one --public keys.json"), 1, &["keys.json", "one already"]).await;
    desk.refused(&format!("{append} --public none.json"), 1, &["none.json"]).await;
    fs::write(desk.path("odd.json"), r#"{"keys":[{"kty":"oct","k":"AA","kid":"a"}]}"#).unwrap();
    desk.refused(&format!("{append} --public odd.json"), 1, &["odd.json", "Ed25519"]).await;
    desk.refused("keys generate --private keys.json --public keys.json --force", 2, &["same file"]).await;
    desk.refused("keys generate --private none/b.pem --public c.json", 1, &["none"]).await;
    assert_eq!(read(&desk, "keys.json"), before);
    assert!(!desk.path("b.pem").exists() && !desk.path("c.json").exists(), "nothing was begun");
}

#[tokio::test]
async fn a_key_of_openssl_is_one_to_issue_by() {
    let desk = Desk::bare();
    // What `openssl genpkey -algorithm ed25519` writes: the key of RFC 8410, section 10.3.
    let pem = "-----BEGIN PRIVATE KEY-----\n\
               MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n\
               -----END PRIVATE KEY-----\n";
    fs::write(desk.path("a.pem"), pem).unwrap();
    let license = desk.done(&format!("{ISSUE} --key a.pem --kid theirs")).await;
    let claims = desk.json(&format!("license inspect {license}")).await;
    assert_eq!(text(&claims, "kid"), "theirs");
}
