//! How Snowflake is told who calls: a token signed by the user's key, a programmatic access token, or OAuth.

use std::sync::Arc;

use egress::{Egress, Probe};
use model::{clock::Moment, options::Options};
use url::Url;
use zeroize::Zeroizing;

use super::{jwt::Signer, target};
use crate::{
    ConnectorError, Credentials,
    http::{
        key,
        oauth::TokenSource,
        proof::{Given, Proof},
    },
    request::Context,
};

const KEY: [&str; 2] = ["privateKey", "private_key"];
const USER: [&str; 3] = ["user", "username", "sfUser"];
const PROGRAMMATIC: [&str; 2] = ["patTokenValue", "token"];
const OAUTH: [&str; 2] = ["access_token", "token"];

/// Who calls.
pub(super) enum Auth {
    /// A user, by tokens that are signed here.
    KeyPair(Box<Signer>),
    /// A user, by a programmatic access token.
    Programmatic(Arc<Proof>),
    /// Whoever an OAuth token is for.
    Granted(Arc<Proof>),
    /// The same, by tokens that are fetched.
    Tokens(Box<TokenSource>),
}

impl Auth {
    /// Reads what the secret must hold; nothing is dialled yet.
    pub(super) fn new(
        options: &Options,
        credentials: Option<&Credentials>,
        base: &Url,
        egress: &Egress,
        max_retries: u8,
    ) -> Result<Self, ConnectorError> {
        let credentials = Credentials::needed(credentials)?;
        let fixed = |keys: &[&str]| credentials.require(keys).and_then(Proof::bearer).map(Arc::new);
        match options.text("auth_type").map_or_else(|| found(credentials), Ok)? {
            "key_pair" => {
                let text = credentials.require(&KEY)?;
                let user = Zeroizing::new(credentials.require(&USER)?.to_owned());
                let account = target::account(credentials, base)?;
                let key = key::read(text, credentials.get(&["passphrase"]))?;
                Ok(Self::KeyPair(Box::new(Signer::new(&account, &user, key)?)))
            }
            "pat" => Ok(Self::Programmatic(fixed(&PROGRAMMATIC)?)),
            "oauth" => Ok(Self::Granted(fixed(&OAUTH)?)),
            "oauth2_client_credentials" => {
                let source = TokenSource::new(options, credentials, egress, max_retries)?;
                Ok(Self::Tokens(Box::new(source)))
            }
            other => {
                let why = format!("options.auth_type {other:?} is not known");
                Err(ConnectorError::Configuration(why))
            }
        }
    }

    /// What the vendor calls the kind of token.
    pub(super) fn token_type(&self) -> &'static str {
        match self {
            Self::KeyPair(_) => "KEYPAIR_JWT",
            Self::Programmatic(_) => "PROGRAMMATIC_ACCESS_TOKEN",
            Self::Granted(_) | Self::Tokens(_) => "OAUTH",
        }
    }

    /// What it proved, for people, where it was not refused.
    pub(super) fn proved(&self) -> &'static str {
        match self {
            Self::KeyPair(_) => "the account took the user's key",
            Self::Programmatic(_) => "the account took the programmatic access token",
            Self::Granted(_) => "the account took the OAuth token",
            Self::Tokens(_) => "an OAuth token was issued, and the account took it",
        }
    }

    /// What a call proves itself with now.
    pub(super) async fn give(&self, context: Context, now: Moment) -> Result<Given, ConnectorError> {
        match self {
            Self::KeyPair(signer) => signer.give(now),
            Self::Programmatic(proof) | Self::Granted(proof) => {
                Ok(Given { proof: Some(Arc::clone(proof)), cached: false })
            }
            Self::Tokens(source) => source.give(context).await,
        }
    }

    /// After a 401: something newer, where what was given may have run out since it was made.
    pub(super) async fn renew(
        &self,
        given: &Given,
        context: Context,
        now: Moment,
    ) -> Result<Option<Given>, ConnectorError> {
        let Some(stale) = given.proof.as_ref().filter(|_| given.cached) else { return Ok(None) };
        match self {
            Self::KeyPair(signer) => signer.forget(stale),
            Self::Tokens(source) => source.forget(stale),
            Self::Programmatic(_) | Self::Granted(_) => return Ok(None),
        }
        self.give(context, now).await.map(Some)
    }

    /// The way to where tokens are fetched, if they are.
    pub(super) fn probe(&self, context: Context) -> Option<Probe<'_>> {
        match self {
            Self::Tokens(source) => Some(source.probe(context.deadline)),
            _ => None,
        }
    }
}

/// The kind that a secret is for. One with a programmatic token may hold a key too, with which it is rotated.
fn found(credentials: &Credentials) -> Result<&'static str, ConnectorError> {
    let has = |keys: &[&str]| credentials.get(keys).is_some();
    if has(&PROGRAMMATIC) {
        Ok("pat")
    } else if has(&KEY) {
        Ok("key_pair")
    } else if has(&["access_token"]) {
        Ok("oauth")
    } else if has(&["client_id"]) {
        Ok("oauth2_client_credentials")
    } else {
        let why = "the secret lacks what proves who calls: privateKey and user for a key pair, patTokenValue or \
                   token for a programmatic access token, access_token for OAuth, or client_id, client_secret and \
                   token_url; passwords are not accepted by Snowflake";
        Err(ConnectorError::Credentials(why.into()))
    }
}
