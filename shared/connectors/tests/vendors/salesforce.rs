//! Salesforce, against an org written from Salesforce's own documentation.

mod composite;
mod health;
mod hostile;
mod pages;
mod reads;
mod refusals;
mod repetitions;
mod requests;
mod tokens;
mod writes;

use model::clock::{Clock, SystemClock};
use model::connector_type::ConnectorType;
use serde_json::{Value, json};
use stand_ins::StandIn;
use stand_ins::salesforce::Salesforce;

use crate::setup::{Made, connected};

/// An org with three accounts, one of them with a contact.
pub(crate) struct Org {
    pub(crate) server: StandIn<Salesforce>,
    pub(crate) acme: String,
    pub(crate) ada: String,
}

pub(crate) async fn org() -> Org {
    let now = || SystemClock.now().epoch_seconds();
    let server = StandIn::start_with(|url| Salesforce::new(url, now)).await;
    let (acme, ada) = server.vendor(|vendor| {
        let acme = vendor.seed(
            "Account",
            &json!({"Name": "Acme", "Industry": "Energy", "AnnualRevenue": 1_500, "ExternalKey__c": "A-17"}),
        );
        vendor
            .seed("Account", &json!({"Name": "O'Neil & Sons", "Industry": "Retail", "LegacyCode__c": "old"}));
        vendor.seed("Account", &json!({"Name": "Zeta", "Industry": "Energy", "LegacyCode__c": "old"}));
        let contact = json!({"LastName": "Lovelace", "Email": "ada@example.com", "AccountId": acme});
        let ada = vendor.seed("Contact", &contact);
        (acme, ada)
    });
    Org { server, acme, ada }
}

/// The secret as Secrets Manager's own type for Salesforce has it.
pub(crate) fn secret() -> Value {
    json!({"consumerKey": "3MVG9.consumer", "consumerSecret": "consumer+secret/1"})
}

impl Org {
    /// A connector to it; `more` may hold `options`, `max_retries` and another `secret`.
    pub(crate) fn connector(&self, more: &Value) -> Made {
        let mut all = json!({"secret": secret()});
        for (key, value) in more.as_object().into_iter().flatten() {
            all[key] = value.clone();
        }
        connected(ConnectorType::Salesforce, &self.server.url(), &all)
    }

    /// The same where nothing is special.
    pub(crate) fn plain(&self) -> Made {
        self.connector(&json!({}))
    }

    pub(crate) fn account(&self, id: &str) -> Value {
        self.server.vendor(|vendor| vendor.record("Account", id))
    }
}

/// Rows without what Salesforce says of each.
pub(crate) fn bare(rows: Vec<Value>) -> Value {
    let without = |mut row: Value| {
        if let Some(members) = row.as_object_mut() {
            members.remove("attributes");
        }
        row
    };
    rows.into_iter().map(without).collect()
}
