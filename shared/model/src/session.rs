//! Portal sessions. The cookie carries a random token; only its SHA-256 is stored, so that whoever reads the
//! table can't sign in with it.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::{entropy::Entropy, ids::TenantId};

/// The cookie that carries the token.
pub const COOKIE: &str = "axonflow_session";
/// Seconds without a request after which a session ends: 8 hours.
pub const IDLE_SECONDS: i64 = 8 * 3600;
/// Seconds after which a session ends whatever happens: 24 hours.
pub const ABSOLUTE_SECONDS: i64 = 24 * 3600;

/// What a session's user may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Reads.
    Viewer,
    /// Reads, writes and tests.
    Editor,
}

/// A 256-bit secret that names a session.
pub struct SessionToken(Zeroizing<String>);

/// What is stored of a token: its SHA-256 in hex.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TokenHash(String);

/// Who is asking, and until when.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Session {
    /// The key.
    pub token_hash: TokenHash,
    /// The tenant whose connectors are meant.
    pub tenant_id: TenantId,
    /// The person, for the audit.
    pub user: String,
    /// What the person may do.
    pub role: Role,
    /// When it began, in seconds since the epoch.
    pub created_at: i64,
    /// When a request last used it, to about a minute.
    pub last_seen_at: i64,
}

impl SessionToken {
    /// Makes a new token.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        entropy.fill(bytes.as_mut());
        Self(Zeroizing::new(BASE64_URL_SAFE_NO_PAD.encode(bytes.as_slice())))
    }

    /// Takes the text of a cookie.
    pub fn from_cookie(text: &str) -> Self {
        Self(Zeroizing::new(text.to_owned()))
    }

    /// The token as the cookie carries it; never for a log.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is stored of it.
    pub fn hash(&self) -> TokenHash {
        TokenHash(hex::encode(Sha256::digest(self.0.as_bytes())))
    }
}

impl TokenHash {
    /// The key in the table.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Equality that takes the same time wherever the first difference lies.
    pub fn matches(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Session {
    /// Whether it still stands at a moment.
    pub fn is_live(&self, now: Timestamp) -> bool {
        now.as_second() < self.ends_at()
    }

    /// When it ends if no further request comes: the earlier of idle and absolute expiry.
    pub fn ends_at(&self) -> i64 {
        (self.last_seen_at + IDLE_SECONDS).min(self.created_at + ABSOLUTE_SECONDS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SystemEntropy;

    fn session(created_at: i64, last_seen_at: i64) -> Session {
        let token_hash = SessionToken::generate(&SystemEntropy).hash();
        let tenant_id = TenantId::parse("tenant-a").unwrap();
        Session { token_hash, tenant_id, user: "u".into(), role: Role::Editor, created_at, last_seen_at }
    }

    fn live(session: &Session, second: i64) -> bool {
        session.is_live(Timestamp::from_second(second).unwrap())
    }

    #[test]
    fn a_session_ends_after_eight_idle_hours() {
        let session = session(0, 3_600);
        assert!(live(&session, 9 * 3_600 - 1));
        assert!(!live(&session, 9 * 3_600));
    }

    #[test]
    fn a_session_ends_after_a_day_however_busy() {
        let session = session(0, 86_390);
        assert!(live(&session, 86_399));
        assert!(!live(&session, 86_400));
    }

    #[test]
    fn a_token_has_256_bits_and_only_its_hash_is_kept() {
        let token = SessionToken::generate(&SystemEntropy);
        assert_eq!(BASE64_URL_SAFE_NO_PAD.decode(token.expose()).unwrap().len(), 32);
        assert_eq!(token.hash().as_str().len(), 64);
        assert!(token.hash().matches(&SessionToken::from_cookie(token.expose()).hash()));
        assert!(!token.hash().matches(&SessionToken::generate(&SystemEntropy).hash()));
    }
}
