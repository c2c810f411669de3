//! Incidents, by the Table API.

use super::{
    lookup::{self, Called},
    named,
    record::{self, AS_DISPLAYED, DISPLAY, FIELDS, Filter, How, MORE, ORDER, QUERY},
    table::PAGE,
};
use crate::{
    parameter::{Kind, Parameter, Place, optional, required},
    vendor::op::{Op, Pages},
};

const TABLE: &str = "/api/now/table/incident";
const RECORD: &str = "/api/now/table/incident/{incident}";
/// The states of the base system.
const STATES: &[(&str, &str)] = &[
    ("new", "1"),
    ("in_progress", "2"),
    ("on_hold", "3"),
    ("resolved", "6"),
    ("closed", "7"),
    ("canceled", "8"),
];
const STATE: Kind = Kind::Either(&[
    Kind::OneOf(&["new", "in_progress", "on_hold", "resolved", "closed", "canceled"]),
    Kind::Integer(-99, 99),
]);
const LEVEL: Kind = Kind::Integer(1, 3);
const PRIORITY: Kind = Kind::Integer(1, 5);

const INCIDENT: Parameter =
    required("incident", Kind::Text, "Its number, such as INC0010001, or its sys_id.");
const CALLED: Called = Called { parameter: "incident", path: TABLE, field: "number", brief: true };

const FILTERS: &[Filter] = &[
    Filter { name: "active", field: "active", how: How::AnyOf(&[]) },
    Filter { name: "state", field: "state", how: How::AnyOf(STATES) },
    Filter { name: "priority", field: "priority", how: How::AnyOf(&[]) },
    Filter { name: "category", field: "category", how: How::AnyOf(&[]) },
    Filter { name: "assigned_to", field: "assigned_to", how: How::Person },
    Filter { name: "caller", field: "caller_id", how: How::Person },
    Filter { name: "assignment_group", field: "assignment_group", how: How::Named },
    Filter { name: "configuration_item", field: "cmdb_ci", how: How::Named },
    Filter { name: "text", field: "short_description", how: How::Holds },
    Filter { name: "opened_from", field: "opened_at", how: How::From },
    Filter { name: "opened_until", field: "opened_at", how: How::Until },
];

