//! One upstream of each type behind a server that misbehaves when it is told to, and a question of each kind to ask it.

use std::{
    any::Any,
    io,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU8, Ordering},
    },
    time::Duration,
};

use connectors::{Connector, ConnectorError, Credentials, Request, Stages};
use egress::{Egress, Resolver, Rules, Tls};
use model::{
    allow_list::AllowList,
    clock::{Clock, SystemClock},
    connector_type::ConnectorType,
    deadline::Deadline,
    fault::Pointer,
    health::Health,
    ids::{ConnectorName, TenantId},
    options::Options,
    parameters::Parameters,
    record::ConnectorRecord,
};
use serde_json::{Value, json};
use stand_ins::{
    StandIn, Vendor, amadeus, amadeus::Amadeus, hubspot, hubspot::HubSpot, jira, jira::Jira,
    salesforce::Salesforce, servicenow::ServiceNow, slack::Slack,
};
use test_servers::misbehaving::{HOST, Misbehaving, Upstream};
use uuid::Uuid;

use crate::{
    reply::Reply,
    stub::{Stub, tokens_at},
};

/// What is asked of a connector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Query,
    Execute,
    Health,
}

impl Call {
    pub(crate) const ALL: [Self; 3] = [Self::Query, Self::Execute, Self::Health];
}

/// A connector, the server before its upstream, and the upstream.
pub(crate) struct World {
    pub(crate) server: Misbehaving,
    pub(crate) names: Arc<Names>,
    /// The values of the secret, which no error may hold.
    pub(crate) secrets: Vec<String>,
    pub(crate) connector: Box<dyn Connector>,
    query: Question,
    execute: Question,
    _upstream: Box<dyn Any>,
}

/// Something to ask.
#[derive(Default)]
struct Question {
    operation: Option<&'static str>,
    statement: Option<&'static str>,
    parameters: Value,
}

/// How the upstream's name is answered.
#[derive(Default)]
pub(crate) struct Names(AtomicU8);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Naming {
    Known,
    Unknown,
    Unanswered,
}

impl Names {
    pub(crate) fn answer(&self, naming: Naming) {
        self.0.store(naming as u8, Ordering::SeqCst);
    }
}

#[async_trait::async_trait]
impl Resolver for Names {
    async fn lookup(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let naming = self.0.load(Ordering::SeqCst);
        if naming == Naming::Unanswered as u8 {
            std::future::pending::<()>().await;
        }
        let known = naming == Naming::Known as u8 && host == HOST;
        if known { Ok(vec![IpAddr::from([127, 0, 0, 1])]) } else { Err(io::ErrorKind::NotFound.into()) }
    }
}

/// Whether a request is for a token.
pub(crate) fn is_for_a_token(asked: &str) -> bool {
    asked.contains("oauth")
}

fn address(url: &str) -> SocketAddr {
    url.trim_start_matches("http://").split('/').next().unwrap().parse().unwrap()
}

fn to<V: Vendor>(vendor: &StandIn<V>) -> Upstream {
    let address = address(&vendor.url());
    Box::new(move |_| address)
}

/// The types whose upstreams speak HTTP.
pub(crate) fn speaks_http(kind: ConnectorType) -> bool {
    match kind {
        ConnectorType::Postgres | ConnectorType::Cassandra => false,
        ConnectorType::Custom
        | ConnectorType::Salesforce
        | ConnectorType::Hubspot
        | ConnectorType::Slack
        | ConnectorType::Jira
        | ConnectorType::Servicenow
        | ConnectorType::Amadeus
        | ConnectorType::Snowflake => true,
    }
}

/// Whether it fetches tokens in these tests.
pub(crate) fn fetches_tokens(kind: ConnectorType) -> bool {
    kind != ConnectorType::Slack
}

impl World {
    /// An upstream of this type, over TLS or in the clear.
    pub(crate) async fn start(kind: ConnectorType, sealed: bool) -> Self {
        match kind {
            ConnectorType::Custom => custom(sealed).await,
            ConnectorType::Salesforce => salesforce(sealed).await,
            ConnectorType::Hubspot => hubspot(sealed).await,
            ConnectorType::Slack => slack(sealed).await,
            ConnectorType::Jira => jira(sealed).await,
            ConnectorType::Servicenow => servicenow(sealed).await,
            ConnectorType::Amadeus => amadeus(sealed).await,
            ConnectorType::Snowflake => snowflake(sealed).await,
            ConnectorType::Postgres | ConnectorType::Cassandra => panic!("{kind:?} speaks no HTTP"),
        }
    }

