//! Jira Cloud: issues, by REST API version 3.

mod account;
mod document;
mod fields;
mod refusal;
mod removal;
mod transition;

use egress::Response;
use model::connector_type::ConnectorType;
use serde_json::Value;

use self::{
    document::DOCUMENT,
    fields::{COMPONENTS, NAMED},
};
use crate::{
    ConnectorError,
    http::{answer::small, oauth::Grant},
    message::passed_on,
    parameter::{Choice, Kind, Parameter, Place, optional, required},
    vendor::{
        Health, Vendor,
        op::{Op, Pages},
        way::{Setup, Way},
    },
};

pub(crate) static JIRA: Vendor = Vendor {
    kind: ConnectorType::Jira,
    name: "Jira",
    operations: OPERATIONS,
    language: Some(|_| "search_issues"),
    way,
    refusal: refusal::refusal,
    health: Health { op: Op::read("health", "Tells who calls.").get("/rest/api/3/myself"), told },
};

const ISSUE: Parameter =
    required("issueIdOrKey", Kind::Text, "The issue: its key, such as ENG-1, or its id.")
        .written(fields::in_path);
const PROJECT: Parameter =
    required("projectIdOrKey", Kind::Text, "The project: its key, such as ENG, or its id.")
        .written(fields::in_path);
const JQL: Parameter = required("jql", Kind::Text, "What to look for, in JQL; it must restrict the search.");
const TEXTS: Kind = Kind::List(&Kind::Text, 200);
const FIELDS: Parameter =
    optional("fields", TEXTS, "The fields to give, by id; `*all`, `*navigable`, and `-id` to leave one out.");
const EXPAND: Parameter =
    optional("expand", Kind::List(&Kind::Text, 20), "What more to give, such as `names` or `changelog`.");
const BY_KEYS: Parameter = optional("fieldsByKeys", Kind::Boolean, "Whether `fields` are keys, not ids.");
const PROPERTIES: Parameter = optional("properties", Kind::List(&Kind::Text, 5), "Issue properties to give.");
const NOTIFY: Parameter =
    optional("notifyUsers", Kind::Boolean, "Whether watchers get an e-mail; they do by default.")
        .at(Place::Query("notifyUsers"));
const UPDATE: Parameter = optional(
    "update",
    Kind::Object,
    "Operations on fields, by id, such as `{\"labels\":[{\"add\":\"x\"}]}`; a `remove` or `set` of comments, work logs, links or attachments is a `DELETE` too.",
);
const BODY: Parameter = required("body", DOCUMENT, "The comment: plain text, or a document of Jira's.")
    .written(document::written);
const VISIBILITY: Parameter = optional(
    "visibility",
    Kind::Shape(&[
        required("type", Kind::OneOf(&["group", "role"]), "What the name is."),
        required("value", Kind::Text, "The name of the group or the project role."),
    ]),
    "Who alone may see the comment.",
);

const OFFSET: Pages = Pages::Offset { send: Place::Query("startAt"), total: "/total" };
const SIZE: Place = Place::Query("maxResults");

