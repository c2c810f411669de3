//! What a stranger names: things of another tenant, or things of the same form that nobody has.

use model::{
    cursor::Cursor,
    entropy::SystemEntropy,
    ids::{ConnectorName, TenantId},
    session::SessionToken,
};

/// Whose things a stranger names.
pub(crate) const VICTIM: &str = "tenant-a";
/// A tenant that there is not.
pub(crate) const NOBODY: &str = "tenant-n";
/// Who asks.
pub(crate) const STRANGER: &str = "tenant-b";
/// Stands in whatever is the victim's and no request names. It comes out nowhere.
pub(crate) const VICTIMS_OWN: &str = "v1ct1m";

/// The things that one request may name.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) tenant: &'static str,
    pub(crate) connector: &'static str,
    /// A cursor that was made for the tenant.
    pub(crate) cursor: String,
    /// A cursor in the stranger's own name, at the tenant's record.
    pub(crate) forged_cursor: String,
    pub(crate) tag: &'static str,
    pub(crate) arn: String,
    /// The token of a session.
    pub(crate) session: String,
    /// A license key, for places in which none counts.
    pub(crate) license: String,
}

fn cursor(session: &str, tenant: &str, connector: &str) -> String {
    Cursor {
        session_tenant: TenantId::parse(session).unwrap(),
        tenant_id: TenantId::parse(tenant).unwrap(),
        connector_name: ConnectorName::parse(connector).unwrap(),
    }
    .encode()
}

impl Target {
    /// Things of the victim's.
    pub(crate) fn victims(connector: &'static str, arn: String, session: String, license: String) -> Self {
        let cursor_of = |session| cursor(session, VICTIM, connector);
        Self {
            tenant: VICTIM,
            connector,
            cursor: cursor_of(VICTIM),
            forged_cursor: cursor_of(STRANGER),
            tag: "\"3.1\"",
            arn,
            session,
            license,
        }
    }

    /// Things that nobody has, of the same length each.
    pub(crate) fn nobodys(victims: &Self, connector: &'static str) -> Self {
        assert_eq!(victims.connector.len(), connector.len());
        Self {
            tenant: NOBODY,
            connector,
            cursor: cursor(NOBODY, NOBODY, connector),
            forged_cursor: cursor(STRANGER, NOBODY, connector),
            tag: "\"8.8\"",
            arn: victims.arn.replace("only-a", "only-n"),
            session: SessionToken::generate(&SystemEntropy).expose().to_owned(),
            license: victims.license.replace("AXON-", "AXOX-"),
        }
    }

    /// A text with the words of this target in one spelling, whichever target it is.
    pub(crate) fn neutral(&self, text: &str) -> String {
        let words = [
            (self.cursor.as_str(), "CURSOR"),
            (&self.forged_cursor, "FORGED"),
            (&self.arn, "ARN"),
            (self.tenant, "TENANT"),
            (self.connector, "CONNECTOR"),
            (&self.tag.replace('"', "\\\""), "TAG"),
        ];
        words.iter().fold(text.to_owned(), |text, (word, name)| text.replace(word, name))
    }
}
