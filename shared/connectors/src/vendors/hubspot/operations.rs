//! HubSpot's operations, from its API specification of 2026-09.

use futures_util::future::BoxFuture;
use serde_json::Value;

use super::{
    parts,
    values::{ABOUT, group, groups, ids, inputs, links, name, strings},
};
use crate::{
    ConnectorError, Executed,
    parameter::{Choice, Kind, Parameter, Place, optional, required},
    vendor::{
        api::Running,
        args::Args,
        draft::Draft,
        op::{Op, Pages},
    },
};

const LISTED: Pages = Pages::Cursor { at: "/paging/next/after", send: Place::Query("after") };
const FOUND: Pages = Pages::Cursor { at: "/paging/next/after", send: Place::Body("/after") };
/// The most records that a search gives, page by page; one that goes further is refused.
const MOST_FOUND: usize = 10_000;

const OBJECT_TYPE: Parameter = required(
    "objectType",
    Kind::Text,
    "Which records: `contacts`, `companies`, `deals`, `tickets`, a type id such as `0-1` or `2-12345`.",
)
.written(name);
const ID: Parameter = required("id", Kind::Text, "The record's id, or the value of its `idProperty`.");
const ID_PROPERTY: Parameter =
    optional("idProperty", Kind::Text, "The unique property that `id` is a value of, such as `email`.")
        .at(Place::Query("idProperty"));
const NAMES: Kind = Kind::List(&Kind::Text, 500);
const PROPERTIES: Parameter =
    optional("properties", NAMES, "What to give of each; HubSpot's own few without it.");
const HISTORY: Parameter = optional("propertiesWithHistory", NAMES, "What to give with its earlier values.");
const LINKED: Parameter = optional(
    "associations",
    Kind::List(&Kind::Text, 20),
    "Types of records whose linked ids to give as well.",
);
const ARCHIVED: Parameter = optional("archived", Kind::Boolean, "Archived records instead of live ones.");
const VALUES: Parameter = required(
    "properties",
    Kind::Object,
    "The values by property; numbers and booleans are sent as text, null clears.",
)
.written(strings);

const OPERATORS: Kind = Kind::OneOf(&[
    "EQ",
    "NEQ",
    "LT",
    "LTE",
    "GT",
    "GTE",
    "BETWEEN",
    "IN",
    "NOT_IN",
    "HAS_PROPERTY",
    "NOT_HAS_PROPERTY",
    "CONTAINS_TOKEN",
    "NOT_CONTAINS_TOKEN",
]);
/// Sent as text, which is all that HubSpot compares with.
const COMPARED: Kind = Kind::Either(&[Kind::UpTo(3_000), Kind::Number, Kind::Boolean]);
const FILTERS: Kind = Kind::List(
    &Kind::Shape(&[
        required("propertyName", Kind::Text, "The property, or `associations.contact` and the like."),
        required("operator", OPERATORS, "How to compare."),
        optional("value", COMPARED, "What with."),
        optional(
            "values",
            Kind::List(&COMPARED, 100),
            "What with, for `IN` and `NOT_IN`; text in lower case.",
        ),
        optional("highValue", COMPARED, "The upper bound, for `BETWEEN`."),
    ]),
    10,
);
const GROUPS: Kind = Kind::List(&Kind::Shape(&[required("filters", FILTERS, "All of them must fit.")]), 5);
const SORT: Kind = Kind::Shape(&[
    required("propertyName", Kind::Text, "The property."),
    optional("direction", Kind::OneOf(&["ASCENDING", "DESCENDING"]), "Which way; ascending without it."),
]);
const QUERY: Parameter =
    optional("query", Kind::UpTo(3_000), "Text that some property of the record contains.");
const ALL_FILTERS: Parameter =
    optional("filters", FILTERS, "All of them must fit; instead of `filterGroups`.")
        .at(Place::Body("/filterGroups"))
        .written(group);
const FILTER_GROUPS: Parameter =
    optional("filterGroups", GROUPS, "Any group must fit, all filters of it.").written(groups);
const SORTS: Parameter = optional("sorts", Kind::List(&SORT, 1), "The order; by creation without it.");
const SEARCHED: &[Parameter] = &[QUERY, ALL_FILTERS, FILTER_GROUPS, SORTS, PROPERTIES];