    fn of(
        kind: ConnectorType,
        server: Misbehaving,
        upstream: impl Any,
        more: Value,
        [query, execute]: [Question; 2],
    ) -> Self {
        let url = more["url"].as_str().map_or_else(|| server.url(), str::to_owned);
        let options = more.get("options").cloned().unwrap_or_else(|| json!({}));
        let names = Arc::new(Names::default());
        let rules = Rules::new(AllowList::parse(&format!("127.0.0.1,{HOST}")).unwrap(), None).unwrap();
        let resolver = Arc::clone(&names) as Arc<dyn Resolver>;
        let egress = Egress::new(rules, trust(), resolver, Arc::new(SystemClock));
        let credentials = Credentials::parse(&more["secret"].to_string()).unwrap();
        let made = connectors::connect(&record(kind, &url, &options), Some(credentials), &egress);
        let values = more["secret"].as_object().into_iter().flatten();
        let secrets = values.filter(|(key, _)| !key.contains("url") && !key.contains("cloud_id"));
        let secrets = secrets.map(|(_, value)| value.as_str().unwrap().to_owned()).collect();
        let connector = made.unwrap_or_else(|error| panic!("{kind:?}: {error}"));
        Self { server, names, secrets, connector, query, execute, _upstream: Box::new(upstream) }
    }

    /// Asks as the runtime does.
    pub(crate) async fn ask(&self, call: Call, within: Duration) -> Result<(), ConnectorError> {
        let deadline = soon(within);
        let question = if call == Call::Query { &self.query } else { &self.execute };
        let parameters = Parameters::parse(question.parameters.to_string().as_bytes()).unwrap();
        let (operation, statement) = (question.operation, question.statement);
        let request = Request { operation, statement, parameters: &parameters, ..Request::NOTHING };
        match call {
            Call::Query => self.connector.query(request, deadline).await.map(drop),
            Call::Execute => self.connector.execute(request, deadline).await.map(drop),
            Call::Health => self.connector.health(&mut Stages::new(&SystemClock), deadline).await,
        }
    }
}

/// What is trusted: to read the machine's own CAs takes long, and there are many cases.
pub(crate) fn trust() -> Tls {
    static TRUST: OnceLock<Tls> = OnceLock::new();
    TRUST.get_or_init(|| Tls::new(Some(Misbehaving::ca())).unwrap()).clone()
}

pub(crate) fn soon(within: Duration) -> Deadline {
    Deadline::after(SystemClock.now(), within)
}

/// A record with one repetition, so that one that should not be is seen.
pub(crate) fn record(kind: ConnectorType, url: &str, options: &Value) -> ConnectorRecord {
    let now = SystemClock.now().wall;
    ConnectorRecord {
        id: Uuid::nil(),
        tenant_id: TenantId::parse("tenant-a").unwrap(),
        connector_name: ConnectorName::parse("crm").unwrap(),
        connector_type: kind,
        display_name: "crm".into(),
        description: None,
        connection_url: Some(url.to_owned()),
        options: Options::check(options, kind, &Pointer::root()).unwrap(),
        credentials_secret_arn: None,
        timeout_ms: 30_000,
        max_retries: 1,
        enabled: true,
        health: Health::default(),
        created_at: now,
        updated_at: now,
        version: 1,
    }
}

fn asking(operation: &'static str, parameters: Value) -> Question {
    Question { operation: Some(operation), parameters, ..Question::default() }
}

fn saying(statement: &'static str) -> Question {
    Question { statement: Some(statement), parameters: json!({}), ..Question::default() }
}

/// A custom connector to what ServiceNow's stand-in serves.
async fn custom(sealed: bool) -> World {
    let instance = StandIn::start_with(ServiceNow::new).await;
    instance.vendor(|v| v.seed("incident", &[("short_description", "No VPN")]));
    let server = Misbehaving::start(sealed, to(&instance));
    let more = json!({
        "options": {
            "auth_type": "oauth2_client_credentials", "oauth2_client_auth": "body", "data_path": "/result",
            "health_path": "/api/now/table/incident?sysparm_limit=1",
        },
        "secret": {
            "client_id": "client-1", "client_secret": "oauth-secret", "token_url": format!("{}/oauth_token.do", server.url()),
        },
    });
    let table = "/api/now/table/incident";
    let write = Question { statement: Some(table), ..asking("POST", json!({"short_description": "x"})) };
    World::of(
        ConnectorType::Custom,
        server,
        instance,
        more,
        [saying("/api/now/table/incident?sysparm_limit=1"), write],
    )
}

