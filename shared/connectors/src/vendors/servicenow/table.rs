//! Any table: its records, and counts over them.

use super::{
    named, query,
    record::{self, DISPLAY, FIELD, FIELDS, ORDER, QUERY},
};
use crate::{
    parameter::{Kind, Parameter, Place, optional, required},
    vendor::op::{Op, Pages},
};

/// The most records of a page; the instance would give 10,000, and is slow then.
pub(super) const PAGE: usize = 1_000;

const TABLE: Parameter =
    required("table", Kind::Text, "The table's name, such as problem.").written(query::table);
const NUMBERS: Kind = Kind::List(&FIELD, 10);

pub(super) const RECORDS: Op = Op::read("query_table", "Records of any table by an encoded query.")
    .get("/api/now/table/{table}")
    .takes(&[TABLE, QUERY, FIELDS, ORDER, DISPLAY])
    .with(&[("sysparm_exclude_reference_link", "true")])
    .statement("query")
    .shaped(|args, draft, _| record::filter(args, draft, &[]))
    .run(|running| named::list(running, named::table(running.args, "table")))
    .rows("/result")
    .pages(Pages::Link)
    .sized(Place::Query("sysparm_limit"), PAGE)
    .example(
        r#"{"table":"problem","query":"active=true^priority<=2","fields":["number","short_description"]}"#,
    );

pub(super) const AGGREGATE: Op =
    Op::read("aggregate", "How many records a query picks, and figures of theirs.")
        .get("/api/now/stats/{table}")
        .takes(&[
            TABLE,
            QUERY.at(Place::Query("sysparm_query")),
            optional("group_by", NUMBERS, "Fields to count by.")
                .at(Place::Query("sysparm_group_by"))
                .written(query::fields),
            optional("avg", NUMBERS, "Fields to average.")
                .at(Place::Query("sysparm_avg_fields"))
                .written(query::fields),
            optional("min", NUMBERS, "Fields to give the least of.")
                .at(Place::Query("sysparm_min_fields"))
                .written(query::fields),
            optional("max", NUMBERS, "Fields to give the most of.")
                .at(Place::Query("sysparm_max_fields"))
                .written(query::fields),
            optional("sum", NUMBERS, "Fields to add up.")
                .at(Place::Query("sysparm_sum_fields"))
                .written(query::fields),
            DISPLAY,
        ])
        .with(&[("sysparm_count", "true")])
        .statement("query")
        .run(|running| named::count(running, named::table(running.args, "table")))
        .rows("/result")
        .example(r#"{"table":"incident","query":"active=true","group_by":["priority"]}"#);
