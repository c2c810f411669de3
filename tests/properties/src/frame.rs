//! A frame of Cassandra's protocol ends in a value or an error, whatever its counts and lengths promise.

use scylla_cql::frame::{
    protocol_features::ProtocolFeatures,
    response::{Response, ResponseOpcode},
};

/// The opcode in the first byte, and any bytes as the body.
pub fn check(data: &[u8]) {
    let Some((opcode, body)) = data.split_first() else { return };
    let Ok(opcode) = ResponseOpcode::try_from(*opcode) else { return };
    let body = bytes::Bytes::copy_from_slice(body);
    if let Ok(response) = Response::deserialize(&ProtocolFeatures::default(), opcode, body, None) {
        // What describes the rows is read when it is asked for.
        let _read = response.deserialize_metadata();
    }
}
