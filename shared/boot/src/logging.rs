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
const OURS: [&str; 14] = [
    "agent_invoke",
    "agent_refresh",
    "api",
    "boot",
    "cache_stats",
    "connectors",
    "egress",
    "local",
    "model",
    "portal_connectors",
    "portal_test",
    "registry",
    "store",
    "telemetry",
];

/// JSON lines on standard output, as CloudWatch reads them. Lambda, set to the log format JSON, knows a line's level only
/// where the line says `level` and a `timestamp` in the form of RFC 3339; one without counts as information.
pub fn json() {
    let layer = tracing_subscriber::fmt::layer().json().flatten_event(true).with_target(false);
    init(layer.with_span_list(false).boxed(), level_of_environment());
}

/// Lines for people on standard error.
pub fn text() {
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(false).compact();
    init(layer.boxed(), level_of_environment());
}

fn init(layer: Box<dyn Layer<Registry> + Send + Sync>, level: LevelFilter) {
    let targets = Targets::new().with_default(LevelFilter::WARN.min(level));
    let targets = OURS.iter().fold(targets, |targets, ours| targets.with_target(*ours, level));
    // The embedded database warns of every refused condition; those are ordinary answers.
    let targets = targets.with_target("dynoxide", LevelFilter::ERROR);
    // Cassandra's driver repeats the server's words, and those name who could not log in. Callers hear of it anyway.
    let targets = targets.with_target("scylla", LevelFilter::OFF);
    // A second call (tests in one process) keeps the first subscriber.
    let _ = tracing_subscriber::registry().with(layer.with_filter(targets)).try_init();
}

/// The variables that set the level: Lambda's own, and one that leaves Lambda's filter alone, through which metrics
/// pass too. The quieter of them counts.
pub(crate) const VARIABLES: [&str; 2] = ["AWS_LAMBDA_LOG_LEVEL", "LOG_LEVEL"];

/// The level that a word stands for.
pub(crate) fn level(word: &str) -> Option<LevelFilter> {
    // Lambda knows a level above errors.
    if word.eq_ignore_ascii_case("fatal") {
        return Some(LevelFilter::ERROR);
    }
    word.parse::<Level>().ok().map(LevelFilter::from_level)
}

#[expect(
    clippy::disallowed_methods,
    reason = "logging starts before the settings are read, to tell what is wrong with them"
)]
fn level_of_environment() -> LevelFilter {
    let words = VARIABLES.iter().filter_map(|variable| std::env::var(variable).ok());
    words.filter_map(|word| level(&word)).min().unwrap_or(LevelFilter::INFO)
}
