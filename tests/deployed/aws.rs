//! Signed calls to the emulator: what an operator's tools send, without their SDKs.

use std::time::SystemTime;

use aws_sdk_dynamodb::config::Credentials;
use aws_sigv4::{
    http_request::{
        PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
        UriPathNormalizationMode, sign,
    },
    sign::v4::SigningParams,
};
use end_to_end::{Call, Reply};
use model::clock::{Clock, SystemClock};
use serde_json::Value;
use test_servers::{
    MiniStack,
    ministack::{ACCESS_KEY, REGION, SECRET_KEY},
};
use url::form_urlencoded;

/// The account, as its owner sees it.
pub(crate) struct Aws {
    endpoint: String,
}

impl Aws {
    pub(crate) fn of(server: &MiniStack) -> Self {
        Self { endpoint: server.endpoint() }
    }

    /// Stores an object; without a key, makes the bucket.
    pub(crate) async fn s3_put(&self, path: &str, body: Vec<u8>) {
        self.send("s3", "PUT", path, &[], body).await.expect(200);
    }

    /// Calls a service that speaks JSON and names its operations in a header.
    pub(crate) async fn json(&self, service: &str, target: &str, body: &Value) -> Value {
        let headers = [("x-amz-target", target), ("content-type", "application/x-amz-json-1.1")];
        let body = body.to_string().into_bytes();
        self.send(service, "POST", "/", &headers, body).await.expect(200).json()
    }

    /// Calls a service that takes forms and answers in XML.
    pub(crate) async fn form(&self, service: &str, fields: &[(String, String)]) -> Reply {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        self.send(service, "POST", "/", &headers, body.into_bytes()).await
    }

    /// Calls a function directly with an event.
    pub(crate) async fn invoke(&self, function: &str, event: Vec<u8>) -> Value {
        let path = format!("/2015-03-31/functions/{function}/invocations");
        self.send("lambda", "POST", &path, &[], event).await.expect(200).json()
    }

    /// Calls a service that has paths.
    pub(crate) async fn get(&self, service: &str, path: &str) -> Reply {
        self.send(service, "GET", path, &[], Vec::new()).await
    }

    async fn send(
        &self,
        service: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Reply {
        let url = format!("{}{path}", self.endpoint);
        let mut settings = SigningSettings::default();
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        if service == "s3" {
            settings.percent_encoding_mode = PercentEncodingMode::Single;
            settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        }
        let identity = Credentials::new(ACCESS_KEY, SECRET_KEY, None, None, "test").into();
        let parameters = SigningParams::builder()
            .identity(&identity)
            .region(REGION)
            .name(service)
            .time(SystemTime::from(SystemClock.now().wall))
            .settings(settings)
            .build()
            .unwrap()
            .into();
        let request = SignableRequest::new(method, &url, headers.iter().copied(), SignableBody::Bytes(&body));
        let (signed, _) = sign(request.unwrap(), &parameters).unwrap().into_parts();
        let call = headers
            .iter()
            .copied()
            .chain(signed.headers())
            .fold(Call::new(method, url.clone()), |call, (name, value)| call.header(name, value));
        // AWS itself, which answers whoever manages it.
        call.body(body).unsearched().send().await
    }
}

/// Every text between two others.
pub(crate) fn between<'a>(text: &'a str, open: &'a str, close: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(open).skip(1).filter_map(move |rest| rest.split(close).next())
}