/// A search. The specification requires every member, the empty ones too.
const fn search(name: &'static str, summary: &'static str, path: &'static str) -> Op {
    Op::read(name, summary)
        .post(path)
        .takes(SEARCHED)
        .with(&[("after", r#""0""#), ("filterGroups", "[]"), ("properties", "[]"), ("sorts", "[]")])
        .statement("query")
        .rows("/results")
        .pages(FOUND)
        .sized(Place::Body("/limit"), 200)
        .ends_after(MOST_FOUND)
        .choosing(&[Choice::AtMostOne(&["filters", "filterGroups"])])
        .example(r#"{"filters":[{"propertyName":"createdate","operator":"GTE","value":"2026-11-01"}],"properties":["hs_object_id"]}"#)
}

pub(super) const OPERATIONS: &[Op] = &[
    search("search_contacts", "Contacts by text and filters.", "/{$objects}/contacts/search").example(
        r#"{"filters":[{"propertyName":"email","operator":"EQ","value":"ada@example.com"}],"properties":["email","firstname"]}"#,
    ),
    search("search_companies", "Companies by text and filters.", "/{$objects}/companies/search")
        .example(r#"{"query":"example","properties":["name","domain"]}"#),
    search("search_deals", "Deals by text and filters.", "/{$objects}/deals/search").example(
        r#"{"filters":[{"propertyName":"amount","operator":"GT","value":1000}],"sorts":[{"propertyName":"amount","direction":"DESCENDING"}],"properties":["dealname","amount","dealstage"]}"#,
    ),
    search("search", "Records of any type by text and filters.", "/{$objects}/{objectType}/search")
        .takes(&[OBJECT_TYPE, QUERY, ALL_FILTERS, FILTER_GROUPS, SORTS, PROPERTIES])
        .example(r#"{"objectType":"tickets","query":"invoice","properties":["subject"]}"#),
    Op::read("get", "One record.")
        .get("/{$objects}/{objectType}/{id}")
        .takes(&[OBJECT_TYPE, ID, ID_PROPERTY, PROPERTIES, HISTORY, LINKED, ARCHIVED])
        .example(
            r#"{"objectType":"contacts","id":"ada@example.com","idProperty":"email","properties":["email","phone"],"associations":["companies"]}"#,
        ),
    Op::read("list", "All records of a type.")
        .get("/{$objects}/{objectType}")
        .takes(&[OBJECT_TYPE, PROPERTIES, LINKED, ARCHIVED])
        .rows("/results")
        .pages(LISTED)
        .sized(Place::Query("limit"), 100)
        .example(r#"{"objectType":"companies","properties":["name"]}"#),
    Op::read("batch_read", "Up to 100 records by their ids; those that aren't there are left out.")
        .post("/{$objects}/{objectType}/batch/read")
        .takes(&[
            OBJECT_TYPE,
            required("ids", Kind::List(&Kind::Text, 100), "Their ids, or values of `idProperty`.")
                .at(Place::Body("/inputs"))
                .written(ids),
            optional("idProperty", Kind::Text, "The unique property that the ids are values of."),
            PROPERTIES,
            HISTORY,
        ])
        .with(&[("properties", "[]"), ("propertiesWithHistory", "[]")])
        .rows("/results")
        .run(parts::read)
        .example(r#"{"objectType":"contacts","ids":["101","102"],"properties":["email"]}"#),
    Op::write("create", "CREATE", "Makes a record.")
        .post("/{$objects}/{objectType}")
        .takes(&[
            OBJECT_TYPE,
            VALUES,
            optional("associations", Kind::List(&LINK, 100), "What it is linked to from the beginning."),
        ])
        .with(&[("associations", "[]")])
        .example(
            r#"{"objectType":"deals","properties":{"dealname":"Fleet","amount":25000,"pipeline":"default","dealstage":"appointmentscheduled"},"associations":[{"to":{"id":"101"},"types":[{"associationCategory":"HUBSPOT_DEFINED","associationTypeId":3}]}]}"#,
        ),
    Op::write("update", "UPDATE", "Changes properties of a record.")
        .patch("/{$objects}/{objectType}/{id}")
        .takes(&[OBJECT_TYPE, ID, ID_PROPERTY, VALUES])
        .example(r#"{"objectType":"contacts","id":"101","properties":{"phone":"+41 44 000 00 00"}}"#),
    Op::write("upsert", "UPSERT", "Makes or changes up to 100 records by a unique property.")
        .post("/{$objects}/{objectType}/batch/upsert")
        .takes(&[
            OBJECT_TYPE,
            required("inputs", Kind::List(&INPUT, 100), "The records.").written(inputs),
        ])
        .keyed()
        .rows("/results")
        .run(parts::write)
        .example(
            r#"{"objectType":"contacts","inputs":[{"idProperty":"email","id":"ada@example.com","properties":{"firstname":"Ada"}}]}"#,
        ),
    Op::write("archive", "DELETE", "Puts a record into the recycle bin.")
        .delete("/{$objects}/{objectType}/{id}")
        .takes(&[OBJECT_TYPE, required("id", Kind::Text, "The record's id.")])
        .example(r#"{"objectType":"contacts","id":"101"}"#),
    Op::write("move_deal_stage", "UPDATE", "Moves a deal to another stage, or another pipeline.")
        .patch("/{$objects}/deals/{id}")
        .takes(&[
            required("id", Kind::Text, "The deal's id."),
            required("dealstage", Kind::Text, "The stage's id; `list_pipelines` has them.")
                .at(Place::Body("/properties/dealstage")),
            optional("pipeline", Kind::Text, "The pipeline's id; the deal's own without it.")
                .at(Place::Body("/properties/pipeline")),
        ])
        .example(r#"{"id":"301","dealstage":"closedwon"}"#),
    Op::write("associate", "ASSOCIATE", "Links two records by the default link; a second time changes nothing.")
        .put("/{$associations}/{fromObjectType}/{fromId}/associations/default/{toObjectType}/{toId}")
        .takes(&[
            required("fromObjectType", Kind::Text, "The one's type, such as `contacts`.").written(name),
            required("fromId", Kind::Text, "The one's id."),
            required("toObjectType", Kind::Text, "The other's type, such as `companies`.").written(name),
            required("toId", Kind::Text, "The other's id."),
        ])
        .keyed()
        .rows("/results")
        .run(parts::write)
        .example(r#"{"fromObjectType":"contacts","fromId":"101","toObjectType":"companies","toId":"201"}"#),
    Op::write("add_note", "CREATE", "Adds a note to records.")
        .post("/{$objects}/notes")
        .takes(&[
            required("body", Kind::UpTo(65_536), "What it says; HTML is shown as such.")
                .at(Place::Body("/properties/hs_note_body")),
            optional("timestamp", Kind::Text, "When it belongs to, in RFC 3339; now without it.")
                .at(Place::Body("/properties/hs_timestamp")),
            optional("ownerId", Kind::Text, "Whose note it is; `list_owners` has the ids.")
                .at(Place::Body("/properties/hubspot_owner_id")),
            about("contactIds", "Contacts that it is about."),
            about("companyIds", "Companies that it is about."),
            about("dealIds", "Deals that it is about."),
            about("ticketIds", "Tickets that it is about."),
        ])
        // A note that is about nothing would be seen by nobody.
        .choosing(&[Choice::AnyOf(&["contactIds", "companyIds", "dealIds", "ticketIds"])])
        .shaped(noted)
        .run(add_note)
        .example(r#"{"body":"Asked for a call on Monday","contactIds":["101"],"dealIds":["301"]}"#),
    Op::read("list_owners", "The users to whom records may be assigned.")
        .get("/{$owners}")
        .takes(&[optional("email", Kind::Text, "The one with this address."), ARCHIVED])
        .rows("/results")
        .pages(LISTED)
        .sized(Place::Query("limit"), 100)
        .example(r#"{"email":"ada@example.com"}"#),
    Op::read("list_pipelines", "The pipelines of a type with their stages.")
        .get("/{$pipelines}/{objectType}")
        .takes(&[OBJECT_TYPE])
        .rows("/results")
        .example(r#"{"objectType":"deals"}"#),
    Op::read("usage", "How many of the day's calls the account's private apps have used.")
        .get("/{$account}/api-usage/daily/private-apps")
        .rows("/results"),
];

const LINK: Kind = Kind::Shape(&[
    required("to", Kind::Shape(&[required("id", Kind::Text, "Its id.")]), "The other record."),
    required("types", Kind::List(&LINK_TYPE, 10), "The kinds of the link."),
]);
const LINK_TYPE: Kind = Kind::Shape(&[
    required(
        "associationCategory",
        Kind::OneOf(&["HUBSPOT_DEFINED", "USER_DEFINED", "INTEGRATOR_DEFINED"]),
        "Who defined it.",
    ),
    required("associationTypeId", Kind::Integer(1, i64::MAX), "Its number."),
]);
const INPUT: Kind = Kind::Shape(&[
    required("idProperty", Kind::Text, "The unique property, such as `email`."),
    required("id", Kind::Text, "Its value."),
    required("properties", Kind::Object, "The values by property, as for `create`."),
]);

const fn about(name: &'static str, what: &'static str) -> Parameter {
    optional(name, Kind::List(&Kind::Text, 100), what).at(Place::Nowhere)
}

/// What a note is about, as links of the kinds that HubSpot has for it.
fn noted(args: &Args<'_>, draft: &mut Draft, _: Option<usize>) -> Result<(), ConnectorError> {
    let mut all: Vec<Value> = Vec::new();
    for (name, kind) in ABOUT {
        let ids: Vec<String> =
            args.raw(name).and_then(|ids| serde_json::from_str(ids).ok()).unwrap_or_default();
        all.extend(links(&ids, kind));
    }
    draft.set(Place::Body("/associations"), "associations", &Value::from(all).to_string())
}

/// HubSpot wants to be told when; what is not said is now.
fn add_note(running: Running<'_>) -> BoxFuture<'_, Result<Executed, ConnectorError>> {
    Box::pin(async move {
        let mut draft = running.draft()?;
        if running.args.raw("timestamp").is_none() {
            let now = running.api.egress.clock().now().wall;
            let now = Value::from(format!("{now:.3}")).to_string();
            draft.set(Place::Body("/properties/hs_timestamp"), "timestamp", &now)?;
        }
        running.write(draft).await
    })
}
