//! One person at the portal: a session and the routes that it calls.

use std::net::SocketAddr;

use end_to_end::{Call, Reply, Variant, World};
use model::session::Role;
use serde_json::{Value, json};

use crate::given::{CONNECTORS, path};

#[derive(Clone)]
pub(crate) struct User {
    portal: SocketAddr,
    token: String,
}

impl User {
    /// A seeded tenant's editor.
    pub(crate) fn of(world: &World, tenant: &str) -> Self {
        Self { portal: world.stack.portal, token: world.stack.identity.session(tenant).to_owned() }
    }

    /// An editor of any tenant, which starts without connectors.
    pub(crate) async fn editor(world: &World, tenant: &str) -> Self {
        Self::with(world, world.session(tenant, Role::Editor, 0, 0).await)
    }

    /// The holder of a token.
    pub(crate) fn with(world: &World, token: String) -> Self {
        Self { portal: world.stack.portal, token }
    }

    /// The same session at another portal over the same tables.
    pub(crate) fn at(&self, variant: &Variant) -> Self {
        Self { portal: variant.portal, token: self.token.clone() }
    }

    pub(crate) fn call(&self, method: &str, path: &str) -> Call {
        Call::new(method, format!("http://{}{path}", self.portal)).session(&self.token)
    }

    pub(crate) async fn list(&self, query: &str) -> Reply {
        self.call("GET", &format!("{CONNECTORS}{query}")).send().await
    }

    pub(crate) async fn create(&self, body: &Value) -> Reply {
        self.call("POST", CONNECTORS).json(body).send().await
    }

    /// Creates a connector that must be taken.
    pub(crate) async fn created(&self, body: &Value) -> Value {
        self.create(body).await.expect(201).json()
    }

    pub(crate) async fn read(&self, name: &str) -> Reply {
        self.call("GET", &path(name)).send().await
    }

    /// Reads a record that must be there.
    pub(crate) async fn record(&self, name: &str) -> Value {
        self.read(name).await.expect(200).json()
    }

    pub(crate) async fn update(&self, name: &str, body: &Value) -> Reply {
        self.call("PUT", &path(name)).json(body).send().await
    }

    pub(crate) async fn delete(&self, name: &str) -> Reply {
        self.call("DELETE", &path(name)).send().await
    }

    pub(crate) async fn test(&self, name: &str) -> Reply {
        self.call("POST", &format!("{}/test", path(name))).send().await
    }

    /// The by-name routes, each with a body that it would take.
    pub(crate) fn by_name(&self, name: &str, query: &str) -> [(&'static str, Call); 4] {
        let path = path(name);
        let put = json!({"description": "changed"});
        [
            ("GET", self.call("GET", &format!("{path}{query}"))),
            ("PUT", self.call("PUT", &format!("{path}{query}")).json(&put)),
            ("DELETE", self.call("DELETE", &format!("{path}{query}"))),
            ("test", self.call("POST", &format!("{path}/test{query}"))),
        ]
    }
}
