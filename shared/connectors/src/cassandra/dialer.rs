//! From the target to a session: the driver dials by itself, so whatever it may dial is judged before it is told. It
//! gets addresses alone, and every node that the cluster tells of passes the same rules before a socket opens.

use std::{
    collections::HashSet,
    net::SocketAddr,
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use egress::{Egress, EgressError, Judged};
use model::{clock::Moment, deadline::Deadline};
use scylla::{
    authentication::{AuthError, AuthenticatorProvider, AuthenticatorSession, PlainTextAuthenticator},
    client::{
        PoolSize, SelfIdentity, execution_profile::ExecutionProfile, session::Session,
        session_builder::SessionBuilder,
    },
    cluster::metadata::Peer,
    policies::{host_filter::HostFilter, load_balancing::DefaultPolicy, retry::FallthroughRetryPolicy},
};

use super::{
    failure,
    target::{ContactPoint, Target},
};
use crate::{ConnectorError, Stage, Stages};

/// How the sessions call themselves in the server's own lists.
const APPLICATION: &str = "axonflow-connectors";
/// For TCP alone; the whole of it has the call's time.
const CONNECT_TIME: Duration = Duration::from_secs(3);
/// How long a connection may be silent before the system asks whether the other side is still there.
const KEEPALIVE: Duration = Duration::from_secs(30);
/// How often a connection is asked for a sign of life, and how long that may take. The opening of a session waits for
/// every node, so one that takes connections and says nothing would hold it up until the call's time is over.
const SIGN_OF_LIFE: Duration = Duration::from_secs(3);
/// Nodes that come and go are told as they do; this is for what was not told. An instance rarely lives as long.
const REFRESH: Duration = Duration::from_mins(10);
/// The most nodes that a session may find beside those that the record names. A server may tell of any number, true or
/// not, and each is a connection out of all that this process may have.
const MOST_FOUND: usize = 128;
/// For all nodes to hear of a new table.
const AGREEMENT: Duration = Duration::from_secs(15);

/// Opens sessions to one target.
pub(super) struct Dialer {
    pub(super) target: Arc<Target>,
    pub(super) egress: Egress,
}

impl Dialer {
    pub(super) fn now(&self) -> Moment {
        self.egress.clock().now()
    }

    /// What is left of the call's time.
    pub(super) fn left(&self, deadline: Deadline) -> Result<Duration, ConnectorError> {
        deadline.left(self.now()).ok_or_else(|| self.late())
    }

    pub(super) fn late(&self) -> ConnectorError {
        EgressError::Deadline { target: self.target.address() }.into()
    }

    /// Opens a session by the nodes that the record names, and those that an earlier one found.
    pub(super) async fn open(
        &self,
        found: &[SocketAddr],
        deadline: Deadline,
    ) -> Result<Session, ConnectorError> {
        let addresses = self.addresses(deadline).await?;
        let named = addresses.iter().flat_map(|(_, judged)| judged.iter().copied()).collect();
        self.build(named, found, deadline).await
    }

    /// The same, and notes the stages that it gets past. The driver takes the first of them in one step, so they are
    /// taken by themselves before.
    pub(super) async fn open_in_stages(
        &self,
        stages: &mut Stages<'_>,
        deadline: Deadline,
    ) -> Result<Session, ConnectorError> {
        let addresses = self.addresses(deadline).await?;
        let found: HashSet<SocketAddr> =
            addresses.iter().flat_map(|(_, judged)| judged.iter().copied()).collect();
        let (nodes, count) = (self.target.address(), found.len());
        stages.passed(Stage::NameResolution, format!("{nodes} has {count} address(es)"));
        stages.passed(Stage::Egress, "every address is permitted".to_owned());
        let (point, tcp) = self.first(&addresses, deadline).await?;
        stages.passed(Stage::Connect, format!("connected to {}", point.address()));
        if self.target.tls {
            drop(self.egress.seal(&point.address(), &point.host, tcp, deadline).await?);
            stages.passed(Stage::Tls, "the server's certificate is good for its name".to_owned());
        }
        let session = self.build(found, &[], deadline).await?;
        stages.passed(Stage::Authenticate, "the server took the credentials".to_owned());
        Ok(session)
    }

    /// The judged addresses of every contact point that has some. One that is refused is no contact point to leave
    /// out: the record is wrong.
    async fn addresses(&self, deadline: Deadline) -> Result<Vec<(&ContactPoint, Judged)>, ConnectorError> {
        let (mut found, mut unresolved) = (Vec::new(), None);
        for point in &self.target.contact_points {
            match self.egress.addresses(&point.host, point.port, deadline).await {
                Ok(judged) => found.push((point, judged)),
                Err(error @ EgressError::NameResolution { .. }) => unresolved = Some(error),
                Err(error) => return Err(error.into()),
            }
        }
        match unresolved {
            Some(error) if found.is_empty() => Err(error.into()),
            _ => Ok(found),
        }
    }

    /// A connection to the first contact point that takes one.
    async fn first<'p>(
        &self,
        points: &[(&'p ContactPoint, Judged)],
        deadline: Deadline,
    ) -> Result<(&'p ContactPoint, tokio::net::TcpStream), ConnectorError> {
        let mut failed = self.late();
        for (point, addresses) in points {
            match self.egress.dial(&point.address(), addresses, deadline).await {
                Ok(tcp) => return Ok((point, tcp)),
                Err(error) => failed = error.into(),
            }
        }
        Err(failed)
    }

    async fn build(
        &self,
        named: HashSet<SocketAddr>,
        found: &[SocketAddr],
        deadline: Deadline,
    ) -> Result<Session, ConnectorError> {
        let target = &self.target;
        let tls = target.tls.then(|| self.egress.tls_config_for(&target.names())).transpose()?;
        let left = self.left(deadline)?;
        let judge = Judge { egress: self.egress.clone(), named, tls: target.tls, found: Mutex::default() };
        let others = found.iter().filter(|node| !judge.named.contains(node) && judge.permits(**node));
        let nodes: Vec<SocketAddr> = judge.named.iter().chain(others).copied().collect();
        let builder = SessionBuilder::new()
            .known_nodes_addr(nodes)
            .host_filter(Arc::new(judge))
            .tls_context(tls)
            .authenticator_provider(Arc::new(Login(Arc::clone(target))))
            .use_keyspace(&target.keyspace, true)
            .default_execution_profile_handle(self.profile().into_handle())
            .pool_size(PoolSize::PerHost(NonZeroUsize::MIN))
            .disallow_shard_aware_port(true)
            .fetch_schema_metadata(false)
            .refresh_metadata_on_auto_schema_agreement(false)
            .schema_agreement_timeout(AGREEMENT)
            .cluster_metadata_refresh_interval(REFRESH)
            .connection_timeout(CONNECT_TIME.min(left))
            .tcp_keepalive_interval(KEEPALIVE)
            .keepalive_interval(SIGN_OF_LIFE)
            .keepalive_timeout(SIGN_OF_LIFE)
            .custom_identity(SelfIdentity::new().with_application_name(APPLICATION))
            .driver_config_reporting(false);
        // The driver's own time-out is for TCP alone: a server that falls silent later would hold it for ever.
        let built = tokio::time::timeout(left, builder.build()).await.map_err(|_| self.late())?;
        built.map_err(|error| failure::of_session(&error, target))
    }

    fn profile(&self) -> ExecutionProfile {
        let nodes = DefaultPolicy::builder();
        let nodes = match &self.target.local_dc {
            Some(name) => nodes.prefer_datacenter(name.clone()).permit_dc_failover(true),
            None => nodes,
        };
        ExecutionProfile::builder()
            .consistency(self.target.consistency)
            .serial_consistency(Some(self.target.serial_consistency))
            .load_balancing_policy(nodes.build())
            // What may be tried again is decided here, and within the call's time.
            .retry_policy(Arc::new(FallthroughRetryPolicy::new()))
            .request_timeout(None)
            .build()
    }
}

/// Judges the nodes that the cluster tells of. An address that a person's name stands for was judged as that.
struct Judge {
    egress: Egress,
    named: HashSet<SocketAddr>,
    tls: bool,
    /// Those that were permitted beside them.
    found: Mutex<HashSet<SocketAddr>>,
}

impl HostFilter for Judge {
    fn accept(&self, peer: &Peer) -> bool {
        self.permits(SocketAddr::new(peer.address.ip(), peer.address.port()))
    }
}

impl Judge {
    fn permits(&self, address: SocketAddr) -> bool {
        if self.named.contains(&address) {
            return true;
        }
        if let Err(error) = self.egress.permits(address) {
            tracing::debug!(%error, "a node of the cluster is left out");
            return false;
        }
        // The password would go there as it is.
        if !self.tls && !self.egress.lists_host(&address.ip().to_string()) {
            tracing::debug!(%address, "a node that EGRESS_ALLOW does not list is left out: options.tls is false");
            return false;
        }
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.contains(&address) || found.len() < MOST_FOUND && found.insert(address)
    }
}

/// Tells the server who asks, each time it wants to know.
struct Login(Arc<Target>);

#[async_trait]
impl AuthenticatorProvider for Login {
    async fn start_authentication_session(
        &self,
        name: &str,
    ) -> Result<(Option<Vec<u8>>, Box<dyn AuthenticatorSession>), AuthError> {
        let (user, password) = (String::clone(&self.0.user), String::clone(&self.0.password));
        PlainTextAuthenticator::new(user, password).start_authentication_session(name).await
    }
}

#[cfg(test)]
mod tests {
    use egress::{Rules, SystemResolver, Tls};
    use model::{allow_list::AllowList, clock::SystemClock};

    use super::*;

    fn judge(allow: &str, tls: bool) -> Judge {
        let rules = Rules::new(AllowList::parse(allow).unwrap(), None).unwrap();
        let egress =
            Egress::new(rules, Tls::new(None).unwrap(), Arc::new(SystemResolver), Arc::new(SystemClock));
        let named = HashSet::from(["127.0.0.1:9042".parse().unwrap()]);
        Judge { egress, named, tls, found: Mutex::default() }
    }

    fn node(number: usize) -> SocketAddr {
        SocketAddr::new(
            [8, 8, u8::try_from(number / 256).unwrap(), u8::try_from(number % 256).unwrap()].into(),
            9042,
        )
    }

    #[test]
    fn no_more_nodes_are_dialled_than_a_session_may_find() {
        let judge = judge("", true);
        for number in 0..MOST_FOUND {
            assert!(judge.permits(node(number)));
        }
        assert!(!judge.permits(node(MOST_FOUND)));
        // Those that are known stay, and those that the record names are none of them.
        assert!(judge.permits(node(0)) && judge.permits("127.0.0.1:9042".parse().unwrap()));
    }

    #[test]
    fn the_password_goes_in_the_clear_to_listed_nodes_only() {
        let listed: SocketAddr = "10.0.0.9:9042".parse().unwrap();
        for (tls, node, expected) in
            [(true, node(1), true), (false, node(1), false), (true, listed, true), (false, listed, true)]
        {
            assert_eq!(judge("10.0.0.0/8", tls).permits(node), expected, "{tls} {node}");
        }
    }
}
