//! Change requests, by the Change Management API: each value comes beside what people read.

use super::{
    lookup::{self, Called},
    named,
    record::{self, Filter, How, MORE, ORDER, QUERY},
};
use crate::{
    ConnectorError,
    parameter::{Kind, Parameter, Place, optional, required},
    vendor::{
        args::Args,
        draft::Draft,
        op::{Op, Pages},
    },
};

const CHANGES: &str = "/api/sn_chg_rest/change";
/// The most changes of a page. The API's own default is 500, but it gives every field, and each twice.
const PAGE: usize = 200;
/// Lists of this API have no links; there may be more until a page is empty.
const PAGES: Pages = Pages::Further { send: Place::Query("sysparm_offset") };

/// The states of the base system.
const STATES: &[(&str, &str)] = &[
    ("new", "-5"),
    ("assess", "-4"),
    ("authorize", "-3"),
    ("scheduled", "-2"),
    ("implement", "-1"),
    ("review", "0"),
    ("closed", "3"),
    ("canceled", "4"),
];
const STATE: Kind = Kind::Either(&[
    Kind::OneOf(&["new", "assess", "authorize", "scheduled", "implement", "review", "closed", "canceled"]),
    Kind::Integer(-99, 99),
]);
const TYPE: Kind = Kind::OneOf(&["normal", "standard", "emergency"]);

const CHANGE: Parameter = required("change", Kind::Text, "Its number, such as CHG0030001, or its sys_id.");
const NUMBERED: Called =
    Called { parameter: "change", path: "/api/now/table/change_request", field: "number", brief: true };
const LISTED: Called = Called { parameter: "change", path: CHANGES, field: "number", brief: false };
const TEMPLATE: Called = Called {
    parameter: "template",
    path: "/api/now/table/std_change_record_producer",
    field: "sys_name",
    brief: true,
};

const FILTERS: &[Filter] = &[
    Filter { name: "type", field: "type", how: How::AnyOf(&[]) },
    Filter { name: "state", field: "state", how: How::AnyOf(STATES) },
    Filter { name: "active", field: "active", how: How::AnyOf(&[]) },
    Filter { name: "assigned_to", field: "assigned_to", how: How::Person },
    Filter { name: "assignment_group", field: "assignment_group", how: How::Named },
    Filter { name: "configuration_item", field: "cmdb_ci", how: How::Named },
    Filter { name: "text", field: "short_description", how: How::Holds },
    Filter { name: "planned_from", field: "start_date", how: How::From },
    Filter { name: "planned_until", field: "start_date", how: How::Until },
];

