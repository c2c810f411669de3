//! Salesforce: records, SOQL and SOSL by the REST API of an org's own host.

mod auth;
mod composite;
mod names;
mod refusal;
mod several;
mod soql;

use model::connector_type::ConnectorType;

use crate::{
    ConnectorError,
    parameter::{Kind, Parameter, Place, optional, required},
    vendor::{
        Health, Vendor,
        op::{Op, Pages},
        way::{Setup, Way},
    },
};

pub(crate) static SALESFORCE: Vendor = Vendor {
    kind: ConnectorType::Salesforce,
    name: "Salesforce",
    operations: OPERATIONS,
    language: Some(soql::language),
    way,
    refusal: refusal::refusal,
    health: Health {
        op: Op::read("health", "What may still be asked today.").get("/services/data/{$version}/limits"),
        told: refusal::left,
    },
};

/// The version that is spoken unless the record says otherwise.
const DEFAULT_VERSION: &str = "66.0";
/// Versions up to this one are answered with 410.
const RETIRED: u16 = 30;
/// The most records of one request.
const MOST: usize = 200;
/// The most requests in one.
const MOST_PIECES: usize = 25;

/// The longest statement that a URL still takes.
const STATEMENT: Kind = Kind::UpTo(16 * 1024);

const OBJECT: Parameter =
    required("object", Kind::Text, "The API name of an object: `Account`, `Invoice__c`.");
const ID: Parameter = required("id", Kind::Text, "The record's id, of 15 or 18 characters.");
const FIELD: Parameter = required("field", Kind::Text, "The API name of a field that is an external id.");
const VALUE: Parameter = required("value", Kind::Either(&[Kind::Text, Kind::Number]), "Its value.");
const FIELDS: Parameter =
    optional("fields", Kind::List(&Kind::Text, 500), "The fields to give; all that may be seen without it.");
const CONTENT: Parameter =
    required("fields", Kind::Object, "Field names and values; null empties a field.").at(Place::Whole);
const RECORDS: Parameter = required(
    "records",
    Kind::List(&Kind::Object, MOST),
    "The records, each with `attributes.type` and its fields.",
);
const ALL_OR_NONE: Parameter = optional(
    "allOrNone",
    Kind::Boolean,
    "Whether one that fails undoes them all; otherwise the others stand.",
);

const PIECE: Kind = Kind::Shape(&[
    required("method", Kind::OneOf(&["GET", "POST", "PATCH", "DELETE"]), "As the operation has it."),
    required("url", Kind::Text, "Path and query, such as `/services/data/v66.0/sobjects/Account`."),
    required("referenceId", Kind::Text, "A name for its answer: letters, digits and underscores."),
    optional("body", Kind::Object, "What it sends; `@{name.id}` is an earlier answer's id."),
]);

const SOUGHT: Kind = Kind::Shape(&[
    required("name", Kind::Text, "The object's API name."),
    optional("fields", Kind::List(&Kind::Text, 100), "What to give of each."),
    optional("limit", Kind::Integer(1, 2_000), "How many at most."),
]);

