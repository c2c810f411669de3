//! Acme Tickets: an invented vendor, which shows what a vendor's file is made of.

use egress::Response;
use model::connector_type::ConnectorType;
use serde_json::Value;

use crate::{
    ConnectorError,
    http::oauth::Grant,
    parameter::{Kind, Place, optional, required},
    vendor::{
        Health, Vendor,
        op::{Op, Pages},
        said::{Refused, Said},
        way::{Setup, Way},
    },
};

pub(crate) static ACME: Vendor = Vendor {
    kind: ConnectorType::Custom,
    name: "Acme Tickets",
    operations: OPERATIONS,
    language: Some(|_| "search"),
    way,
    refusal,
    health: Health {
        op: Op::read("health", "Who calls.").get("/v2/me"),
        told: |response, _| {
            let me = model::json::parse(&response.body).unwrap_or_default();
            Ok(format!("GET of me: {}", me["name"].as_str().unwrap_or("answered")))
        },
    },
};

const PAGES: Pages = Pages::Cursor { at: "/next", send: Place::Query("after") };

const OPERATIONS: &[Op] = &[
    Op::read("search", "Tickets by a query.")
        .get("/v2/tickets")
        .takes(&[
            required("query", Kind::Text, "In Acme's query language.").at(Place::Query("q")),
            optional("fields", Kind::List(&Kind::Text, 20), "What to give of each; all without it."),
        ])
        .statement("query")
        .rows("/tickets")
        .pages(PAGES)
        .sized(Place::Query("size"), 2)
        .example(r#"{"query":"status = open"}"#),
    Op::write("create", "CREATE", "Opens a ticket.")
        .post("/v2/tickets")
        .takes(&[
            required("title", Kind::UpTo(200), "In one line.").at(Place::Body("/ticket/title")),
            optional("urgent", Kind::Boolean, "Whether it can't wait.").at(Place::Body("/ticket/urgent")),
        ])
        .example(r#"{"title":"Printer on fire","urgent":true}"#),
    Op::write("tag", "UPDATE", "Sets a tag; a second time changes nothing.")
        .put("/v2/tickets/{id}/tags/{tag}")
        .takes(&[required("id", Kind::Text, "The ticket."), required("tag", Kind::Text, "The tag.")])
        .keyed()
        .example(r#"{"id":"T-1","tag":"fire"}"#),
];

/// `{"client_id", "client_secret"}`; the API where the record says.
fn way(setup: &Setup<'_>) -> Result<Way, ConnectorError> {
    let base = setup.base(&[], None)?;
    let token = Setup::below(&base, "oauth/token")?;
    let id = setup.credentials.require(&["client_id"])?;
    let secret = setup.credentials.require(&["client_secret"])?;
    let auth = setup.tokens(Grant::client_credentials(token, id, secret))?;
    Ok(Way::new(base, auth))
}

/// `{"code": "…", "message": "…"}`; a locked ticket is free again in a moment.
fn refusal(response: &Response) -> Option<Refused> {
    let said = Said::by_status(response)?;
    let body = model::json::parse(&response.body).unwrap_or_default();
    let text = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let code = text("code");
    let said = if code == "LOCKED" { Said::Busy } else { said };
    Some(Refused::new(said, code, text("message")))
}