pub(super) const LIST: Op =
    Op::read("list_changes", "Change requests by what people filter them by, or by a query.")
        .get(CHANGES)
        .takes(&[
            optional("type", TYPE, "Its type.").at(Place::Nowhere),
            optional(
                "state",
                Kind::Either(&[STATE, Kind::List(&STATE, 10)]),
                "Its state, or any of several.",
            )
            .at(Place::Nowhere),
            optional("active", Kind::Boolean, "Whether it is neither closed nor canceled.")
                .at(Place::Nowhere),
            optional("assigned_to", Kind::Text, "Who works on it: user name, e-mail address or sys_id.")
                .at(Place::Nowhere),
            optional("assignment_group", Kind::Text, "The group that it is with: name or sys_id.")
                .at(Place::Nowhere),
            optional("configuration_item", Kind::Text, "What is changed: name or sys_id.").at(Place::Nowhere),
            optional("text", Kind::Text, "What its short description holds.").at(Place::Nowhere),
            optional("planned_from", Kind::Text, "Planned to start then or later, in UTC.")
                .at(Place::Nowhere),
            optional("planned_until", Kind::Text, "Planned to start then or earlier, in UTC.")
                .at(Place::Nowhere),
            QUERY,
            ORDER,
        ])
        .statement("query")
        .shaped(|args, draft, _| record::filter(args, draft, FILTERS))
        .run(|running| named::list(running, "change_request"))
        .rows("/result")
        .pages(PAGES)
        .sized(Place::Query("sysparm_limit"), PAGE)
        .example(r#"{"type":"normal","state":["assess","authorize"],"planned_from":"2026-12-01"}"#);

pub(super) const GET: Op = Op::read("get_change", "One change request by its number or sys_id.")
    .get("/api/sn_chg_rest/change/{change}")
    .takes(&[CHANGE])
    .run(|running| lookup::listed(running, &LISTED))
    .rows("/result")
    .example(r#"{"change":"CHG0030001"}"#);

pub(super) const NEXT_STATES: Op =
    Op::read("next_states", "The states that a change request may go to, and what they need.")
        .get("/api/sn_chg_rest/change/{change}/nextstates")
        .takes(&[CHANGE])
        .run(|running| lookup::found(running, &NUMBERED))
        .rows("/result")
        .example(r#"{"change":"CHG0030001"}"#);

pub(super) const CONFLICTS: Op =
    Op::read("get_conflicts", "What the last check for conflicts of schedule found, or how far it is.")
        .get("/api/sn_chg_rest/change/{change}/conflict")
        .takes(&[CHANGE])
        .run(|running| lookup::found(running, &NUMBERED))
        .rows("/result")
        .example(r#"{"change":"CHG0030001"}"#);

pub(super) const TASKS: Op = Op::read("list_change_tasks", "The tasks of a change request.")
    .get("/api/sn_chg_rest/change/{change}/task")
    .takes(&[CHANGE])
    .with(&[("sysparm_query", "ORDERBYsys_created_on^ORDERBYsys_id")])
    .run(|running| lookup::found(running, &NUMBERED))
    .rows("/result")
    .pages(PAGES)
    .sized(Place::Query("sysparm_limit"), PAGE)
    .example(r#"{"change":"CHG0030001"}"#);

pub(super) const TEMPLATES: Op =
    Op::read("list_change_templates", "The templates that standard changes are made from.")
        .get("/api/sn_chg_rest/change/standard/template")
        .takes(&[optional("text", Kind::Text, "What its name holds.").at(Place::Nowhere)])
        .shaped(|args, draft, _| {
            record::filter(args, draft, &[Filter { name: "text", field: "sys_name", how: How::Holds }])
        })
        .rows("/result")
        .pages(PAGES)
        .sized(Place::Query("sysparm_limit"), PAGE)
        .example(r#"{"text":"router"}"#);

const SHORT: Parameter = required("short_description", Kind::UpTo(160), "What is changed, in one line.");
const DESCRIPTION: Parameter = optional("description", Kind::UpTo(4_000), "What is changed, at length.");
const GROUP: Parameter =
    optional("assignment_group", Kind::Text, "The sys_id of the group that is to work on it.");
const PERSON: Parameter = optional("assigned_to", Kind::Text, "The sys_id of who is to work on it.");
const ITEM: Parameter =
    optional("configuration_item", Kind::Text, "The sys_id of what is changed.").at(Place::Body("/cmdb_ci"));
const START: Parameter =
    optional("planned_start", Kind::Text, "In UTC: 2026-12-01 08:00:00.").at(Place::Body("/start_date"));
const END: Parameter =
    optional("planned_end", Kind::Text, "In UTC: 2026-12-01 10:00:00.").at(Place::Body("/end_date"));
const RISK: Parameter =
    optional("risk", Kind::Integer(1, 5), "In the base system 2 is high, 3 moderate, 4 low.");
const IMPACT: Parameter = optional("impact", Kind::Integer(1, 3), "1 is high, 3 low.");
const JUSTIFICATION: Parameter = optional("justification", Kind::UpTo(4_000), "Why it is worth its risk.");
const IMPLEMENTATION: Parameter = optional("implementation_plan", Kind::UpTo(4_000), "The steps.");
const BACKOUT: Parameter = optional("backout_plan", Kind::UpTo(4_000), "How it is undone.");
const TEST: Parameter = optional("test_plan", Kind::UpTo(4_000), "How it is shown to have worked.");

const NEW: &[Parameter] = &[
    SHORT,
    DESCRIPTION,
    GROUP,
    PERSON,
    ITEM,
    START,
    END,
    RISK,
    IMPACT,
    JUSTIFICATION,
    IMPLEMENTATION,
    BACKOUT,
    TEST,
    MORE,
];

pub(super) const CREATE_NORMAL: Op =
    Op::write("create_normal_change", "CREATE", "Opens a normal change request.")
        .post("/api/sn_chg_rest/change/normal")
        .takes(NEW)
        .shaped(record::write)
        .rows("/result")
        .example(r#"{"short_description":"New firmware on core-1","planned_start":"2026-12-01 22:00:00","planned_end":"2026-12-01 23:00:00"}"#);

pub(super) const CREATE_EMERGENCY: Op =
    Op::write("create_emergency_change", "CREATE", "Opens an emergency change request.")
        .post("/api/sn_chg_rest/change/emergency")
        .takes(NEW)
        .shaped(record::write)
        .rows("/result")
        .example(
            r#"{"short_description":"Replace the failed disk of db-3","justification":"No redundancy left"}"#,
        );

pub(super) const CREATE_STANDARD: Op =
    Op::write("create_standard_change", "CREATE", "Opens a standard change request from its template.")
        .post("/api/sn_chg_rest/change/standard/{template}")
        .takes(&[
            required(
                "template",
                Kind::Text,
                "The template's sys_id or name; list_change_templates has them.",
            ),
            optional("short_description", Kind::UpTo(160), "In place of the template's own."),
            GROUP,
            PERSON,
            ITEM,
            START,
            END,
            MORE,
        ])
        .shaped(record::write)
        .run(|running| lookup::found(running, &TEMPLATE))
        .rows("/result")
        .example(
            r#"{"template":"Clear BGP sessions on a Cisco router","planned_start":"2026-12-01 22:00:00"}"#,
        );

pub(super) const CREATE: Op =
    Op::write("create_change", "CREATE", "Opens a change request by a type or a change model.")
        .post(CHANGES)
        .takes(&[
            SHORT,
            optional("type", Kind::Text, "A type, such as normal; needed without a model."),
            optional("model", Kind::Text, "A change model's name or sys_id.").at(Place::Body("/chg_model")),
            DESCRIPTION,
            GROUP,
            PERSON,
            ITEM,
            START,
            END,
            RISK,
            IMPACT,
            JUSTIFICATION,
            MORE,
        ])
        .shaped(of_a_kind)
        .rows("/result")
        .example(r#"{"short_description":"New subnet","model":"Cloud Infrastructure"}"#);

/// What a change of neither becomes differs by release.
fn of_a_kind(args: &Args<'_>, draft: &mut Draft, limit: Option<usize>) -> Result<(), ConnectorError> {
    if args.raw("type").is_none() && args.raw("model").is_none() {
        let why = "a change request needs a type or a model; without one what it becomes differs by release";
        return Err(ConnectorError::Invalid(why.into()));
    }
    record::write(args, draft, limit)
}

pub(super) const UPDATE: Op =
    Op::write("update_change", "UPDATE", "Changes fields of a change request, such as its state.")
        .patch("/api/sn_chg_rest/change/{change}")
        .takes(&[
            CHANGE,
            optional("state", STATE, "One of those that next_states gives.")
                .written(|json| record::stored(STATES, json)),
            optional("short_description", Kind::UpTo(160), "What is changed, in one line."),
            DESCRIPTION,
            GROUP,
            PERSON,
            ITEM,
            START,
            END,
            RISK,
            IMPACT,
            JUSTIFICATION,
            IMPLEMENTATION,
            BACKOUT,
            TEST,
            optional("work_notes", Kind::UpTo(4_000), "A note that only those who work on it read."),
            optional("close_code", Kind::Text, "How it ended, such as successful; needed to close it."),
            optional("close_notes", Kind::Text, "What there is to say of how it ended; needed to close it."),
            MORE,
        ])
        .shaped(record::write)
        .run(|running| lookup::found(running, &NUMBERED))
        .rows("/result")
        .example(r#"{"change":"CHG0030001","state":"assess","work_notes":"Ready for the CAB."}"#);

pub(super) const APPROVE: Op =
    Op::write("approve_change", "APPROVE", "Approves or rejects a change request in the caller's own name.")
        .patch("/api/sn_chg_rest/change/{change}/approvals")
        .takes(&[
            CHANGE,
            required("state", Kind::OneOf(&["approved", "rejected"]), "The decision."),
            optional("comments", Kind::Text, "Why; needed to reject."),
        ])
        .shaped(|args, _, _| match (args.text("state").as_deref(), args.raw("comments")) {
            (Some("rejected"), None) => Err(ConnectorError::Invalid(
                "a rejection needs the parameter comments, which says why".into(),
            )),
            _ => Ok(()),
        })
        .run(|running| lookup::found(running, &NUMBERED))
        .rows("/result")
        .example(r#"{"change":"CHG0030001","state":"approved"}"#);

pub(super) const CHECK_CONFLICTS: Op = Op::write(
    "check_conflicts",
    "UPDATE",
    "Starts a check for conflicts of schedule; get_conflicts has what it finds.",
)
.post("/api/sn_chg_rest/change/{change}/conflict")
.takes(&[CHANGE])
.run(|running| lookup::found(running, &NUMBERED))
.rows("/result")
.example(r#"{"change":"CHG0030001"}"#);

pub(super) const CREATE_TASK: Op =
    Op::write("create_change_task", "CREATE", "Adds a task to a change request.")
        .post("/api/sn_chg_rest/change/{change}/task")
        .takes(&[
            CHANGE,
            required("short_description", Kind::UpTo(160), "What is to be done, in one line."),
            DESCRIPTION,
            GROUP,
            PERSON,
            optional("planned_start", Kind::Text, "In UTC: 2026-12-01 08:00:00.")
                .at(Place::Body("/planned_start_date")),
            optional("planned_end", Kind::Text, "In UTC: 2026-12-01 10:00:00.")
                .at(Place::Body("/planned_end_date")),
            MORE,
        ])
        .shaped(record::write)
        .run(|running| lookup::found(running, &NUMBERED))
        .rows("/result")
        .example(r#"{"change":"CHG0030001","short_description":"Back up the configuration"}"#);
