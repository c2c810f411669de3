//! How long a container takes from the start of its process until it asks for work, and until its first answer: the
//! release binaries behind a runtime API on loopback, their tables and secrets in this process. They start in turns with
//! a function that only says hello, so that a machine that is slower for a while slows all of them.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a measurement that can't be made has failed, and its result is printed"
)]

mod binaries;
mod relay;
mod start;

use end_to_end::{Kind, World, percentile, row};
use serde_json::json;

use crate::{
    binaries::{Binaries, SUBJECTS, Subject},
    start::Start,
};

const STARTS: usize = 30;
/// Untimed first starts: the files come from the disk then.
const WARM_UP: usize = 2;
const BAR_MS: f64 = 30.0;
const BAR_RATIO: f64 = 1.5;

#[tokio::main]
async fn main() {
    let Some(binaries) = Binaries::find() else {
        println!("not measured: {}", Binaries::HOW);
        return;
    };
    println!("the release binaries in {}", binaries.folder.display());
    sizes(&binaries);
    let world = World::saas().await;
    world.create(&json!({"connector_name": "crm-primary", "connector_type": "slack"})).await;
    let mut starts: Vec<Vec<Start>> = SUBJECTS.iter().map(|_| Vec::new()).collect();
    for turn in 0..WARM_UP + STARTS {
        for (subject, starts) in SUBJECTS.iter().zip(&mut starts) {
            let start = start::start(&world, &binaries, subject, world.environment()).await;
            if turn >= WARM_UP {
                starts.push(start);
            }
        }
    }
    for kind in [Kind::Ratio, Kind::Number] {
        for (subject, own) in SUBJECTS.iter().zip(&starts) {
            times(kind, subject, own, &starts[0]);
        }
    }
    for subject in &SUBJECTS[1..] {
        first_exchange(&world, &binaries, subject).await;
    }
}

/// What each binary weighs; a megabyte is a million bytes.
fn sizes(binaries: &Binaries) {
    for Subject { name, limit_mb, .. } in &SUBJECTS {
        let bar = limit_mb.map_or_else(String::new, |limit| format!("≤ {limit} MB"));
        let bytes = std::fs::metadata(binaries.path(name)).expect("the binary").len();
        let size = format!("{:.2} MB", f64::from(u32::try_from(bytes).expect("less than 4 GB")) / 1e6);
        row(Kind::Number, &format!("release binary, stripped: `{name}`"), &bar, &size);
    }
}

/// A line for a function's starts, in milliseconds or as ratios to the function that says hello, which is the first.
fn times(kind: Kind, subject: &Subject, own: &[Start], hello: &[Start]) {
    let name = subject.name;
    let spread = |of: fn(&Start) -> f64| {
        let sorted = |starts: &[Start]| {
            let mut all: Vec<f64> = starts.iter().map(of).collect();
            all.sort_by(f64::total_cmp);
            [50, 90].map(|percent| percentile(&all, percent))
        };
        let ([p50, p90], [hello_p50, hello_p90]) = (sorted(own), sorted(hello));
        match kind {
            Kind::Ratio => format!("p50 {:.2}, p90 {:.2}", p50 / hello_p50, p90 / hello_p90),
            Kind::Number => format!("p50 {p50:.1} ms, p90 {p90:.1} ms"),
        }
    };
    let rss = percentile_of(own, |start| start.rss_mib);
    match kind {
        Kind::Ratio if name == SUBJECTS[0].name => {}
        Kind::Ratio => {
            row(kind, &format!("`{name}`: start to first poll, to hello"), "", &spread(|s| s.polled));
            let what = format!("`{name}`: start to first answer, to hello");
            row(kind, &what, &format!("≤ {BAR_RATIO}"), &spread(|s| s.answered));
        }
        Kind::Number => {
            row(kind, &format!("`{name}`: start to first poll"), "", &spread(|s| s.polled));
            let what = format!("`{name}`: start to first answer");
            row(kind, &what, &format!("≤ {BAR_MS} ms"), &spread(|s| s.answered));
            let cpu = percentile_of(own, |start| start.cpu_ms);
            let used = format!("{cpu:.1} ms of processor time, {rss:.1} MiB resident");
            row(kind, &format!("`{name}`: used by the first answer"), "", &used);
        }
    }
}

fn percentile_of(starts: &[Start], of: fn(&Start) -> f64) -> f64 {
    let mut all: Vec<f64> = starts.iter().map(of).collect();
    all.sort_by(f64::total_cmp);
    percentile(&all, 50)
}

/// What a function asks of AWS before its first call, and by its first answer.
async fn first_exchange(world: &World, binaries: &Binaries, subject: &Subject) {
    let passage = world.passage(|_| false).await;
    let relay = relay::Relay::to(passage.address()).await;
    let mut environment = world.environment();
    for (name, value) in &mut environment {
        if name == "AWS_ENDPOINT_URL" {
            *value = relay.url();
        }
    }
    let counted = || {
        let (out, back) = relay.bytes();
        format!("{} round trips ({out} bytes out, {back} back)", passage.take().len())
    };
    let container = start::Started::new(binaries, subject, &environment).await;
    let before = counted();
    container.answer(world, subject).await;
    let measured = format!("{before} before the first call, {} by its answer", counted());
    row(Kind::Number, &format!("`{}`: asked of AWS", subject.name), "", &measured);
}
