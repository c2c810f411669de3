//! The header by which a call shows who makes it.

use std::sync::Arc;

use base64::{Engine, prelude::BASE64_STANDARD};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use url::Url;
use zeroize::Zeroizing;

use crate::error::ConnectorError;

/// The header that proves who calls. Its text is zeroised when it goes; a header made of it lives as long as its
/// request.
pub(crate) struct Proof {
    name: HeaderName,
    value: Zeroizing<String>,
    base: Option<Url>,
}

/// What one call proves itself with.
pub(crate) struct Given {
    /// The header, where there is one.
    pub(crate) proof: Option<Arc<Proof>>,
    /// Whether an earlier call had it already, so that it may have been withdrawn since.
    pub(crate) cached: bool,
}

impl Proof {
    pub(crate) fn bearer(token: &str) -> Result<Self, ConnectorError> {
        Self::new(AUTHORIZATION, Zeroizing::new(format!("Bearer {token}")))
    }

    pub(crate) fn basic(user: &str, password: &str) -> Result<Self, ConnectorError> {
        let pair = Zeroizing::new(BASE64_STANDARD.encode(Zeroizing::new(format!("{user}:{password}"))));
        Self::new(AUTHORIZATION, Zeroizing::new(format!("Basic {}", pair.as_str())))
    }

    pub(crate) fn new(name: HeaderName, value: Zeroizing<String>) -> Result<Self, ConnectorError> {
        let proof = Self { name, value, base: None };
        proof.header().map(|_| proof)
    }

    /// The same, good at a place that its issuer named.
    pub(crate) fn good_at(self, base: Option<Url>) -> Self {
        Self { base, ..self }
    }

    /// The base URL that its issuer named, if it did.
    pub(crate) fn base(&self) -> Option<&Url> {
        self.base.as_ref()
    }

    fn header(&self) -> Result<HeaderValue, ConnectorError> {
        let mut value = HeaderValue::from_str(&self.value).map_err(|_| {
            ConnectorError::Credentials("the secret holds characters that no header can carry".into())
        })?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// Adds the header to a request.
    pub(crate) fn add(&self, headers: &mut HeaderMap) -> Result<(), ConnectorError> {
        headers.insert(self.name.clone(), self.header()?);
        Ok(())
    }

    /// What must not show in a message: the value behind its scheme.
    pub(crate) fn secret(&self) -> &str {
        self.value.rsplit(' ').next().unwrap_or_default()
    }
}
