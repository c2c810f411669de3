//! Who calls Salesforce: an External Client App as its Run-As user, or a user for whom the app's key signs. Tokens have
//! no lifetime that anybody is told; they are used until they are refused.

use std::time::Duration;

use serde_json::json;
use url::Url;
use zeroize::Zeroizing;

use crate::{
    ConnectorError, Status,
    http::{auth::Auth, jwt, key, oauth::Grant},
    vendor::way::Setup,
};

const KEY: [&str; 2] = ["consumerKey", "client_id"];
const SECRET: [&str; 3] =
    ["consumerSecret", "client_secret", "USER_MANAGED_CLIENT_APPLICATION_CLIENT_SECRET"];
const PRIVATE_KEY: [&str; 2] = ["privateKey", "private_key"];
/// How long an assertion lives. Salesforce takes up to three minutes, by its own clock.
const LIFE: Duration = Duration::from_secs(150);
/// Who assertions are for.
const PRODUCTION: &str = "https://login.salesforce.com";
const SANDBOX: &str = "https://test.salesforce.com";

/// By the secret's private key where it has one, else by its consumer secret; or as the record says.
pub(super) fn auth(setup: &Setup<'_>, base: &Url) -> Result<Auth, ConnectorError> {
    let url = Setup::below(base, "services/oauth2/token")?;
    let id = setup.credentials.require(&KEY)?;
    let kept =
        if setup.credentials.get(&PRIVATE_KEY).is_some() { "jwt_bearer" } else { "client_credentials" };
    let grant = if setup.options().text("auth_type").unwrap_or(kept) == "jwt_bearer" {
        by_assertion(setup, base, url, id)?
    } else {
        Grant::client_credentials(url, id, setup.credentials.require(&SECRET)?)
    };
    setup.tokens(grant.until_refused().names_instance().denied(denied))
}

fn by_assertion(setup: &Setup<'_>, base: &Url, url: Url, issuer: &str) -> Result<Grant, ConnectorError> {
    let key = key::read(setup.credentials.require(&PRIVATE_KEY)?, setup.credentials.get(&["passphrase"]))?;
    let subject = setup.credentials.require(&["username"])?.to_owned();
    let audience = setup.credentials.get(&["audience"]).unwrap_or_else(|| login(base)).to_owned();
    let issuer = Zeroizing::new(issuer.to_owned());
    let grant = Grant::of(url, &[("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer")]);
    let assertion = move |now: model::clock::Moment| {
        let expires = now.epoch_seconds().saturating_add_unsigned(LIFE.as_secs());
        jwt::signed(&key, &json!({"iss": *issuer, "sub": subject, "aud": audience, "exp": expires}))
    };
    Ok(Grant { assertion: Some(Box::new(assertion)), ..grant })
}

/// The login host of an org: a sandbox says in its own host that it is one.
fn login(base: &Url) -> &'static str {
    let sandbox = base.host_str().is_some_and(|host| host.contains(".sandbox."));
    if sandbox { SANDBOX } else { PRODUCTION }
}

/// What the token endpoint means. Its codes are few, its words many.
fn denied(code: &str, words: &str) -> Option<ConnectorError> {
    let refused = |hint: &str| ConnectorError::CredentialsRefused(Status::explained(400, code, hint));
    let forbidden = |hint: &str| ConnectorError::Forbidden(Status::explained(400, code, hint));
    let has = |part: &str| words.contains(part);
    Some(match code {
        "invalid_client_id" => refused("the org knows no app with the secret's consumerKey"),
        "invalid_client" => refused("the secret's consumerSecret is not that of the app"),
        "invalid_grant" if has("not supported on this domain") => ConnectorError::Configuration(
            "connection_url must be the org's own host, such as https://acme.my.salesforce.com: login hosts give no \
             tokens to apps"
                .into(),
        ),
        "invalid_grant" if has("no client credentials user") => {
            forbidden("the app's client credentials flow has no Run-As user; choose one in the app's policies")
        }
        "invalid_grant" if has("audience") => ConnectorError::Credentials(
            "the secret's audience is not the org's: https://login.salesforce.com, or https://test.salesforce.com for \
             a sandbox"
                .into(),
        ),
        "invalid_grant" if has("hasn't approved") => {
            forbidden("the secret's username is not pre-authorised for the app; do so in the app's policies")
        }
        "invalid_grant" if has("login rate exceeded") => {
            ConnectorError::RateLimited { retry_after: Some("60".into()) }
        }
        "invalid_grant" if has("assertion") || has("expired") => {
            refused("the assertion is not taken; the secret's privateKey must be that of the app's certificate")
        }
        "invalid_app_access" => forbidden("the user may not use the app; assign it in the app's policies"),
        "inactive_user" | "inactive_org" => forbidden("the user or the org is not active"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sandbox_has_a_login_host_of_its_own() {
        for (base, expected) in [
            ("https://acme.my.salesforce.com/", PRODUCTION),
            ("https://acme--test.sandbox.my.salesforce.com/", SANDBOX),
            ("https://acme-dev-ed.develop.my.salesforce.com/", PRODUCTION),
        ] {
            assert_eq!(login(&Url::parse(base).unwrap()), expected, "{base}");
        }
    }

    #[test]
    fn words_of_the_token_endpoint_are_understood_and_not_repeated() {
        for words in
            ["audience is invalid CANARY", "expired CANARY", "user hasn't approved this consumer CANARY"]
        {
            let error = denied("invalid_grant", words).unwrap();
            assert!(!error.to_string().contains("CANARY"), "{error}");
        }
        assert_eq!(denied("invalid_grant", "something new"), None);
        assert_eq!(denied("unsupported_grant_type", ""), None);
    }
}
