//! A client of the portal API. It goes the way of every other byte that leaves the project, through `egress`, with
//! the one host that the operator names allowed.

use std::{fs, net::IpAddr, path::PathBuf, sync::Arc, time::Duration};

use clap::Args;
use egress::{Egress, EgressError, HttpClient, Request, Response, Rules, SystemResolver, Tls};
use model::{allow_list::AllowList, deadline::Deadline, session::COOKIE};
use reqwest::{
    Method,
    header::{COOKIE as COOKIE_HEADER, HeaderValue, LINK},
};
use serde_json::Value;
use url::{Host, Url};
use zeroize::Zeroizing;

use crate::{context::Context, failure::Failure, output::plain};

const CONNECTORS: &str = "/api/v1/connectors";
/// What the type of every problem of ours begins with.
const PROBLEM: &str = "urn:axonflow:problem:";
/// Longer than API Gateway waits for an answer.
const PATIENCE: Duration = Duration::from_secs(35);

#[derive(Args)]
pub(crate) struct PortalArguments {
    /// Base URL of the portal API; plain http only on this machine
    #[arg(long, value_name = "URL", env = "PORTAL", value_parser = base)]
    api: Url,
    /// Token of a session, as `session create` prints it; the variable keeps it out of the process list
    #[arg(long, value_name = "TOKEN", env = "SESSION", hide_env_values = true, allow_hyphen_values = true)]
    session: String,
    /// File with a private CA in PEM that the API's certificate is by
    #[arg(long, value_name = "FILE", env = "EGRESS_CA_FILE")]
    ca_file: Option<PathBuf>,
}

/// The portal API with a session.
pub(crate) struct Portal<'a> {
    context: &'a Context,
    client: HttpClient,
    /// The list's URL.
    connectors: Url,
    cookie: HeaderValue,
}

fn base(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|_| "use a URL such as https://portal.example.com".to_owned())?;
    let local = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    if url.scheme() == "https" || (url.scheme() == "http" && local) {
        Ok(url)
    } else {
        Err("use https: over plain http the session could be read on the way".to_owned())
    }
}

impl<'a> Portal<'a> {
    pub(crate) fn new(context: &'a Context, arguments: &PortalArguments) -> Result<Self, Failure> {
        let egress = egress(context, arguments)?;
        let client = egress.http(arguments.api.as_str()).map_err(Failure::failed)?;
        let mut connectors = arguments.api.clone();
        connectors.set_path(&format!("{}{CONNECTORS}", arguments.api.path().trim_end_matches('/')));
        connectors.set_query(None);
        let cookie = Zeroizing::new(format!("{COOKIE}={}", arguments.session.trim()));
        let mut cookie = HeaderValue::from_str(&cookie)
            .map_err(|_| Failure::usage("the session (--session or SESSION) is no token"))?;
        cookie.set_sensitive(true);
        Ok(Self { context, client, connectors, cookie })
    }

    /// Every record of the list, page by page.
    pub(crate) async fn list(&self, query: &[(&str, String)]) -> Result<Vec<Value>, Failure> {
        let mut url = self.connectors.clone();
        url.query_pairs_mut().extend_pairs(query);
        let mut records = Vec::new();
        loop {
            let answer = self.get(url.clone()).await?;
            let page: Vec<Value> = json(&answer)?;
            // A page without a record and with a next one would go round for ever.
            let next = if page.is_empty() { None } else { next(&answer) };
            records.extend(page);
            match next {
                None => return Ok(records),
                // Only the query is taken: the path is the one under which the API was reached.
                Some(query) => url.set_query(Some(&query)),
            }
        }
    }

    /// One record, of the session's tenant or of the one that is named.
    pub(crate) async fn show(&self, name: &str, tenant: Option<&str>) -> Result<Value, Failure> {
        let mut url = self.connectors.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.push(name);
        }
        if let Some(tenant) = tenant {
            url.query_pairs_mut().append_pair("tenant_id", tenant);
        }
        json(&self.get(url).await?)
    }

    async fn get(&self, url: Url) -> Result<Response, Failure> {
        let mut request = Request::new(Method::GET, url);
        request.headers.insert(COOKIE_HEADER, self.cookie.clone());
        let deadline = Deadline::after(self.context.clock.now(), PATIENCE);
        let answer = self.client.send(request, deadline).await.map_err(unreachable)?;
        if answer.status.is_success() { Ok(answer) } else { Err(refused(&answer)) }
    }
}

fn egress(context: &Context, arguments: &PortalArguments) -> Result<Egress, Failure> {
    // The host comes from the operator and not from a tenant: it may be private. Metadata addresses stay refused.
    let host = arguments.api.host_str().unwrap_or_default().trim_matches(['[', ']']).trim_end_matches('.');
    let allow = match host.parse::<IpAddr>() {
        Ok(address) => AllowList::parse(&address.to_string()),
        Err(_) => AllowList::parse(host),
    };
    let rules = Rules::new(allow.map_err(Failure::failed)?, None).map_err(Failure::failed)?;
    let ca = match arguments.ca_file.as_deref().filter(|path| !path.as_os_str().is_empty()) {
        Some(path) => Some(fs::read_to_string(path).map_err(|error| Failure::file(path, error))?),
        None => None,
    };
    let tls = Tls::new(ca.as_deref()).map_err(Failure::failed)?;
    Ok(Egress::new(rules, tls, Arc::new(SystemResolver), Arc::clone(&context.clock)))
}

fn unreachable(error: EgressError) -> Failure {
    Failure::failed(format!("the portal API: {error}; check --api or PORTAL"))
}

/// What the API said, and what to do about it where that is known.
fn refused(answer: &Response) -> Failure {
    let problem: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let text = |name: &str| problem.get(name).and_then(Value::as_str).map(plain);
    let said = text("detail").or_else(|| text("message")).or_else(|| text("title"));
    let said = said.unwrap_or_else(|| "it gave no reason".to_owned());
    let said = said.trim_end_matches('.');
    let advice = match answer.status.as_u16() {
        // A gateway's own answers have another shape, and so have other services'.
        _ if !text("type").is_some_and(|kind| kind.starts_with(PROBLEM)) => {
            "; this is no answer of the portal's functions: check --api or PORTAL"
        }
        401 => "; `connectorctl session create` begins a session: give its token as SESSION",
        404 => "; `connectorctl connector list` shows what there is",
        409 => "; name the tenant with --tenant",
        _ => "",
    };
    let id = text("instance").map(|id| format!(" (request {id})")).unwrap_or_default();
    Failure::failed(format!("the portal API answered {}: {said}{advice}{id}", answer.status.as_u16()))
}

fn json<T: serde::de::DeserializeOwned>(answer: &Response) -> Result<T, Failure> {
    serde_json::from_slice(&answer.body).map_err(|_| {
        Failure::failed("what answered is not the portal API, or of another version; check --api or PORTAL")
    })
}

/// The query of `Link: <…?query>; rel="next"`.
fn next(answer: &Response) -> Option<String> {
    let links = answer.headers.get_all(LINK).iter().filter_map(|link| link.to_str().ok());
    links.flat_map(|links| links.split(',')).find_map(|link| {
        let (target, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
        let next = parameters.split(';').any(|one| matches!(one.trim(), "rel=\"next\"" | "rel=next"));
        Some(target.split_once('?')?.1.to_owned()).filter(|_| next)
    })
}