const OPERATIONS: &[Op] = &[
    Op::read("query", "Records by a SOQL query, all pages.")
        .get("/services/data/{$version}/query")
        .takes(&[
            required("soql", STATEMENT, "The query; `:name` in it takes a value.").at(Place::Nowhere),
            optional("values", Kind::Object, "Values by name: text, numbers, booleans, null, or lists of them.")
                .at(Place::Nowhere),
        ])
        .statement("soql")
        .shaped(soql::shape_query)
        .run(soql::run_query)
        .rows("/records")
        .pages(Pages::Next { at: "/nextRecordsUrl" })
        .example(r#"{"soql":"SELECT Id, Name FROM Account WHERE Industry = :industry","values":{"industry":"Energy"}}"#),
    Op::read("search", "Records by a SOSL search.")
        .get("/services/data/{$version}/search")
        .takes(&[required("sosl", STATEMENT, "The search.").at(Place::Nowhere)])
        .statement("sosl")
        .shaped(soql::shape_search)
        .rows("/searchRecords")
        .example(r#"{"sosl":"FIND {Acme} IN ALL FIELDS RETURNING Account(Id, Name), Contact(Id, Email)"}"#),
    Op::read("search_text", "Records that hold some words, by parameters instead of SOSL.")
        .post("/services/data/{$version}/parameterizedSearch")
        .takes(&[
            required("q", Kind::Text, "The words, of two characters or more; `*` at the end stands for any."),
            optional("in", Kind::OneOf(&["ALL", "NAME", "EMAIL", "PHONE", "SIDEBAR"]), "Which fields to look in."),
            optional("sobjects", Kind::List(&SOUGHT, 20), "Which objects to look in; the usual ones without it."),
            optional("fields", Kind::List(&Kind::Text, 100), "What to give of each, where its object does not say."),
        ])
        .sized(Place::Body("/overallLimit"), 2_000)
        .rows("/searchRecords")
        .example(r#"{"q":"Acme","in":"NAME","sobjects":[{"name":"Account","fields":["Id","Name"]}]}"#),
    Op::read("get_record", "One record by its id.")
        .get("/services/data/{$version}/sobjects/{object}/{id}")
        .takes(&[OBJECT, ID, FIELDS])
        .shaped(names::check)
        .example(r#"{"object":"Account","id":"001D000000IqhSLIAZ","fields":["Name","Industry"]}"#),
    Op::read("get_by_external_id", "One record by an external id.")
        .get("/services/data/{$version}/sobjects/{object}/{field}/{value}")
        .takes(&[OBJECT, FIELD, VALUE, FIELDS])
        .shaped(names::check)
        .example(r#"{"object":"Account","field":"ExternalKey__c","value":"A-17"}"#),
    Op::read("describe", "An object's fields, and what may be done with it.")
        .get("/services/data/{$version}/sobjects/{object}/describe")
        .takes(&[OBJECT])
        .shaped(names::check)
        .example(r#"{"object":"Account"}"#),
    Op::read("list_objects", "The objects of the org.").get("/services/data/{$version}/sobjects").rows("/sobjects"),
    Op::read("limits", "The org's limits, and what is left of each.").get("/services/data/{$version}/limits"),
    Op::write("create_record", "CREATE", "Makes a record.")
        .post("/services/data/{$version}/sobjects/{object}")
        .takes(&[OBJECT, CONTENT])
        .shaped(names::check)
        .example(r#"{"object":"Account","fields":{"Name":"Acme","Industry":"Energy"}}"#),
    Op::write("update_record", "UPDATE", "Changes fields of a record.")
        .patch("/services/data/{$version}/sobjects/{object}/{id}")
        .takes(&[OBJECT, ID, CONTENT])
        .shaped(names::check)
        .example(r#"{"object":"Account","id":"001D000000IqhSLIAZ","fields":{"Industry":"Energy"}}"#),
    Op::write("upsert_record", "UPSERT", "Changes the record with an external id, or makes it; it may be repeated.")
        .patch("/services/data/{$version}/sobjects/{object}/{field}/{value}")
        .takes(&[OBJECT, FIELD, VALUE, CONTENT])
        .shaped(names::check)
        .keyed()
        .example(r#"{"object":"Account","field":"ExternalKey__c","value":"A-17","fields":{"Name":"Acme"}}"#),
    Op::write("delete_record", "DELETE", "Moves a record to the recycle bin.")
        .delete("/services/data/{$version}/sobjects/{object}/{id}")
        .takes(&[OBJECT, ID])
        .shaped(names::check)
        .example(r#"{"object":"Account","id":"001D000000IqhSLIAZ"}"#),
    Op::write("create_records", "CREATE", "Makes up to 200 records.")
        .post("/services/data/{$version}/composite/sobjects")
        .takes(&[RECORDS, ALL_OR_NONE])
        .run(several::run)
        .example(r#"{"records":[{"attributes":{"type":"Account"},"Name":"Acme"}],"allOrNone":true}"#),
    Op::write("update_records", "UPDATE", "Changes up to 200 records, each with its `id`.")
        .patch("/services/data/{$version}/composite/sobjects")
        .takes(&[RECORDS, ALL_OR_NONE])
        .run(several::run)
        .example(
            r#"{"records":[{"attributes":{"type":"Account"},"id":"001D000000IqhSLIAZ","Industry":"Energy"}]}"#,
        ),
    Op::write("upsert_records", "UPSERT", "Changes up to 200 records by an external id, or makes them; it may be repeated.")
        .patch("/services/data/{$version}/composite/sobjects/{object}/{field}")
        .takes(&[OBJECT, FIELD, RECORDS, ALL_OR_NONE])
        .shaped(names::check)
        .keyed()
        .run(several::run)
        .example(
            r#"{"object":"Account","field":"ExternalKey__c","records":[{"attributes":{"type":"Account"},"ExternalKey__c":"A-17","Name":"Acme"}]}"#,
        ),
    Op::write("delete_records", "DELETE", "Moves up to 200 records to the recycle bin.")
        .delete("/services/data/{$version}/composite/sobjects")
        .takes(&[required("ids", Kind::List(&Kind::Text, MOST), "Their ids."), ALL_OR_NONE])
        .shaped(names::check)
        .run(several::run)
        .example(r#"{"ids":["001D000000IqhSLIAZ"],"allOrNone":true}"#),
    Op::write("composite", "COMPOSITE", "Up to 25 requests in one, which may refer to the answers of earlier ones.")
        .post("/services/data/{$version}/composite")
        .takes(&[
            required(
                "compositeRequest",
                Kind::List(&PIECE, MOST_PIECES),
                "The requests: each must be one of the operations here, and is judged as it.",
            ),
            ALL_OR_NONE,
        ])
        .judged(composite::judged)
        .rows("/compositeResponse")
        .run(several::run)
        .example(
            r#"{"allOrNone":true,"compositeRequest":[{"method":"POST","url":"/services/data/v66.0/sobjects/Account","referenceId":"acme","body":{"Name":"Acme"}},{"method":"POST","url":"/services/data/v66.0/sobjects/Contact","referenceId":"ada","body":{"LastName":"Lovelace","AccountId":"@{acme.id}"}}]}"#,
        ),
];

fn way(setup: &Setup<'_>) -> Result<Way, ConnectorError> {
    let base = setup.base(&["baseUri", "instance_url"], None)?;
    // Paths in answers begin at the host, and so do ours.
    let base = Setup::below(&base, "/")?;
    let version = version(setup.options().text("api_version").unwrap_or(DEFAULT_VERSION))?;
    let auth = auth::auth(setup, &base)?;
    Ok(Way::new(base, auth).variable("$version", version))
}

/// A version as paths have it.
fn version(text: &str) -> Result<String, ConnectorError> {
    let number = text.trim_start_matches('v').trim_end_matches(".0");
    let number: Option<u16> = number.parse().ok().filter(|number| *number > RETIRED);
    let number = number.ok_or_else(|| {
        let why =
            format!("options.api_version must be such as {DEFAULT_VERSION}, and later than {RETIRED}.0");
        ConnectorError::Configuration(why)
    })?;
    Ok(format!("v{number}.0"))
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn a_version_that_is_retired_or_none_is_refused() {
        for text in ["66.0", "v66.0", "66"] {
            assert_eq!(version(text).as_deref(), Ok("v66.0"), "{text}");
        }
        assert_eq!(version("31.0").as_deref(), Ok("v31.0"));
        for text in ["30.0", "latest", "", "66.5", "-1"] {
            assert!(version(text).is_err(), "{text}");
        }
    }
}
