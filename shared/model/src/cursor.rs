//! The opaque cursor of the list. It holds a position and whose list it is a position in: a cursor of another
//! tenant is refused, so that nobody builds on seeing where another's page ended. It is no capability, and so
//! needs no signature: the list is always read within what the session may see.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use crate::ids::{ConnectorName, TenantId};

/// A position behind one record of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The tenant of the session that the list was made for.
    #[serde(rename = "s")]
    pub session_tenant: TenantId,
    /// The tenant of the record.
    #[serde(rename = "t")]
    pub tenant_id: TenantId,
    /// The name of the record.
    #[serde(rename = "n")]
    pub connector_name: ConnectorName,
}

impl Cursor {
    /// The cursor as text.
    pub fn encode(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    /// Reads a cursor; `None` for what is none, or another tenant's. A position has the one spelling that we write.
    pub fn decode(text: &str, session_tenant: &TenantId) -> Option<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        let cursor: Self = serde_json::from_slice(&bytes).ok()?;
        (cursor.session_tenant == *session_tenant && cursor.encode() == text).then_some(cursor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_cursor_is_read_back_by_its_own_tenant_alone(
            a in "[a-z0-9]{1,8}", b in "[a-z0-9]{1,8}", name in "[a-z0-9][a-z0-9_-]{0,20}",
        ) {
            prop_assume!(a != b && ConnectorName::parse(&name).is_ok());
            let (a, b) = (TenantId::parse(&a).unwrap(), TenantId::parse(&b).unwrap());
            let connector_name = ConnectorName::parse(&name).unwrap();
            let cursor = Cursor { session_tenant: a.clone(), tenant_id: a.clone(), connector_name };
            prop_assert_eq!(Cursor::decode(&cursor.encode(), &a), Some(cursor.clone()));
            prop_assert_eq!(Cursor::decode(&cursor.encode(), &b), None);
        }

        #[test]
        fn a_position_has_one_spelling(json in "(\\[\"a\",\"a\",\"n\"\\])|(\\{ \"s\":\"a\",\"t\":\"a\",\"n\":\"n\"\\})") {
            let text = BASE64_URL_SAFE_NO_PAD.encode(json);
            prop_assert_eq!(Cursor::decode(&text, &TenantId::parse("a").unwrap()), None);
        }

        #[test]
        fn arbitrary_text_is_no_cursor(text in "\\PC{0,60}") {
            prop_assert_eq!(Cursor::decode(&text, &TenantId::parse("a").unwrap()), None);
        }
    }
}
