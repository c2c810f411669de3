//! Configuration items and what they depend on, by the CMDB Instance API. Writing them is blocked unless the record
//! says otherwise: the CMDB is what others decide by.

use super::{
    lookup::{self, Called},
    named, query,
    record::{self, Filter, How, ORDER, QUERY},
    table::PAGE,
};
use crate::{
    parameter::{Kind, Parameter, Place, optional, required},
    vendor::op::{Op, Pages},
};

const CLASS: Parameter =
    required("class", Kind::Text, "Its class: a table, such as cmdb_ci_linux_server.").written(query::table);
const ITEM: Parameter = required("item", Kind::Text, "The item's sys_id, or its name where no other has it.");
const CALLED: Called =
    Called { parameter: "item", path: "/api/now/cmdb/instance/{class}", field: "name", brief: false };
const ATTRIBUTES: Parameter = required("attributes", Kind::Object, "Fields by their names.");
const SOURCE: Parameter = required(
    "source",
    Kind::Text,
    "Where the data comes from: a choice of the instance's discovery_source, by which its rules reconcile.",
);
const RELATION: Kind = Kind::Shape(&[
    required("type", Kind::Text, "The sys_id of the relation's type."),
    required("target", Kind::Text, "The sys_id of the other item."),
]);

pub(super) const LIST: Op = Op::read("cmdb_list", "Configuration items of a class: names and sys_ids.")
    .get("/api/now/cmdb/instance/{class}")
    .takes(&[
        CLASS,
        optional("name", Kind::Text, "What its name holds.").at(Place::Nowhere),
        optional("ip_address", Kind::Text, "Its address.").at(Place::Nowhere),
        QUERY,
        ORDER,
    ])
    .statement("query")
    .shaped(|args, draft, _| record::filter(args, draft, FILTERS))
    .run(|running| named::count(running, named::table(running.args, "class")))
    .rows("/result")
    .pages(Pages::Further { send: Place::Query("sysparm_offset") })
    .sized(Place::Query("sysparm_limit"), PAGE)
    .example(r#"{"class":"cmdb_ci_linux_server","name":"web","query":"operational_status=1"}"#);

const FILTERS: &[Filter] = &[
    Filter { name: "name", field: "name", how: How::Holds },
    Filter { name: "ip_address", field: "ip_address", how: How::AnyOf(&[]) },
];

pub(super) const GET: Op = Op::read(
    "cmdb_get",
    "One configuration item: its attributes, what it depends on, and what depends on it.",
)
.get("/api/now/cmdb/instance/{class}/{item}")
.takes(&[CLASS, ITEM])
.run(|running| lookup::found(running, &CALLED))
.rows("/result")
.example(r#"{"class":"cmdb_ci_linux_server","item":"web-1"}"#);

pub(super) const CREATE: Op = Op::write(
    "cmdb_create",
    "CREATE",
    "Adds a configuration item, by the instance's rules of identification.",
)
.post("/api/now/cmdb/instance/{class}")
.takes(&[
    CLASS,
    ATTRIBUTES,
    SOURCE,
    optional("outbound_relations", Kind::List(&RELATION, 50), "What it depends on."),
    optional("inbound_relations", Kind::List(&RELATION, 50), "What depends on it."),
])
.rows("/result")
.example(r#"{"class":"cmdb_ci_linux_server","attributes":{"name":"web-4"},"source":"Other Automated"}"#);

pub(super) const UPDATE: Op = Op::write("cmdb_update", "UPDATE", "Changes attributes of a configuration item.")
    .patch("/api/now/cmdb/instance/{class}/{item}")
    .takes(&[CLASS, ITEM, ATTRIBUTES, SOURCE])
    .run(|running| lookup::found(running, &CALLED))
    .rows("/result")
    .example(r#"{"class":"cmdb_ci_linux_server","item":"web-1","attributes":{"ram":"4096"},"source":"Other Automated"}"#);
