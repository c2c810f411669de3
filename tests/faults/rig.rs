//! What a case is played on: the functions, several containers of the agent among them, by their handlers; a clock that
//! can be put forward; and a proxy before AWS that does to a step's requests what the step says.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use aws_sdk_dynamodb::config::retry::{RetryConfig, RetryPartition};
use boot::{Boot, aws::Clients};
use end_to_end::{Asked, Fault, Proxy, Told, World};
use local::gateway::{Function, Handler};
use model::{
    clock::{Clock, Moment, SystemClock},
    entropy::{Entropy, SystemEntropy},
};
use telemetry::Metrics;

use crate::{
    flaws::{self, Flaw},
    steps::{CONTAINERS, Trouble},
};

/// The time-out of the functions, as the template sets it.
const TIMEOUT: Duration = Duration::from_secs(29);

/// A clock that runs, and can be put forward.
#[derive(Default)]
pub(crate) struct Shifted(Mutex<Duration>);

impl Shifted {
    pub(crate) fn forward(&self, by: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }
}

impl Clock for Shifted {
    fn now(&self) -> Moment {
        let shift = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = SystemClock.now();
        Moment { wall: now.wall + shift, ticks: now.ticks + shift }
    }
}

/// What the requests of the step that runs now meet with.
#[derive(Default)]
pub(crate) struct Script {
    /// Each with how many requests it was held against.
    troubles: Mutex<Vec<(Trouble, usize)>>,
    hits: AtomicUsize,
}

impl Script {
    /// Begins a step.
    pub(crate) fn begin(&self, troubles: &[Trouble]) {
        let troubles = troubles.iter().map(|trouble| (trouble.clone(), 0)).collect();
        *self.troubles.lock().unwrap_or_else(PoisonError::into_inner) = troubles;
        self.hits.store(0, Ordering::SeqCst);
    }

    /// Ends it, and gives the number of requests that met with trouble.
    pub(crate) fn end(&self) -> usize {
        self.troubles.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.hits.load(Ordering::SeqCst)
    }

    fn judge(&self, asked: &Asked) -> Fault {
        let mut troubles = self.troubles.lock().unwrap_or_else(PoisonError::into_inner);
        for (trouble, count) in troubles.iter_mut() {
            let fault = trouble.meet.fault();
            if !trouble.of.hold(&asked.operation) || !fault.can_meet(&asked.operation) {
                continue;
            }
            *count += 1;
            if *count > trouble.spared && *count - trouble.spared <= trouble.times {
                self.hits.fetch_add(1, Ordering::SeqCst);
                return fault;
            }
        }
        Fault::None
    }
}

/// What was played, to be told.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) calls: AtomicUsize,
    /// Requests to AWS that met with trouble.
    pub(crate) met: AtomicUsize,
    /// Calls that failed for it.
    pub(crate) failed: AtomicUsize,
    /// Calls that an instance answered because the markers could not be read.
    pub(crate) stale: AtomicUsize,
}

/// The functions. One rig plays one case after the other, its containers warm from those before.
pub(crate) struct Rig {
    pub(crate) world: Arc<World>,
    pub(crate) clock: Arc<Shifted>,
    pub(crate) script: Arc<Script>,
    pub(crate) proxy: Proxy,
    /// What the agent's containers tell operators.
    pub(crate) told: Told,
    pub(crate) tally: Tally,
    pub(crate) agents: Vec<Arc<dyn Function>>,
    pub(crate) portal: Arc<dyn Function>,
    pub(crate) test: Arc<dyn Function>,
    pub(crate) refresh: Arc<dyn Function>,
}

impl Rig {
    pub(crate) async fn new(world: Arc<World>, flaw: Option<Flaw>) -> Self {
        let script = Arc::<Script>::default();
        let judge = Arc::clone(&script);
        let proxy = world.proxy(move |asked| judge.judge(asked)).await;
        let (clock, told) = (Arc::<Shifted>::default(), Told::of("agent-invoke"));
        let boot = |metrics| Boot {
            settings: world.stack.boot.settings.clone(),
            clients: hasty(&proxy.clients()),
            metrics,
            clock: clock.clone(),
            entropy: Arc::new(SystemEntropy),
        };
        let agent = |_| {
            let app = Arc::new(flaws::agent(&boot(told.metrics.clone()), flaw));
            let handler = move |request| agent_invoke::handle(Arc::clone(&app), request);
            flaws::reached(Arc::new(Handler::new(handler, clock.clone(), TIMEOUT)), flaw)
        };
        let agents = (0..CONTAINERS).map(agent).collect();
        let own = boot(Metrics::off());
        let app = Arc::new(flaws::portal(&own, flaw));
        let portal = move |request| portal_connectors::handle(Arc::clone(&app), request);
        let app = Arc::new(portal_test::App::new(&own).unwrap());
        let test = move |request| portal_test::handle(Arc::clone(&app), request);
        let app = Arc::new(agent_refresh::App::new(&own));
        let refresh = move |request| agent_refresh::handle(Arc::clone(&app), request);
        Self {
            portal: Arc::new(Handler::new(portal, clock.clone(), TIMEOUT)),
            test: Arc::new(Handler::new(test, clock.clone(), TIMEOUT)),
            refresh: Arc::new(Handler::new(refresh, clock.clone(), TIMEOUT)),
            world,
            clock,
            script,
            proxy,
            told,
            tally: Tally::default(),
            agents,
        }
    }
}

/// The same clients, whose waits between attempts are cut short, and whose budget for attempts is their own.
fn hasty(clients: &Clients) -> Clients {
    let waits = RetryConfig::standard().with_max_attempts(4).with_initial_backoff(Duration::from_millis(1));
    let budget = RetryPartition::new(SystemEntropy.uuid().to_string());
    let dynamo = clients.dynamo.config().to_builder();
    let dynamo = dynamo.retry_config(waits.clone()).retry_partition(budget.clone()).build();
    let secrets = clients.secrets.config().to_builder().retry_config(waits).retry_partition(budget).build();
    Clients {
        dynamo: aws_sdk_dynamodb::Client::from_conf(dynamo),
        secrets: aws_sdk_secretsmanager::Client::from_conf(secrets),
        tls: clients.tls.clone(),
    }
}
