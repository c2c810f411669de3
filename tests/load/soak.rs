//! An hour of mixed load while AWS and the upstream misbehave: editors and callers of several tenants, each answer held
//! against what it may be, and the memory of the processes read all the while.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use clap::Args;
use end_to_end::{Asked, Dice, Line};
use model::clock::{Clock, SystemClock};
use serde_json::json;
use store::TENANT_TAG;

use crate::{
    arrival::token,
    book::Book,
    caller::Caller,
    connector::{Connector, Tenant},
    editor::Editor,
    log::Log,
    memory::Memory,
    report::{self, Ended},
    run::{Run, now},
    sky::{Flaw, Sky},
    stack::Stack,
    upstream::Upstream,
    weather::Forecast,
};

const TENANTS: [&str; 4] = ["alpha", "beta", "gamma", "delta"];
const CONNECTORS: usize = 6;
const EDITORS: usize = 2;
const CALLERS: usize = 4;
const CONTAINERS: u8 = 3;
const SAMPLE: Duration = Duration::from_secs(10);
const SAMPLES_A_WORD: usize = 30;
/// After the last fault, until nothing of one is under way.
const SETTLED: Duration = Duration::from_secs(8);
/// How often a connector is looked at in the end, a second apart.
const LOOKS: usize = 60;
/// Sessions end after a day, and the last look needs one.
const MINUTES: std::ops::RangeInclusive<f64> = 0.01..=1400.0;

/// What to run.
#[derive(Args)]
pub(crate) struct Soak {
    /// How long the load lasts, 0.01 to 1400
    #[arg(long, default_value_t = 60.0, allow_negative_numbers = true, value_parser = minutes)]
    minutes: f64,
    /// What decides the kinds and rates of calls and faults
    #[arg(long, default_value_t = 1, allow_negative_numbers = true)]
    seed: u64,
    /// Something wrong on purpose, to see the run find it
    #[arg(long)]
    flaw: Option<Flaw>,
}

fn minutes(text: &str) -> Result<f64, String> {
    let minutes = text.parse().ok().filter(|minutes| MINUTES.contains(minutes));
    minutes.ok_or_else(|| format!("a number from {} to {}", MINUTES.start(), MINUTES.end()))
}

impl Soak {
    /// Runs, and prints what was done. Whether nothing was wrong.
    pub(crate) async fn run(self) -> bool {
        let (started, book) = (now(), Arc::<Book>::default());
        let lasts = self.lasts();
        let run = self.start(&book).await;
        let memory = Mutex::new((Memory::default(), Memory::default()));
        let work = work(&run, self.seed);
        let sampling = sample(&run, started, &memory);
        tokio::select! {
            () = work => {}
            () = sampling => {}
        }
        let mut entries = 0;
        if !run.has_found_its_flaw() {
            run.forecast.end();
            if !run.flawed {
                tokio::time::sleep(SETTLED).await;
            }
            look_at_all(&run, self.seed).await;
            entries = run.see_audit().await;
        }
        let (functions, aws) = memory.into_inner().unwrap_or_default();
        let ended = Ended { lasts, seed: self.seed, workers: workers(), entries, functions, aws };
        report::print(&run, &ended)
    }

    fn lasts(&self) -> Duration {
        Duration::from_secs_f64(self.minutes * 60.0)
    }

    async fn start(&self, book: &Arc<Book>) -> Run {
        let log = Arc::new(Log::new(Arc::clone(book)));
        let forecast = Arc::new(Forecast::new(now(), self.lasts()));
        let dice = |thrower: &str| Dice::new(self.seed, thrower);
        let sky = Sky::new(self.seed, Arc::clone(&forecast), Arc::clone(book), self.flaw);
        let (sky, heard) = (Arc::new(sky), Arc::clone(&log));
        let judge = move |asked: &Asked| sky.judge(asked);
        let stack = Stack::start(&TENANTS, CONTAINERS, judge, move |line| heard.hear(line)).await;
        let mut forbidden = vec!["c4n4ry".to_owned()];
        for tenant in TENANTS {
            forbidden.extend([stack.session(tenant).to_owned(), stack.license(tenant).to_owned()]);
        }
        let _ = log.forbidden.set(forbidden);
        let upstream =
            Upstream::start(Arc::clone(&forecast), Arc::clone(book), dice("upstream"), self.flaw).await;
        let mut tenants = Vec::new();
        for name in TENANTS {
            tenants.push(tenant(&stack, name).await);
        }
        Run {
            portal: stack.portal(),
            agent: stack.agent(),
            aws: stack.clients(),
            line: Line::default(),
            book: Arc::clone(book),
            log,
            forecast,
            upstream,
            tenants,
            until: now() + self.lasts(),
            flawed: self.flaw.is_some(),
            expected: Mutex::default(),
            calm: Mutex::default(),
            stack,
        }
    }
}

