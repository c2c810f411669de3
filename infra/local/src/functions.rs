//! The functions behind the two APIs, by the same table of routes that they dispatch on.

use std::{sync::Arc, time::Duration};

use api::{Host, routes::ROUTES};
use boot::{Boot, SettingsError};

use crate::{
    error::StartError,
    gateway::{Function, Gateway, Handler, RoundRobin, Route},
};

/// The time-out of each function, as the template sets it: what API Gateway waits, less a second.
const TIMEOUT: Duration = Duration::from_secs(29);

/// Both APIs.
pub struct Apis {
    /// The portal's.
    pub portal: Gateway,
    /// The agent's.
    pub agent: Gateway,
}

/// Makes the functions and the APIs in front of them.
pub fn apis(boot: &Arc<Boot>, containers: u8) -> Result<Apis, StartError> {
    let portal_connectors = portal_connectors(boot);
    let portal_test = portal_test(boot)?;
    let agent_refresh = agent_refresh(boot);
    let cache_stats = cache_stats(boot);
    let agents = (0..containers).map(|_| agent_invoke(boot)).collect::<Result<Vec<_>, _>>()?;
    let agent_invoke: Arc<dyn Function> = Arc::new(RoundRobin::new(agents));
    let named = |name: &str| match name {
        "portal-connectors" => Ok(Arc::clone(&portal_connectors)),
        "portal-test" => Ok(Arc::clone(&portal_test)),
        "agent-invoke" => Ok(Arc::clone(&agent_invoke)),
        "agent-refresh" => Ok(Arc::clone(&agent_refresh)),
        "cache-stats" => Ok(Arc::clone(&cache_stats)),
        other => Err(StartError::Internal(format!("no function {other}"))),
    };
    let routes = |host: Host| {
        let routes = ROUTES.iter().filter(move |route| route.host == host);
        routes
            .map(|route| {
                let method = route.method.parse().map_err(|_| StartError::Internal(route.key()))?;
                Ok(Route { method, template: route.template.to_owned(), function: named(route.function)? })
            })
            .collect::<Result<Vec<_>, StartError>>()
    };
    let gateway = |host: Host, default: &Arc<dyn Function>| {
        let (clock, entropy) = (Arc::clone(&boot.clock), Arc::clone(&boot.entropy));
        Ok::<_, StartError>(Gateway::new(routes(host)?, Arc::clone(default), clock, entropy))
    };
    Ok(Apis {
        portal: gateway(Host::Portal, &portal_connectors)?,
        agent: gateway(Host::Agent, &agent_invoke)?,
    })
}

fn portal_connectors(boot: &Boot) -> Arc<dyn Function> {
    let app = Arc::new(portal_connectors::App::new(boot));
    let handler = move |request| portal_connectors::handle(Arc::clone(&app), request);
    Arc::new(Handler::new(handler, Arc::clone(&boot.clock), TIMEOUT))
}

fn portal_test(boot: &Boot) -> Result<Arc<dyn Function>, SettingsError> {
    let app = Arc::new(portal_test::App::new(boot)?);
    let handler = move |request| portal_test::handle(Arc::clone(&app), request);
    Ok(Arc::new(Handler::new(handler, Arc::clone(&boot.clock), TIMEOUT)))
}

fn agent_refresh(boot: &Boot) -> Arc<dyn Function> {
    let app = Arc::new(agent_refresh::App::new(boot));
    let handler = move |request| agent_refresh::handle(Arc::clone(&app), request);
    Arc::new(Handler::new(handler, Arc::clone(&boot.clock), TIMEOUT))
}

fn cache_stats(boot: &Boot) -> Arc<dyn Function> {
    let app = Arc::new(cache_stats::App::new(boot));
    let handler = move |request| cache_stats::handle(Arc::clone(&app), request);
    Arc::new(Handler::new(handler, Arc::clone(&boot.clock), TIMEOUT))
}

fn agent_invoke(boot: &Boot) -> Result<Arc<dyn Function>, SettingsError> {
    let app = Arc::new(agent_invoke::App::new(boot)?);
    let handler = move |request| agent_invoke::handle(Arc::clone(&app), request);
    Ok(Arc::new(Handler::new(handler, Arc::clone(&boot.clock), TIMEOUT)))
}