async fn salesforce(sealed: bool) -> World {
    let now = || SystemClock.now().epoch_seconds();
    let org = StandIn::start_with(|url| Salesforce::new(url, now)).await;
    let server = Misbehaving::start(sealed, to(&org));
    let secret = org.vendor(|org| {
        org.seed("Account", &json!({"Name": "Acme"}));
        org.instance_url = server.url();
        json!({"consumerKey": org.app.key, "consumerSecret": org.app.secret})
    });
    let write = asking("create_record", json!({"object": "Account", "fields": {"Name": "x"}}));
    let questions = [saying("SELECT Id, Name FROM Account"), write];
    World::of(ConnectorType::Salesforce, server, org, json!({ "secret": secret }), questions)
}

async fn hubspot(sealed: bool) -> World {
    let account = StandIn::start_with(HubSpot::new).await;
    account.vendor(|hub| drop(hub.seed("contacts", 2)));
    let server = Misbehaving::start(sealed, to(&account));
    let (client, refresh) = (hubspot::CLIENT, hubspot::REFRESH_TOKEN);
    let secret = json!({"client_id": client.0, "client_secret": client.1, "refresh_token": refresh});
    let properties = json!({"dealname": "Fleet", "pipeline": "default", "dealstage": "appointmentscheduled"});
    let write = asking("create", json!({"objectType": "deals", "properties": properties}));
    let questions = [asking("list", json!({"objectType": "contacts"})), write];
    World::of(ConnectorType::Hubspot, server, account, json!({ "secret": secret }), questions)
}

async fn slack(sealed: bool) -> World {
    const TOKEN: &str = "xoxb-0123456789-token";
    let workspace = StandIn::start_with(|base| Slack::new(base, TOKEN)).await;
    let server = Misbehaving::start(sealed, to(&workspace));
    let write = asking("post_message", json!({"channel": "C0GENERAL1", "text": "x"}));
    let more = json!({"secret": {"bot_token": TOKEN}});
    World::of(ConnectorType::Slack, server, workspace, more, [asking("list_channels", json!({})), write])
}

async fn jira(sealed: bool) -> World {
    let site = StandIn::start_with(Jira::new).await;
    site.vendor(|jira| drop(jira.seed("ENG", 1)));
    let server = Misbehaving::start(sealed, to(&site));
    let more = json!({
        "url": "https://site.atlassian.net",
        "options": {
            "cloud_id": jira::CLOUD_ID, "gateway_url": server.url(), "token_url": format!("{}/oauth/token", server.url()),
        },
        "secret": {"client_id": jira::CLIENT_ID, "client_secret": jira::CLIENT_SECRET},
    });
    let write = asking("add_comment", json!({"issueIdOrKey": "ENG-1", "body": "x"}));
    World::of(ConnectorType::Jira, server, site, more, [saying("project = ENG"), write])
}

async fn servicenow(sealed: bool) -> World {
    let instance = StandIn::start_with(ServiceNow::new).await;
    instance.vendor(|v| v.seed("incident", &[("short_description", "No VPN")]));
    let server = Misbehaving::start(sealed, to(&instance));
    let write = asking("create_incident", json!({"short_description": "x"}));
    let more = json!({"secret": {"client_id": "client-1", "client_secret": "oauth-secret"}});
    let questions = [asking("list_incidents", json!({})), write];
    World::of(ConnectorType::Servicenow, server, instance, more, questions)
}

/// It has no writes: an execute of it reads.
async fn amadeus(sealed: bool) -> World {
    let api = StandIn::start_with(Amadeus::new).await;
    let server = Misbehaving::start(sealed, to(&api));
    let paris = || asking("search_locations", json!({"subType": ["AIRPORT", "CITY"], "keyword": "PAR"}));
    let more = json!({"secret": {"client_id": amadeus::CLIENT.0, "client_secret": amadeus::CLIENT.1}});
    World::of(ConnectorType::Amadeus, server, api, more, [paris(), paris()])
}

async fn snowflake(sealed: bool) -> World {
    let columns = ["VERSION", "ROLE", "WAREHOUSE", "DATABASE", "SCHEMA"].map(|name| (name, "text", None));
    let account =
        Stub::start(move |_, _| Reply::result(&columns, &json!([["9.1", "ANALYST", "WH", "DB", "PUBLIC"]])))
            .await;
    let (tokens, _) = tokens_at().await;
    let (statements, tokens) = (account.address, address(&tokens));
    let upstream: Upstream = Box::new(move |asked| if is_for_a_token(asked) { tokens } else { statements });
    let server = Misbehaving::start(sealed, upstream);
    let url = format!("{}/oauth/token", server.url());
    let more =
        json!({"secret": {"client_id": "client-1", "client_secret": "oauth-secret", "token_url": url}});
    let questions = [saying("select 1"), saying("insert into t values (1)")];
    World::of(ConnectorType::Snowflake, server, account, more, questions)
}
