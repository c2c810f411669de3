//! What everything in a test's process logs: searched for marked secrets line by line, and kept where a test listens.
//!
//! A test runs on one thread with all that it starts, so what is logged on that thread is about that test.

use std::{
    cell::RefCell,
    io::{self, Write},
};

use serde_json::{Deserializer, Value};
use test_servers::canary::{self, Output};
use tracing_subscriber::{
    filter::{LevelFilter, Targets},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

thread_local! {
    static HEARD: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

/// The lines that are logged on this thread while it lives.
pub struct Listening(());

impl Listening {
    /// Begins to listen.
    pub fn start() -> Self {
        searched();
        HEARD.set(Some(Vec::new()));
        Self(())
    }

    /// Takes the lines so far.
    pub fn take(&self) -> Vec<Value> {
        let text = HEARD.with_borrow_mut(|heard| heard.as_mut().map(std::mem::take).unwrap_or_default());
        Deserializer::from_slice(&text).into_iter().map(|line| line.expect("a line of JSON")).collect()
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        HEARD.set(None);
    }
}

/// From now on the log of this process is written, as a deployment's is, and searched.
pub(crate) fn searched() {
    let lines = tracing_subscriber::fmt::layer().json().flatten_event(true).with_writer(|| Line);
    // As in a deployment: these repeat what servers said, and callers hear of it anyway.
    let targets = Targets::new().with_default(LevelFilter::INFO);
    let targets = targets.with_target("dynoxide", LevelFilter::OFF).with_target("scylla", LevelFilter::OFF);
    // Only the first of a process counts.
    let _ = tracing_subscriber::registry().with(targets).with(lines).try_init();
}

/// Each event is written whole, with its end.
struct Line;

impl Write for Line {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        canary::check("the log", Output::Log, line);
        HEARD.with_borrow_mut(|heard| {
            if let Some(heard) = heard {
                heard.extend_from_slice(line);
            }
        });
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
