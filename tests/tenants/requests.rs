//! A request of an operation, made of what its places say; a place that says nothing is left to the stranger's own.

use std::collections::BTreeMap;

use api::Host;
use end_to_end::Call;
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::{
    document::Operation,
    known::{Known, SignedIn},
    stage::{OWN, Stage},
    target::STRANGER,
};

/// What places say.
pub(crate) type Said = BTreeMap<String, String>;

impl Stage {
    /// A request without anybody's credentials.
    pub(crate) fn unsigned(&self, operation: &Operation, said: &Said) -> Call {
        let of = |kind: &str| {
            let named = said.iter().filter_map(move |(place, value)| Some((place.split_once(':')?, value)));
            let kind = kind.to_owned();
            named
                .filter(move |((place, _), _)| *place == kind)
                .map(|((_, name), value)| (name, value.as_str()))
        };
        let mut path = operation.path.clone();
        for (name, own) in
            [("connectorName", OWN), ("name", OWN), ("connector_name", OWN), ("tenant_id", STRANGER)]
        {
            let value = of("path").find(|(known, _)| *known == name).map_or(own, |(_, value)| value);
            let value: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
            path = path.replace(&format!("{{{name}}}"), &value);
        }
        assert!(!path.contains('{'), "{path} has a parameter that is not known");
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(of("query")).finish();
        if !query.is_empty() {
            path = format!("{path}?{query}");
        }
        let address = if operation.host == Host::Portal { self.apis.portal } else { self.apis.agent };
        let call = Call::new(&operation.method, format!("http://{address}{path}"));
        let call = of("header").fold(call, |call, (name, value)| call.header(name, value));
        let Some(mut body) = self.body(operation) else { return call };
        for (name, value) in of("body") {
            body[name] = json!(value);
        }
        call.json(&body)
    }

    /// The same by the stranger.
    pub(crate) fn strangers(&self, operation: &Operation, known: &Known, said: &Said) -> Call {
        let call = self.unsigned(operation, said);
        match known.signed_in {
            SignedIn::Anybody => call,
            SignedIn::Session => call.session(&self.session),
            SignedIn::License(_) => call.header("x-license-key", &self.license),
        }
    }

    /// The least that an operation takes.
    fn body(&self, operation: &Operation) -> Option<Value> {
        match operation.id.as_str() {
            "createConnector" => Some(self.own_body("fresh", None)),
            "updateConnector" => Some(json!({"description": "changed"})),
            "testConnector" => Some(json!({"mode": "simulated"})),
            "query" => Some(json!({"connector": OWN, "statement": "/"})),
            "execute" => Some(json!({"connector": OWN, "statement": "/", "action": "POST"})),
            _ => None,
        }
    }
}
