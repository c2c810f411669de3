//! The functions once more over the same tables, but started from something else: other settings, another clock, a store
//! that fails.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use boot::Boot;
use local::gateway::Gateway;
use model::clock::{Clock, Moment, SystemClock};
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinSet};

use crate::{Call, World};

/// A second portal and a second agent, until they are dropped.
pub struct Variant {
    /// Where the portal listens.
    pub portal: SocketAddr,
    /// Where the agent listens.
    pub agent: SocketAddr,
    _servers: JoinSet<()>,
}

impl Variant {
    /// Any call of this agent under a seeded tenant's license.
    pub fn agent_as(&self, world: &World, tenant: &str, method: &str, path: &str) -> Call {
        let call = Call::new(method, format!("http://{}{path}", self.agent));
        call.header("x-license-key", world.stack.identity.license(tenant))
    }

    /// A query of this agent under tenant-a's license.
    pub fn query(&self, world: &World, body: &Value) -> Call {
        self.agent_as(world, "tenant-a", "POST", "/mcp/resources/query").json(body)
    }

    /// An execute of this agent under tenant-a's license.
    pub fn execute(&self, world: &World, body: &Value) -> Call {
        self.agent_as(world, "tenant-a", "POST", "/mcp/tools/execute").json(body)
    }
}

impl World {
    /// Starts the functions from what `change` makes of this world's start.
    pub async fn variant(&self, change: impl FnOnce(&mut Boot)) -> Variant {
        let Boot { settings, clients, metrics, clock, entropy } = self.stack.boot.as_ref();
        let (settings, clients, metrics) = (settings.clone(), clients.clone(), metrics.clone());
        let (clock, entropy) = (Arc::clone(clock), Arc::clone(entropy));
        let mut boot = Boot { settings, clients, metrics, clock, entropy };
        change(&mut boot);
        let apis = local::functions::apis(&Arc::new(boot), 1).expect("the functions start");
        let mut servers = JoinSet::new();
        let portal = serve(apis.portal, &mut servers).await;
        let agent = serve(apis.agent, &mut servers).await;
        Variant { portal, agent, _servers: servers }
    }
}

async fn serve(gateway: Gateway, servers: &mut JoinSet<()>) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    let address = listener.local_addr().expect("an address");
    servers.spawn(async move { gateway.serve(listener, std::future::pending()).await.expect("it serves") });
    address
}

/// A clock that moves only when it is told to.
pub struct SetClock(Mutex<Moment>);

impl SetClock {
    /// A clock that stands at the present.
    pub fn now() -> Arc<Self> {
        Arc::new(Self(Mutex::new(SystemClock.now())))
    }

    /// Moves the clock on.
    pub fn advance(&self, seconds: i64) {
        let mut moment = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let step = Duration::from_secs(u64::try_from(seconds).expect("time moves on"));
        *moment = Moment { wall: moment.wall + step, ticks: moment.ticks + step };
    }
}

impl Clock for SetClock {
    fn now(&self) -> Moment {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