const OPERATIONS: &[Op] = &[
    Op::read("search_issues", "Issues that a JQL query finds; without `fields` each has those of the issue navigator.")
        .post("/rest/api/3/search/jql")
        .takes(&[
            JQL,
            FIELDS,
            EXPAND.written(fields::joined),
            PROPERTIES,
            BY_KEYS,
            optional("reconcileIssues", Kind::List(&Kind::Integer(1, i64::MAX), 50), "Ids of issues that must be up to date."),
        ])
        .statement("jql")
        .rows("/issues")
        .pages(Pages::Cursor { at: "/nextPageToken", send: Place::Body("/nextPageToken") })
        .sized(Place::Body("/maxResults"), 100)
        .shaped(fields::of_search)
        .example(r#"{"jql":"project = ENG AND status = \"To Do\" ORDER BY created","fields":["summary","status"]}"#),
    Op::read("count_issues", "About how many issues a JQL query finds.")
        .post("/rest/api/3/search/approximate-count")
        .takes(&[JQL])
        .statement("jql")
        .example(r#"{"jql":"project = ENG"}"#),
    Op::read("get_issue", "One issue.")
        .get("/rest/api/3/issue/{issueIdOrKey}")
        .takes(&[ISSUE, FIELDS, EXPAND, PROPERTIES, BY_KEYS])
        .example(r#"{"issueIdOrKey":"ENG-1","fields":["summary","status"]}"#),
    Op::write("create_issue", "CREATE", "Creates an issue, and gives its id and key.")
        .post("/rest/api/3/issue")
        .takes(&[
            required("project", Kind::Text, "The project: its key, or its id.").at(Place::Body("/fields/project")).written(fields::key_or_id),
            required("issuetype", Kind::Text, "The type of issue: its name, such as Task, or its id.")
                .at(Place::Body("/fields/issuetype"))
                .written(fields::name_or_id),
            required("summary", Kind::UpTo(255), "One line of text.").at(Place::Body("/fields/summary")),
            NAMED.description,
            NAMED.labels,
            NAMED.priority,
            NAMED.assignee,
            NAMED.duedate,
            NAMED.parent,
            COMPONENTS,
            fields::MORE,
            UPDATE,
        ])
        .shaped(fields::beside)
        .judged(removal::judged)
        .example(r#"{"project":"ENG","issuetype":"Task","summary":"Pump leaks","description":"Since Monday.\n\nSee the log."}"#),
    Op::write("update_issue", "UPDATE", "Changes fields of an issue.")
        .put("/rest/api/3/issue/{issueIdOrKey}")
        .takes(&[
            ISSUE,
            optional("summary", Kind::UpTo(255), "One line of text.").at(Place::Body("/fields/summary")),
            NAMED.description,
            NAMED.labels,
            NAMED.priority,
            NAMED.assignee,
            NAMED.duedate,
            NAMED.parent,
            COMPONENTS,
            fields::MORE,
            UPDATE,
            NOTIFY,
            optional("returnIssue", Kind::Boolean, "Whether the changed issue is given back.").at(Place::Query("returnIssue")),
        ])
        .choosing(&[Choice::AnyOf(fields::CHANGES)])
        .shaped(fields::beside)
        .judged(removal::judged)
        .example(r#"{"issueIdOrKey":"ENG-1","summary":"Pump A leaks","update":{"labels":[{"add":"pump"}]}}"#),
    Op::read("list_comments", "The comments of an issue.")
        .get("/rest/api/3/issue/{issueIdOrKey}/comment")
        .takes(&[
            ISSUE,
            optional("orderBy", Kind::OneOf(&["created", "-created"]), "The oldest first, or the newest."),
            EXPAND,
        ])
        .rows("/comments")
        .pages(OFFSET)
        .sized(SIZE, 100)
        .example(r#"{"issueIdOrKey":"ENG-1","orderBy":"-created"}"#),
    Op::write("add_comment", "CREATE", "Adds a comment to an issue.")
        .post("/rest/api/3/issue/{issueIdOrKey}/comment")
        .takes(&[ISSUE, BODY, VISIBILITY])
        .example(r#"{"issueIdOrKey":"ENG-1","body":"Seen on Monday.\nAnd again today."}"#),
    Op::write("edit_comment", "UPDATE", "Replaces the text of a comment.")
        .put("/rest/api/3/issue/{issueIdOrKey}/comment/{id}")
        .takes(&[ISSUE, required("id", Kind::Text, "The comment's id."), BODY, VISIBILITY, NOTIFY])
        .example(r#"{"issueIdOrKey":"ENG-1","id":"10001","body":"Seen on Tuesday."}"#),
    Op::read("list_transitions", "What can be done with an issue in its present status.")
        .get("/rest/api/3/issue/{issueIdOrKey}/transitions")
        .takes(&[ISSUE, optional("expand", Kind::OneOf(&["transitions.fields"]), "Gives the fields of each one's screen too.")])
        .rows("/transitions")
        .example(r#"{"issueIdOrKey":"ENG-1"}"#),
    Op::write("transition_issue", "UPDATE", "Takes an issue to another status.")
        .post("/rest/api/3/issue/{issueIdOrKey}/transitions")
        .takes(&[
            ISSUE,
            required("transition", Kind::Text, "The transition: its id, its name, or the status that it leads to.").at(Place::Nowhere),
            optional("resolution", Kind::Text, "The resolution, by name or id, where the screen asks for one.")
                .at(Place::Body("/fields/resolution"))
                .written(fields::name_or_id),
            optional("comment", DOCUMENT, "A comment: plain text, or a document of Jira's.").at(Place::Nowhere),
            fields::MORE,
            UPDATE,
        ])
        .shaped(transition::shape)
        .judged(removal::judged)
        .run(transition::run)
        .example(r#"{"issueIdOrKey":"ENG-1","transition":"Resolve","resolution":"Done"}"#),
    Op::write("assign_issue", "UPDATE", "Assigns an issue to somebody, or to nobody.")
        .put("/rest/api/3/issue/{issueIdOrKey}/assignee")
        .takes(&[
            ISSUE,
            optional("accountId", Kind::Either(&[Kind::Text, Kind::Null]), "The account; null is nobody, `-1` the project's default.")
                .at(Place::Nowhere),
            optional("email", Kind::Text, "The account's e-mail address, instead of its id.").at(Place::Nowhere),
        ])
        .choosing(&[Choice::OneOf(&["accountId", "email"])])
        .run(account::assign)
        .example(r#"{"issueIdOrKey":"ENG-1","email":"ada@example.com"}"#),
    Op::read("find_assignable", "Who can be assigned to an issue, or in a project; among the first thousand that match.")
        .get("/rest/api/3/user/assignable/search")
        .takes(&[
            optional("query", Kind::Text, "How the name or the e-mail address begins; this or `accountId` is needed."),
            optional("accountId", Kind::Text, "One account, to see whether it can be assigned."),
            optional("issueKey", Kind::Text, "The issue's key; this or `project` is needed."),
            optional("project", Kind::Text, "The project's key or id."),
        ])
        .choosing(&[Choice::AnyOf(&["query", "accountId"]), Choice::AnyOf(&["issueKey", "project"])])
        .with(&[("maxResults", "1000")])
        .example(r#"{"query":"ada","project":"ENG"}"#),
    Op::read("list_projects", "The projects that the account can see.")
        .get("/rest/api/3/project/search")
        .takes(&[
            optional("query", Kind::Text, "A part of the key or the name."),
            optional("keys", Kind::List(&Kind::Text, 50), "Only projects of these keys.").at(Place::Nowhere),
            optional("typeKey", Kind::List(&Kind::OneOf(&["business", "service_desk", "software"]), 3), "Only projects of these types."),
            optional("orderBy", Kind::OneOf(&["key", "-key", "name", "-name"]), "What to sort by."),
            EXPAND,
        ])
        .rows("/values")
        .pages(OFFSET)
        .sized(SIZE, 100)
        .shaped(fields::of_projects)
        .example(r#"{"query":"eng"}"#),
    Op::read("create_meta", "The types of issue that can be created in a project.")
        .get("/rest/api/3/issue/createmeta/{projectIdOrKey}/issuetypes")
        .takes(&[PROJECT])
        .rows("/issueTypes")
        .pages(OFFSET)
        .sized(SIZE, 100)
        .example(r#"{"projectIdOrKey":"ENG"}"#),
    Op::read("create_meta_fields", "The fields that an issue of a type takes when it is created.")
        .get("/rest/api/3/issue/createmeta/{projectIdOrKey}/issuetypes/{issueTypeId}")
        .takes(&[PROJECT, required("issueTypeId", Kind::Text, "The type's id, as `create_meta` gives it.")])
        .rows("/fields")
        .pages(OFFSET)
        .sized(SIZE, 100)
        .example(r#"{"projectIdOrKey":"ENG","issueTypeId":"10002"}"#),
    Op::read("list_fields", "Every field of the site, with its id and name.").get("/rest/api/3/field"),
    Op::read("list_link_types", "The site's types of link, each with how it reads from either side.")
        .get("/rest/api/3/issueLinkType")
        .rows("/issueLinkTypes"),
    Op::write("link_issues", "CREATE", "Links two issues; a link that is there already stays one.")
        .post("/rest/api/3/issueLink")
        .takes(&[
            required("type", Kind::Text, "The type of link: its name, such as Blocks, or its id.").written(fields::name_or_id),
            required("inwardIssue", Kind::Text, "The issue on the inward side: its key or id.").written(fields::key_or_id),
            required("outwardIssue", Kind::Text, "The issue on the outward side: its key or id.").written(fields::key_or_id),
            optional("comment", DOCUMENT, "A comment on the outward issue: plain text, or a document of Jira's.")
                .at(Place::Body("/comment/body"))
                .written(document::written),
        ])
        .example(r#"{"type":"Blocks","inwardIssue":"ENG-1","outwardIssue":"ENG-2"}"#),
];

const USER: &[&str] = &["email", "jiraId"];
const OAUTH: &str = "oauth2_client_credentials";
const BEARER: &str = "bearer";
const GATEWAY: &str = "https://api.atlassian.com";
const AT_SITE: &str = "connection_url must be the site, such as https://name.atlassian.net";
const AT_GATEWAY: &str =
    "check the gateway and the token endpoint, where options name others than Atlassian's";
const TOKEN_URL: &str = "https://auth.atlassian.com/oauth/token";

/// The site itself, or the gateway where a cloud id is known: tokens with scopes and OAuth are good there alone.
fn way(setup: &Setup<'_>) -> Result<Way, ConnectorError> {
    let (options, secret) = (setup.options(), setup.credentials);
    let base = match options.text("cloud_id").or_else(|| secret.get(&["cloud_id", "cloudId"])) {
        Some(id) if is_cloud_id(id) => {
            let gateway = options.text("gateway_url").unwrap_or(GATEWAY).trim_end_matches('/');
            Setup::url(&format!("{gateway}/ex/jira/{id}"))?
        }
        Some(_) => return Err(ConnectorError::Configuration("cloud_id must be a UUID".into())),
        None => setup.base(&[], None)?,
    };
    let known = match options.text("auth_type") {
        Some(named) => named,
        None if secret.get(&["client_id"]).is_some() => OAUTH,
        None if secret.get(&["token"]).is_some() && secret.get(USER).is_none() => BEARER,
        None => "basic",
    };
    if known != "basic" && !base.path().starts_with("/ex/jira/") {
        let why = "a site takes no bearer tokens: set options.cloud_id, so that the gateway is called";
        return Err(ConnectorError::Configuration(why.into()));
    }
    let auth = match known {
        OAUTH => {
            let (id, client_secret) = (secret.require(&["client_id"])?, secret.require(&["client_secret"])?);
            let no_url = |_| ConnectorError::Configuration("options.token_url is no URL".into());
            let url = options.text("token_url").unwrap_or(TOKEN_URL).parse().map_err(no_url)?;
            setup.tokens(Grant::client_credentials(url, id, client_secret))?
        }
        BEARER => setup.bearer(&["token"])?,
        _ => setup.basic(USER, &["api_token", "jiraCredential", "token"])?,
    };
    let hint = if base.path() == "/" { AT_SITE } else { AT_GATEWAY };
    Ok(Way::new(base, auth).hint(Some(hint)))
}

/// It becomes part of a path.
fn is_cloud_id(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|c| c.is_ascii_hexdigit() || c == b'-')
}

fn told(response: &Response, setup: &Setup<'_>) -> Result<String, ConnectorError> {
    let body = small(response).unwrap_or_default();
    let name = body.get("displayName").and_then(Value::as_str);
    let nobody =
        || ConnectorError::Upstream("the answer names no account; connection_url may be no Jira site".into());
    let secrets: Vec<&str> = setup.credentials.values().collect();
    Ok(format!("GET of myself{}", passed_on(name.ok_or_else(nobody)?, &secrets)))
}
