//! The stack in processes of its own, so that its memory is its own: one with the tables and the secrets, one with the
//! functions behind their gateways. Between the two stands what makes the faults.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use boot::{Boot, Settings, aws::Clients};
use end_to_end::{Asked, Fault, World, wire};
use local::gateway::Gateway;
use model::{clock::SystemClock, entropy::SystemEntropy, session::Role};
use serde_json::{Value, json};
use telemetry::Metrics;
use tokio::{net::TcpListener, task::JoinSet};

use crate::process::{self, Process};

/// The whole stack.
pub(crate) struct Stack {
    /// The tables and the secrets.
    pub(crate) aws: Process,
    /// Both APIs.
    pub(crate) functions: Process,
}

impl Stack {
    /// Starts it for tenants, with so many containers of the agent.
    pub(crate) async fn start(
        tenants: &[&str],
        containers: u8,
        judge: impl Fn(&Asked) -> Fault + Clone + Send + Sync + 'static,
        heard: impl Fn(&str) + Send + 'static,
    ) -> Self {
        let role = [&["aws"], tenants].concat();
        let aws = Process::start(&role, &[], |_| {});
        let way = wire::between(address(&aws, "aws"), judge).await;
        let environment = [
            ("DEPLOYMENT_MODE", "saas".to_owned()),
            ("LICENSE_PUBLIC_KEYS", aws.text("keys").to_owned()),
            ("EGRESS_ALLOW", local::identity::LOOPBACK.to_owned()),
            ("LOG_LEVEL", "info".to_owned()),
        ];
        let environment = environment.map(|(name, value)| (name.to_owned(), value));
        let role = ["functions", &format!("http://{way}"), &containers.to_string()];
        let functions = Process::start(&role, &environment, heard);
        Self { aws, functions }
    }

    /// Where the portal listens.
    pub(crate) fn portal(&self) -> SocketAddr {
        address(&self.functions, "portal")
    }

    /// Where the agent listens.
    pub(crate) fn agent(&self) -> SocketAddr {
        address(&self.functions, "agent")
    }

    /// AWS itself, past what makes the faults.
    pub(crate) fn clients(&self) -> Clients {
        let endpoint = format!("http://{}", address(&self.aws, "aws"));
        Clients::local(&endpoint, local::stack::REGION).expect("clients")
    }

    /// The session of a tenant's editor.
    pub(crate) fn session(&self, tenant: &str) -> &str {
        self.of_tenant("sessions", tenant)
    }

    /// The license of a tenant, or of `*`.
    pub(crate) fn license(&self, tenant: &str) -> &str {
        self.of_tenant("licenses", tenant)
    }

    fn of_tenant(&self, what: &str, tenant: &str) -> &str {
        self.aws.hello.get(what).and_then(|all| all.get(tenant)?.as_str()).expect("a known tenant")
    }
}

fn address(process: &Process, what: &str) -> SocketAddr {
    process.text(what).parse().expect("an address")
}

/// The role of the tables and the secrets.
pub(crate) async fn aws(tenants: &[String]) {
    let world = World::saas().await;
    let scopes = ["refresh", "stats", "query", "execute"].map(str::to_owned);
    let (mut sessions, mut licenses) = (BTreeMap::new(), BTreeMap::new());
    for tenant in tenants {
        sessions.insert(tenant, world.session(tenant, Role::Editor, 0, 0).await);
    }
    for tenant in tenants.iter().map(String::as_str).chain(["*"]) {
        let license = world.license(|license| {
            license.tenants = vec![tenant.to_owned()];
            license.scopes = scopes.to_vec();
            license.jti = format!("load-{}", tenant.replace('*', "all"));
            license.exp += 24 * 3600;
        });
        licenses.insert(tenant.to_owned(), license);
    }
    let keys = world.stack.identity.public_jwks();
    let aws = world.stack.aws.to_string();
    process::serve(json!({"aws": aws, "keys": keys, "sessions": sessions, "licenses": licenses})).await;
}

/// The role of the functions, which reach AWS at an endpoint.
pub(crate) async fn functions(endpoint: &str, containers: u8) {
    boot::logging::json();
    let boot = Boot {
        settings: Settings::from_environment().expect("settings"),
        clients: Clients::local(endpoint, local::stack::REGION).expect("clients"),
        metrics: Metrics::off(),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
    };
    let apis = local::functions::apis(&Arc::new(boot), containers).expect("the functions start");
    let mut servers = JoinSet::new();
    let mut hello = serde_json::Map::new();
    for (name, gateway) in [("portal", apis.portal), ("agent", apis.agent)] {
        let address = listen(gateway, &mut servers).await;
        hello.insert(name.to_owned(), Value::String(address.to_string()));
    }
    process::serve(Value::Object(hello)).await;
}

async fn listen(gateway: Gateway, servers: &mut JoinSet<()>) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    let address = listener.local_addr().expect("an address");
    servers.spawn(async move { gateway.serve(listener, std::future::pending()).await.expect("it serves") });
    address
}
