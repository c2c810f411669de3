//! Amadeus: flights, hotels and places, by the vendor's Enterprise REST API.

mod operations;

use egress::Response;
use model::connector_type::ConnectorType;
use reqwest::header::HeaderValue;
use serde_json::Value;

use self::operations::OPERATIONS;
use crate::{
    ConnectorError,
    http::{answer::small, oauth::Grant},
    vendor::{
        Health, Vendor,
        op::Op,
        said::{Refused, Said},
        way::{Setup, Way},
    },
};

pub(crate) static AMADEUS: Vendor = Vendor {
    kind: ConnectorType::Amadeus,
    name: "Amadeus",
    operations: OPERATIONS,
    language: None,
    way,
    refusal,
    health: Health {
        op: Op::read("health", "Finds Paris.").get("/v1/reference-data/locations").with(&[
            ("subType", "CITY"),
            ("keyword", "PAR"),
            ("page[limit]", "1"),
        ]),
        told: |_, _| Ok("GET of locations: answered".into()),
    },
};

/// What it means where a well-known host does not answer.
const CLOSED: &str = "Amadeus closed its Self-Service API on 17 July 2026: set connection_url to the Enterprise host of \
                      your contract";

/// `{"client_id", "client_secret", "guest_office_id"?}`; the Enterprise host is the contract's.
fn way(setup: &Setup<'_>) -> Result<Way, ConnectorError> {
    let known = match setup.options().text("environment") {
        Some("production") => Some("https://api.amadeus.com"),
        Some("test") => Some("https://test.api.amadeus.com"),
        _ => None,
    };
    let base = setup.base(&[], known)?;
    let token = Setup::below(&base, "v1/security/oauth2/token")?;
    let secret = setup.credentials;
    let (id, key) = (["client_id", "api_key"], ["client_secret", "api_secret"]);
    let mut form = vec![
        ("grant_type", "client_credentials"),
        ("client_id", secret.require(&id)?),
        ("client_secret", secret.require(&key)?),
    ];
    let office = secret.get(&["guest_office_id"]).or_else(|| setup.options().text("guest_office_id"));
    form.extend(office.map(|office| ("guest_office_id", office)));
    let auth = setup.tokens(Grant::of(token, &form))?;
    // Only the well-known hosts of the closed service deserve the word.
    let closed = setup.record.connection_url.is_none().then_some(CLOSED);
    let way = Way::new(base, auth).hint(closed);
    let mut way = way.header("accept", "application/vnd.amadeus+json, application/json");
    if let Some(reference) = setup.options().text("client_ref") {
        let wrong = |_| ConnectorError::Configuration("options.client_ref can't go into a header".into());
        way.headers.insert("ama-client-ref", reference.parse::<HeaderValue>().map_err(wrong)?);
    }
    Ok(way)
}

/// `{"errors":[{status,code,title,detail,source}]}`, which tells a burst from a quota by its code. Code 141 is a system
/// error behind the API, whatever the status.
fn refusal(response: &Response) -> Option<Refused> {
    let by_status = Said::by_status(response)?;
    let body = small(response).unwrap_or_default();
    let errors: Vec<&Value> = body.get("errors").and_then(Value::as_array).into_iter().flatten().collect();
    // Some are numbers, some are text.
    let code =
        errors.first().and_then(|error| error.get("code")).map(|code| code.to_string().replace('"', ""));
    let code = code.unwrap_or_default();
    let said = match (by_status, code.as_str()) {
        (Said::Burst { .. }, "38195") => Said::Quota,
        (_, "141") => Said::Failed,
        (said, _) => said,
    };
    let words: Vec<String> = errors.into_iter().map(words).collect();
    Some(Refused::new(said, code, words.join("; ")))
}

/// What is wrong, and where.
fn words(error: &Value) -> String {
    let text = |at: &str| error.pointer(at).and_then(Value::as_str).filter(|text| !text.is_empty());
    let place = text("/source/parameter").or_else(|| text("/source/pointer"));
    let place = place.map(|place| format!("({place})"));
    let parts = [text("/title"), text("/detail"), place.as_deref()];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}