/// A tenant with its connectors, of which a third have no secret, and a third an upstream that takes the newest token
/// alone. All tenants have connectors of the same names, and one that nobody else has.
async fn tenant(stack: &Stack, name: &'static str) -> Tenant {
    let mut connectors = Vec::new();
    for n in 0..CONNECTORS {
        let connector = if n + 1 == CONNECTORS { format!("only-{name}") } else { format!("c{n}") };
        let arn = if n % 3 == 0 { None } else { Some(secret(stack, name, &connector).await) };
        connectors.push(Connector::new(name, connector, arn, n % 3 == 2, SystemClock.now().ticks));
    }
    let (session, license) = (stack.session(name).to_owned(), stack.license(name).to_owned());
    Tenant { name, session, license, connectors }
}

async fn secret(stack: &Stack, tenant: &str, connector: &str) -> String {
    use aws_sdk_secretsmanager::types::Tag;
    let value = json!({"token": token(tenant, connector, 0)}).to_string();
    let create = stack.clients().secrets.create_secret().name(format!("load/{tenant}/{connector}"));
    let tag = Tag::builder().key(TENANT_TAG).value(tenant).build();
    let created = create.secret_string(value).tags(tag).send().await.expect("a secret");
    created.arn.expect("its ARN")
}

fn workers() -> usize {
    TENANTS.len() * (EDITORS + CALLERS)
}

/// Everybody's work, until the run is over.
async fn work(run: &Run, seed: u64) {
    let mut editors = Vec::new();
    let mut callers = Vec::new();
    for (number, tenant) in run.tenants.iter().enumerate() {
        for editor in 0..EDITORS {
            let connectors = tenant.connectors.iter().skip(editor).step_by(EDITORS).collect();
            let dice = Dice::new(seed, &format!("editor {editor} of {}", tenant.name));
            editors.push(Editor { run, tenant, connectors, dice }.work());
        }
        for caller in 0..CALLERS {
            let others = run.tenants.iter().cycle().skip(number + 1);
            let Some(other) = others.take(1).next() else { continue };
            let dice = Dice::new(seed, &format!("caller {caller} of {}", tenant.name));
            callers.push(Caller { run, tenant, other, dice }.work());
        }
    }
    tokio::join!(futures_util::future::join_all(editors), futures_util::future::join_all(callers));
}

/// Reads the memory of both processes for as long as it is awaited, and says now and then how the run goes.
#[expect(clippy::print_stderr, reason = "whoever watches a long run wants to know")]
async fn sample(run: &Run, started: std::time::Instant, memory: &Mutex<(Memory, Memory)>) {
    for sample in 0_usize.. {
        let at = now().duration_since(started);
        if let Ok(mut memory) = memory.lock() {
            memory.0.sample(run.stack.functions.id(), at);
            memory.1.sample(run.stack.aws.id(), at);
            let [functions, aws] =
                [&memory.0, &memory.1].map(|memory| memory.last().map_or(0.0, |last| last.1));
            if sample % SAMPLES_A_WORD == 0 {
                let said = run.book.said();
                eprintln!("{} s: {said}; functions {functions:.1} MiB, AWS {aws:.1} MiB", at.as_secs());
            }
        }
        tokio::time::sleep(SAMPLE).await;
    }
}

/// Without faults every record is what was last acknowledged, and every connector works.
async fn look_at_all(run: &Run, seed: u64) {
    let mut dice = Dice::new(seed, "the last look");
    for tenant in &run.tenants {
        for connector in &tenant.connectors {
            let mut works = false;
            for _ in 0..LOOKS {
                let call = run.portal(tenant, "GET", &connector.path());
                let read = run.ask(crate::kinds::READ, tenant.name, call).await;
                let read = read.and_then(|answered| run.see_record(connector, &answered));
                let called = run.query(tenant, connector, &mut dice).await;
                works = read.is_some() && called.is_some_and(|status| matches!(status, 200 | 404 | 409));
                if works {
                    break;
                }
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            if !works {
                run.book.wrong(format!("{connector} does not work a minute after the last fault"));
            }
        }
    }
}
