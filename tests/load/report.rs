//! What a run did, as a page: calls, faults, memory, and what was wrong.

use std::{fmt::Write, sync::PoisonError, time::Duration};

use crate::{
    book::Tallies,
    memory::{GROWTH_LIMIT, Memory, SLOPE_LIMIT},
    run::Run,
};

/// Of the calls that met no fault, so many in a thousand may be errors of the platform: a machine that stands still for
/// a while is not told apart.
const CALM_ERRORS: u64 = 10;
const STEP: Duration = Duration::from_mins(5);

/// What is known when a run has ended.
pub(crate) struct Ended {
    pub(crate) lasts: Duration,
    pub(crate) seed: u64,
    pub(crate) workers: usize,
    /// Entries of the audit.
    pub(crate) entries: usize,
    pub(crate) functions: Memory,
    pub(crate) aws: Memory,
}

/// Prints the page. Whether nothing was wrong.
#[expect(clippy::print_stdout, reason = "the page is what the command is for")]
pub(crate) fn print(run: &Run, ended: &Ended) -> bool {
    let (calls, errors) = *run.calm.lock().unwrap_or_else(PoisonError::into_inner);
    if errors * 1_000 > calls * CALM_ERRORS && errors > 5 {
        run.book.wrong(format!("{errors} of {calls} calls that met no fault were answered with 5xx"));
    }
    if ended.functions.growth().is_some_and(|growth| !growth.is_none()) {
        run.book.wrong("the functions' memory grows".to_owned());
    }
    let tallies = run.book.lock();
    let mut page = String::new();
    // Writing to a text does not fail.
    let _ = write_page(&mut page, &tallies, ended, (calls, errors));
    println!("{page}");
    tallies.violations_in_all == 0
}

fn write_page(
    page: &mut String,
    tallies: &Tallies,
    ended: &Ended,
    (calm, errors): (u64, u64),
) -> std::fmt::Result {
    let calls: u64 = tallies.calls.values().flat_map(|answers| answers.values()).sum();
    let faults: u64 = tallies.faults.values().sum();
    let minutes = ended.lasts.as_secs_f64() / 60.0;
    writeln!(page, "## Soak: {minutes:.1} minutes, seed {}, {} workers\n", ended.seed, ended.workers)?;
    writeln!(
        page,
        "{calls} calls ({:.0} a second), {faults} faults, {} violations; {} entries in the audit. Of {calm} calls \
         that met no fault {errors} were 5xx.\n",
        calls_a_second(calls, ended.lasts),
        tallies.violations_in_all,
        ended.entries
    )?;
    writeln!(page, "| call | answers |\n|---|---|")?;
    for (kind, answers) in &tallies.calls {
        let answers: Vec<String> =
            answers.iter().map(|(answer, count)| format!("{answer}: {count}")).collect();
        writeln!(page, "| {kind} | {} |", answers.join(", "))?;
    }
    writeln!(page, "\n| fault | times |\n|---|---|")?;
    for ((maker, kind), count) in &tallies.faults {
        writeln!(page, "| {maker}: {kind} | {count} |")?;
    }
    writeln!(page, "\n| noted | times |\n|---|---|")?;
    for (what, count) in &tallies.notes {
        writeln!(page, "| {what} | {count} |")?;
    }
    write_memory(page, ended)?;
    writeln!(page, "\nViolations: {}", tallies.violations_in_all)?;
    for violation in &tallies.violations {
        writeln!(page, "- {violation}")?;
    }
    Ok(())
}

fn write_memory(page: &mut String, ended: &Ended) -> std::fmt::Result {
    writeln!(page, "\n| minute | functions, MiB | tables and secrets, MiB |\n|---|---|---|")?;
    let last = ended.functions.last().map_or(Duration::ZERO, |(at, _)| at);
    let mut at = Duration::ZERO;
    while at < last {
        let (functions, aws) = (ended.functions.at(at), ended.aws.at(at));
        let (functions, aws) = (functions.unwrap_or_default(), aws.unwrap_or_default());
        writeln!(page, "| {} | {functions:.1} | {aws:.1} |", at.as_secs() / 60)?;
        at += STEP;
    }
    let (functions, aws) = (ended.functions.last(), ended.aws.last());
    let mib = |last: Option<(Duration, f64)>| last.map_or(0.0, |(_, mib)| mib);
    writeln!(
        page,
        "| {:.1}, the end | {:.1} | {:.1} |",
        last.as_secs_f64() / 60.0,
        mib(functions),
        mib(aws)
    )?;
    for (what, memory) in [("functions", &ended.functions), ("tables and secrets", &ended.aws)] {
        match memory.growth() {
            Some(growth) => writeln!(
                page,
                "\n{what}: {:+.2} MiB in ten minutes after the first ten, the end {:.2} times the beginning after them",
                growth.slope, growth.ratio
            )?,
            None => writeln!(page, "\n{what}: too short a run to say whether memory grows")?,
        }
    }
    writeln!(
        page,
        "\nLimits for the functions: under {SLOPE_LIMIT} MiB in ten minutes, and {GROWTH_LIMIT} times"
    )
}

fn calls_a_second(calls: u64, lasts: Duration) -> f64 {
    f64::from(u32::try_from(calls).unwrap_or(u32::MAX)) / lasts.as_secs_f64()
}
