//! One start of one function.

use std::{fs, path::Path, time::Instant};

use end_to_end::{Container, LambdaRuntime, World};
use model::clock::{Clock, SystemClock};
use serde_json::Value;

use crate::binaries::{Binaries, Subject};

/// What one start took.
pub(crate) struct Start {
    /// Milliseconds until it asked for work.
    pub(crate) polled: f64,
    /// Milliseconds until its first answer.
    pub(crate) answered: f64,
    /// Milliseconds of processor time until then.
    pub(crate) cpu_ms: f64,
    /// What it then held in memory.
    pub(crate) rss_mib: f64,
}

/// A function that has asked for work.
pub(crate) struct Started {
    runtime: LambdaRuntime,
    container: Container,
}

impl Started {
    pub(crate) async fn new(
        binaries: &Binaries,
        subject: &Subject,
        environment: &[(String, String)],
    ) -> Self {
        // Of its own: one that had another container may still hold that one's open question.
        let runtime = LambdaRuntime::start().await;
        let container = runtime.container(&binaries.path(subject.name), environment).await;
        Self { runtime, container }
    }

    /// Hands it its event and waits for the answer.
    pub(crate) async fn answer(&self, world: &World, subject: &Subject) {
        let answer = self.runtime.invoke(event(world, subject)).await;
        assert_eq!(answer["statusCode"], 200, "{}: {answer}", subject.name);
    }
}

/// Starts a function and has it answer its event.
pub(crate) async fn start(
    world: &World,
    binaries: &Binaries,
    subject: &Subject,
    environment: Vec<(String, String)>,
) -> Start {
    let began = SystemClock.now().ticks;
    let started = Started::new(binaries, subject, &environment).await;
    let polled = milliseconds_since(began);
    started.answer(world, subject).await;
    let answered = milliseconds_since(began);
    let rss_kib = u32::try_from(started.container.rss_kib()).expect("less than 4 TiB");
    Start { polled, answered, cpu_ms: started.container.cpu_ms(), rss_mib: f64::from(rss_kib) / 1024.0 }
}

fn milliseconds_since(began: Instant) -> f64 {
    SystemClock.now().ticks.duration_since(began).as_secs_f64() * 1e3
}

/// The event that a function answers first, with this world's own credentials.
fn event(world: &World, subject: &Subject) -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events").join(subject.event);
    let text = fs::read_to_string(file).expect("the event");
    let identity = &world.stack.identity;
    let text = text.replace("SESSION_TOKEN", identity.session("tenant-a"));
    let text = text.replace("LICENSE_KEY", identity.license("tenant-a"));
    serde_json::from_str(&text).expect("JSON")
}
