//! Structured logs. Only the level of our own lines can be set; what libraries log is cut at warnings, because at
//! lower levels they print what travels, and that holds ARNs, tokens and secrets.

use tracing::Level;
use tracing_subscriber::{
    Layer, Registry,
    filter::{LevelFilter, Targets},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

/// Our crates, whose lines are written to hold no secret.
const OURS: [&str; 11] = [
    "agent_invoke",
    "api",
    "boot",
    "connectors",
    "egress",
    "local",
    "model",
    "portal_connectors",
    "portal_test",
    "registry",
    "store",
];

/// JSON lines on standard output, as CloudWatch reads them.
pub fn json() {
    let layer = tracing_subscriber::fmt::layer().json().flatten_event(true).with_target(false);
    init(layer.with_span_list(false).without_time().boxed(), level());
}

/// Lines for people on standard error.
pub fn text() {
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(false).compact();
    init(layer.boxed(), level());
}

fn init(layer: Box<dyn Layer<Registry> + Send + Sync>, level: LevelFilter) {
    let targets = Targets::new().with_default(LevelFilter::WARN.min(level));
    let targets = OURS.iter().fold(targets, |targets, ours| targets.with_target(*ours, level));
    // The embedded database warns of every refused condition; those are ordinary answers.
    let targets = targets.with_target("dynoxide", LevelFilter::ERROR);
    // A second call (tests in one process) keeps the first subscriber.
    let _ = tracing_subscriber::registry().with(layer.with_filter(targets)).try_init();
}

#[expect(
    clippy::disallowed_methods,
    reason = "logging starts before the settings are read, to tell what is wrong with them"
)]
fn level() -> LevelFilter {
    let word =
        std::env::var("AWS_LAMBDA_LOG_LEVEL").or_else(|_| std::env::var("LOG_LEVEL")).unwrap_or_default();
    word.parse::<Level>().map_or(LevelFilter::INFO, LevelFilter::from_level)
}
