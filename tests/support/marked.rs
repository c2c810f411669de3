//! Who a world's people are: sessions whose tokens are marked, and the end of a world, where nothing may be found.

use std::{collections::BTreeMap, fs, path::Path};

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use local::identity::TENANTS;
use model::{
    entropy::{Entropy, SystemEntropy},
    license::SigningKey,
    session::SessionToken,
};
use serde_json::json;
use test_servers::canary::{self, Sweep};

use crate::World;

/// The files of a stack that are for secrets, and those in which a test declares connectors with their credentials.
const FOR_SECRETS: [&str; 7] =
    ["identity.json", "issuer.pem", "credentials.json", "env", "secrets", "tiers.yaml", "vendors.yaml"];

/// Random bytes that begin with the marker once they are written as base64.
struct Marked;

impl Entropy for Marked {
    fn fill(&self, bytes: &mut [u8]) {
        SystemEntropy.fill(bytes);
        let mark = BASE64_URL_SAFE_NO_PAD.decode(canary::SECRET).expect("the marker is base64");
        bytes.iter_mut().zip(mark).for_each(|(byte, mark)| *byte = mark);
    }
}

/// A session token like any other, but marked.
pub(crate) fn session_token() -> SessionToken {
    SessionToken::generate(&Marked)
}

/// Leaves in the folder of a stack what it takes for its own of last time.
pub(crate) fn identity(folder: &Path) {
    let sessions = TENANTS.map(|tenant| (tenant, session_token().expose().to_owned()));
    let identity = json!({
        "signing_key": BASE64_STANDARD.encode(SigningKey::generate(&SystemEntropy).to_pkcs8()),
        "licenses_end": 0, "licenses": {}, "sessions": BTreeMap::from(sessions),
    });
    fs::write(folder.join("identity.json"), identity.to_string()).expect("a file");
}

impl Drop for World {
    /// Searches what the world stored, and fails a test in which anything secret came out anywhere.
    fn drop(&mut self) {
        let folder = &self.stack.data_dir;
        Sweep { folder, but: &FOR_SECRETS }.run();
        let leaks = canary::leaks();
        assert!(leaks.is_empty() || std::thread::panicking(), "{}", leaks.join("\n"));
    }
}
