//! Where a record's API is, and who calls: what a vendor's file makes of the record and its secret.

use std::sync::Arc;

use egress::Egress;
use model::{options::Options, record::ConnectorRecord};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use url::Url;
use zeroize::Zeroizing;

use crate::{
    ConnectorError, Credentials,
    http::{
        auth::Auth,
        oauth::{Grant, TokenSource},
        proof::Proof,
    },
};

/// What a vendor's file has to go by.
pub(crate) struct Setup<'s> {
    pub(crate) record: &'s ConnectorRecord,
    pub(crate) credentials: &'s Credentials,
    pub(crate) egress: &'s Egress,
}

/// Where the API is, and who calls.
pub(crate) struct Way {
    /// Ends in a slash.
    pub(crate) base: Url,
    pub(crate) auth: Auth,
    /// Sent with every request.
    pub(crate) headers: HeaderMap,
    /// What paths name beside parameters, such as `$version`.
    pub(crate) variables: Vec<(&'static str, String)>,
    /// What a live test says beside the error where nothing that answers like the vendor is found.
    pub(crate) hint: Option<&'static str>,
}

impl Way {
    pub(crate) fn new(base: Url, auth: Auth) -> Self {
        Self { base, auth, headers: HeaderMap::new(), variables: Vec::new(), hint: None }
    }

    pub(crate) fn header(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        self
    }

    pub(crate) fn hint(self, hint: Option<&'static str>) -> Self {
        Self { hint, ..self }
    }

    pub(crate) fn variable(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.variables.push((name, value.into()));
        self
    }
}

impl Setup<'_> {
    pub(crate) fn options(&self) -> &Options {
        &self.record.options
    }

    /// The base URL: the record's, else the secret's under one of these keys, else the vendor's well-known one.
    pub(crate) fn base(&self, keys: &[&str], known: Option<&str>) -> Result<Url, ConnectorError> {
        let text = self.record.connection_url.as_deref().or_else(|| self.credentials.get(keys)).or(known);
        let text = text.ok_or_else(|| {
            let or = if keys.is_empty() {
                String::new()
            } else {
                format!(" or the secret's {}", keys.join(" or "))
            };
            ConnectorError::Configuration(format!("connection_url{or} must say where the API is"))
        })?;
        Self::url(text)
    }

    /// A base URL, made to end in a slash. A host alone is taken for one behind TLS.
    pub(crate) fn url(text: &str) -> Result<Url, ConnectorError> {
        let wrong = || ConnectorError::Configuration("the API's base URL is no URL".into());
        let whole = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
        let mut url = Url::parse(&whole).map_err(|_| wrong())?;
        if url.cannot_be_a_base() {
            return Err(wrong());
        }
        url.set_query(None);
        url.set_fragment(None);
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        Ok(url)
    }

    /// A URL below the base.
    pub(crate) fn below(base: &Url, path: &str) -> Result<Url, ConnectorError> {
        base.join(path).map_err(|_| ConnectorError::Configuration("the API's base URL is no URL".into()))
    }

    /// The same token each time, from the secret.
    pub(crate) fn bearer(&self, keys: &[&str]) -> Result<Auth, ConnectorError> {
        Ok(Auth::Fixed(Arc::new(Proof::bearer(self.credentials.require(keys)?)?)))
    }

    /// User and password, from the secret.
    pub(crate) fn basic(&self, user: &[&str], password: &[&str]) -> Result<Auth, ConnectorError> {
        let (user, password) = (self.credentials.require(user)?, self.credentials.require(password)?);
        Ok(Auth::Fixed(Arc::new(Proof::basic(user, password)?)))
    }

    /// A key in a header of the vendor's.
    pub(crate) fn key(&self, header: &'static str, keys: &[&str]) -> Result<Auth, ConnectorError> {
        let key = Zeroizing::new(self.credentials.require(keys)?.to_owned());
        Ok(Auth::Fixed(Arc::new(Proof::new(HeaderName::from_static(header), key)?)))
    }

    /// Tokens that are fetched.
    pub(crate) fn tokens(&self, grant: Grant) -> Result<Auth, ConnectorError> {
        let source = TokenSource::granted(grant, self.egress, self.record.max_retries)?;
        Ok(Auth::Tokens(Box::new(source)))
    }
}