pub(super) const LIST: Op = Op::read("list_incidents", "Incidents by what people filter them by, or by a query.")
    .get(TABLE)
    .takes(&[
        optional("active", Kind::Boolean, "Whether it is neither closed nor canceled.").at(Place::Nowhere),
        optional("state", Kind::Either(&[STATE, Kind::List(&STATE, 10)]), "Its state, or any of several.")
            .at(Place::Nowhere),
        optional("priority", Kind::Either(&[PRIORITY, Kind::List(&PRIORITY, 5)]), "1 is critical, 5 planning.")
            .at(Place::Nowhere),
        optional("category", Kind::Text, "Its category, as stored.").at(Place::Nowhere),
        optional("assigned_to", Kind::Text, "Who works on it: user name, e-mail address or sys_id.")
            .at(Place::Nowhere),
        optional("caller", Kind::Text, "Who has the trouble: user name, e-mail address or sys_id.")
            .at(Place::Nowhere),
        optional("assignment_group", Kind::Text, "The group that it is with: name or sys_id.").at(Place::Nowhere),
        optional("configuration_item", Kind::Text, "What is affected: name or sys_id.").at(Place::Nowhere),
        optional("text", Kind::Text, "What its short description holds.").at(Place::Nowhere),
        optional("opened_from", Kind::Text, "Opened then or later, in UTC: 2026-11-01 or 2026-11-01 08:00:00.")
            .at(Place::Nowhere),
        optional("opened_until", Kind::Text, "Opened then or earlier, in UTC.").at(Place::Nowhere),
        QUERY,
        FIELDS,
        ORDER,
        DISPLAY,
    ])
    .with(&[("sysparm_exclude_reference_link", "true")])
    .statement("query")
    .shaped(|args, draft, _| record::filter(args, draft, FILTERS))
    .run(|running| named::list(running, "incident"))
    .rows("/result")
    .pages(Pages::Link)
    .sized(Place::Query("sysparm_limit"), PAGE)
    .example(r#"{"active":true,"priority":[1,2],"assignment_group":"Network","fields":["number","short_description","state"]}"#);

pub(super) const GET: Op = Op::read("get_incident", "One incident by its number or sys_id.")
    .get(RECORD)
    .takes(&[INCIDENT, FIELDS, DISPLAY])
    .with(&[("sysparm_exclude_reference_link", "true")])
    .run(|running| lookup::listed(running, &CALLED))
    .rows("/result")
    .example(r#"{"incident":"INC0010001","display_value":"true"}"#);

pub(super) const CREATE: Op = Op::write("create_incident", "CREATE", "Opens an incident.")
    .post(TABLE)
    .takes(&[
        required("short_description", Kind::UpTo(160), "What is wrong, in one line."),
        optional("description", Kind::Text, "What is wrong, at length."),
        optional("caller", Kind::Text, "Who has the trouble: a sys_id, or a name with input_display_value.")
            .at(Place::Body("/caller_id")),
        optional("category", Kind::Text, "Its category."),
        optional("subcategory", Kind::Text, "Its subcategory."),
        optional("impact", LEVEL, "1 is high, 3 low; the priority follows from impact and urgency."),
        optional("urgency", LEVEL, "1 is high, 3 low."),
        optional("assignment_group", Kind::Text, "Which group is to work on it: a sys_id, or a name as above."),
        optional("assigned_to", Kind::Text, "Who is to work on it: a sys_id, or a name as above."),
        optional("configuration_item", Kind::Text, "What is affected: a sys_id, or a name as above.")
            .at(Place::Body("/cmdb_ci")),
        optional("contact_type", Kind::Text, "How it came in, such as email or monitoring."),
        optional("work_notes", Kind::Text, "A note that only those who work on it read."),
        optional("correlation_id", Kind::UpTo(100), "The caller's own identifier, to find it again by."),
        MORE,
        AS_DISPLAYED,
        DISPLAY,
    ])
    .shaped(record::write)
    .rows("/result")
    .example(r#"{"short_description":"No VPN since this morning","impact":2,"urgency":1,"fields":{"u_region":"EMEA"}}"#);

pub(super) const UPDATE: Op = Op::write("update_incident", "UPDATE", "Changes fields of an incident.")
    .patch(RECORD)
    .takes(&[
        INCIDENT,
        optional("short_description", Kind::UpTo(160), "What is wrong, in one line."),
        optional("description", Kind::Text, "What is wrong, at length."),
        optional("state", STATE, "Its state; resolving is an operation of its own.")
            .written(|json| record::stored(STATES, json)),
        optional("category", Kind::Text, "Its category."),
        optional("subcategory", Kind::Text, "Its subcategory."),
        optional("impact", LEVEL, "1 is high, 3 low; the priority follows from impact and urgency."),
        optional("urgency", LEVEL, "1 is high, 3 low."),
        optional(
            "assignment_group",
            Kind::Text,
            "Which group is to work on it: a sys_id, or a name with input_display_value.",
        ),
        optional("assigned_to", Kind::Text, "Who is to work on it: a sys_id, or a name as above."),
        optional("configuration_item", Kind::Text, "What is affected: a sys_id, or a name as above.")
            .at(Place::Body("/cmdb_ci")),
        optional("work_notes", Kind::Text, "A note that only those who work on it read."),
        MORE,
        AS_DISPLAYED,
        DISPLAY,
    ])
    .shaped(record::write)
    .run(|running| lookup::found(running, &CALLED))
    .rows("/result")
    .example(r#"{"incident":"INC0010001","state":"in_progress","urgency":1}"#);

pub(super) const WORK_NOTE: Op =
    Op::write("add_work_note", "UPDATE", "Adds a note that the caller doesn't see.")
        .patch(RECORD)
        .takes(&[INCIDENT, required("note", Kind::Text, "The note.").at(Place::Body("/work_notes"))])
        .run(|running| lookup::found(running, &CALLED))
        .rows("/result")
        .example(r#"{"incident":"INC0010001","note":"Restarted the gateway."}"#);

pub(super) const COMMENT: Op = Op::write("add_comment", "UPDATE", "Adds a comment that the caller sees.")
    .patch(RECORD)
    .takes(&[INCIDENT, required("comment", Kind::Text, "The comment.").at(Place::Body("/comments"))])
    .run(|running| lookup::found(running, &CALLED))
    .rows("/result")
    .example(r#"{"incident":"INC0010001","comment":"We are on it."}"#);

pub(super) const RESOLVE: Op = Op::write("resolve_incident", "UPDATE", "Resolves an incident.")
    .patch(RECORD)
    .takes(&[
        INCIDENT,
        required("close_code", Kind::Text, "How it was resolved: one of the instance's codes, such as Solution provided."),
        required("close_notes", Kind::Text, "What resolved it."),
        optional("work_notes", Kind::Text, "A note that only those who work on it read."),
    ])
    .with(&[("state", "\"6\"")])
    .run(|running| lookup::found(running, &CALLED))
    .rows("/result")
    .example(r#"{"incident":"INC0010001","close_code":"Solution provided","close_notes":"New certificate on the gateway."}"#);
