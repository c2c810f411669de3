//! Functions without a gateway before them: events go straight to the handlers, through the Lambda runtime's own
//! types. What thousands of calls need, and what needs a container of its own.

use std::{sync::Arc, time::Duration};

use boot::Boot;
use local::{
    gateway::{Function, Handler, RoundRobin},
    identity::ALL_TENANTS,
};
use serde_json::{Value, json};

use crate::World;

const TIMEOUT: Duration = Duration::from_secs(29);
const CONNECTORS: &str = "/api/v1/connectors";

/// What a function answered: the status and the body, null where there is none.
pub type Answered = (u16, Value);

/// Containers of `agent-invoke` behind one door, which take turns, and one each of `portal-connectors` and
/// `agent-refresh`.
pub struct Fleet {
    agents: RoundRobin,
    portal: Arc<dyn Function>,
    refresh: Arc<dyn Function>,
    license: String,
}

impl World {
    /// So many containers of the agent, each with a cache of its own.
    pub fn fleet(&self, containers: usize) -> Fleet {
        let boot = &self.stack.boot;
        let agent = || agent_invoke::App::new(boot).expect("the agent starts");
        self.fleet_of((0..containers).map(|_| agent()).collect())
    }

    /// These containers of the agent.
    pub fn fleet_of(&self, agents: Vec<agent_invoke::App>) -> Fleet {
        let boot: &Boot = &self.stack.boot;
        let agent = |app: agent_invoke::App| {
            let app = Arc::new(app);
            let handler = move |request| agent_invoke::handle(Arc::clone(&app), request);
            Arc::new(Handler::new(handler, Arc::clone(&boot.clock), TIMEOUT)) as Arc<dyn Function>
        };
        let app = Arc::new(portal_connectors::App::new(boot));
        let portal = move |request| portal_connectors::handle(Arc::clone(&app), request);
        let app = Arc::new(agent_refresh::App::new(boot));
        let refresh = move |request| agent_refresh::handle(Arc::clone(&app), request);
        Fleet {
            agents: RoundRobin::new(agents.into_iter().map(agent).collect()),
            portal: Arc::new(Handler::new(portal, Arc::clone(&boot.clock), TIMEOUT)),
            refresh: Arc::new(Handler::new(refresh, Arc::clone(&boot.clock), TIMEOUT)),
            license: self.stack.identity.license(ALL_TENANTS).to_owned(),
        }
    }
}

impl Fleet {
    /// A query of a tenant's connector, by the container whose turn it is.
    pub async fn query(&self, tenant: &str, connector: &str) -> Answered {
        answer(&self.agents, &query_event(&self.license, tenant, connector)).await
    }

    /// Creates a connector.
    pub async fn create(&self, session: &str, body: &Value) -> Answered {
        let event = event(&format!("POST {CONNECTORS}"), CONNECTORS, &json!({}), body);
        answer(self.portal.as_ref(), &with_session(event, session)).await
    }

    /// Calls a connector's own route of the portal.
    pub async fn change(&self, session: &str, method: &str, connector: &str, body: &Value) -> Answered {
        let route = format!("{method} {CONNECTORS}/{{connectorName}}");
        let path = format!("{CONNECTORS}/{connector}");
        let event = event(&route, &path, &json!({"connectorName": connector}), body);
        answer(self.portal.as_ref(), &with_session(event, session)).await
    }

    /// Refreshes everything, a tenant, or a connector of a tenant.
    pub async fn refresh(&self, scope: &[&str]) -> Answered {
        let (mut route, mut path) = (format!("POST {CONNECTORS}/refresh"), format!("{CONNECTORS}/refresh"));
        let mut parameters = json!({});
        for (name, value) in ["tenant_id", "connector_name"].iter().zip(scope) {
            route = format!("{route}/{{{name}}}");
            path = format!("{path}/{value}");
            parameters[name] = json!(value);
        }
        let mut event = event(&route, &path, &parameters, &Value::Null);
        event["headers"]["x-license-key"] = json!(self.license);
        answer(self.refresh.as_ref(), &event).await
    }
}

/// The event of a query.
pub fn query_event(license: &str, tenant: &str, connector: &str) -> Value {
    let body = json!({"connector": connector, "tenant_id": tenant});
    let mut event = event("POST /mcp/resources/query", "/mcp/resources/query", &json!({}), &body);
    event["headers"]["x-license-key"] = json!(license);
    event
}

/// The event of an execute that posts nothing to the connector's base URL.
pub fn execute_event(license: &str, tenant: &str, connector: &str) -> Value {
    let body = json!({"connector": connector, "tenant_id": tenant, "action": "POST"});
    let mut event = event("POST /mcp/tools/execute", "/mcp/tools/execute", &json!({}), &body);
    event["headers"]["x-license-key"] = json!(license);
    event
}

/// What a function's response says.
pub fn answered(response: &Value) -> Answered {
    let status = response["statusCode"].as_u64().and_then(|status| status.try_into().ok());
    let body = response["body"].as_str().filter(|text| !text.is_empty());
    let body = body.map_or(Value::Null, |text| serde_json::from_str(text).expect("JSON"));
    (status.expect("a status"), body)
}

async fn answer(function: &dyn Function, event: &Value) -> Answered {
    answered(&function.invoke(event.to_string().into_bytes(), "one").await.expect("a response"))
}

/// An event of the gateway, as far as a function looks at it.
pub fn event(route: &str, path: &str, parameters: &Value, body: &Value) -> Value {
    let method = route.split(' ').next().unwrap_or_default();
    let mut event = json!({
        "version": "2.0", "routeKey": route, "rawPath": path, "rawQueryString": "", "isBase64Encoded": false,
        "headers": {"host": "functions"}, "pathParameters": parameters,
        "requestContext": {
            "http": {"method": method, "path": path}, "stage": "$default", "routeKey": route, "requestId": "one",
        },
    });
    if !body.is_null() {
        event["headers"]["content-type"] = json!("application/json");
        event["body"] = json!(body.to_string());
    }
    event
}

/// The same event with a session's cookie.
pub fn with_session(mut event: Value, session: &str) -> Value {
    event["cookies"] = json!([format!("axonflow_session={session}")]);
    event
}
