//! The names one request goes by. Amazon gives the gateway's request and the function's invocation
//! different ids, so they differ here too: nothing may come to rely on their being the same.

use base64::{Engine as _, prelude::BASE64_URL_SAFE};
use lambda_http::http::HeaderValue;
use model::{clock::Moment, entropy::Entropy};

/// One request's ids and its moment of arrival.
pub(super) struct Identity {
    /// `requestContext.requestId`, and the header `apigw-requestid` of the answer.
    pub(super) request_id: String,
    /// What the function's context calls its request id: a version 4 UUID.
    pub(super) invocation_id: String,
    /// The trace that starts here, where the client has not started one.
    pub(super) trace: String,
    /// When the request arrived.
    pub(super) arrived: Moment,
}

impl Identity {
    /// Draws fresh ids.
    pub(super) fn draw(arrived: Moment, entropy: &dyn Entropy) -> Self {
        let mut request = [0; 11];
        let mut trace = [0; 16];
        entropy.fill(&mut request);
        entropy.fill(&mut trace);
        // A trace id has 96 random bits behind the second it began in.
        let trace = u128::from_be_bytes(trace) >> 32;
        Self {
            request_id: BASE64_URL_SAFE.encode(request),
            invocation_id: entropy.uuid().to_string(),
            trace: format!("Root=1-{:08x}-{trace:024x}", arrived.epoch_seconds()),
            arrived,
        }
    }

    /// The request id as a header's value.
    pub(super) fn header(&self) -> HeaderValue {
        HeaderValue::from_str(&self.request_id).unwrap_or_else(|_| HeaderValue::from_static(""))
    }
}

#[cfg(test)]
mod tests {
    use model::clock::Clock as _;

    use super::*;
    use crate::gateway::testing::{FixedClock, FixedEntropy};

    #[test]
    fn ids_have_the_shapes_that_amazon_gives_them() {
        let identity = Identity::draw(FixedClock.now(), &FixedEntropy);
        assert_eq!(identity.request_id, "q6urq6urq6urq6s=");
        assert_eq!(identity.invocation_id, "abababab-abab-4bab-abab-abababababab");
        assert_eq!(identity.trace, "Root=1-6a5145a9-abababababababababababab");
        assert_eq!(identity.header(), "q6urq6urq6urq6s=");
    }
}
