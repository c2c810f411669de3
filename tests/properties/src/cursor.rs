//! A cursor is a position in its own tenant's list, spelled in one way.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use model::cursor::Cursor;
use serde_json::Value;

use crate::fixed::tenant;

/// Any text as a cursor of `tenant-a`.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (own, other) = (tenant("tenant-a"), tenant("tenant-b"));
    let Some(cursor) = Cursor::decode(text, &own) else {
        // What another tenant can read, it can read alone.
        if let Some(foreign) = Cursor::decode(text, &other) {
            assert_eq!(foreign.session_tenant, other);
        }
        return;
    };
    assert_eq!(cursor.session_tenant, own);
    assert_eq!(Cursor::decode(text, &other), None, "another tenant reads it too");
    assert_eq!(cursor.encode(), text, "one position has two spellings");
    let json: Value = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap();
    assert_eq!(json["s"], own.as_str());
    assert_eq!(json["t"], cursor.tenant_id.as_str());
    assert_eq!(json["n"], cursor.connector_name.as_str());
    altered(text, &cursor);
}

/// It is no capability and so not signed: one bit off, it is none, or another position that the same session may ask
/// for. It is never the same position.
fn altered(text: &str, cursor: &Cursor) {
    for bit in 0..text.len() * 8 {
        let mut bytes = text.as_bytes().to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let Ok(text) = String::from_utf8(bytes) else { continue };
        if let Some(read) = Cursor::decode(&text, &cursor.session_tenant) {
            assert_ne!(read, *cursor, "bit {bit} says nothing");
        }
    }
}
