//! R1: a call that begins after a refresh or a portal write has returned never sees what was before, in any
//! container. Three containers behind one door, callers that never pause, and every kind of change; each call is
//! held against the states that it may see.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use end_to_end::{Flaw, World, flawed};
use tokio::task::JoinSet;

use crate::lanes::{Change, Lane, Tally, load, upstream};

const CONTAINERS: usize = 3;
const CALLERS: usize = 4;

/// Each kind of change: how many connectors it changes at a time, and how many rounds.
const ROUNDS: [(Change, (usize, usize)); 6] = [
    (Change::RefreshAll, (20, 3_000)),
    (Change::RefreshTenant, (20, 3_000)),
    (Change::RotateAndRefresh, (1, 500)),
    (Change::Put, (4, 1_500)),
    (Change::Switch, (4, 1_000)),
    (Change::Replace, (4, 1_000)),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_call_sees_a_state_that_was_over_before_it_began() {
    let world = Arc::new(World::saas().await);
    let (fleet, upstream) = (Arc::new(world.fleet(CONTAINERS)), upstream().await);
    let tally = Arc::<Tally>::default();
    let mut lanes = Vec::new();
    for (change, size) in ROUNDS {
        lanes.push(Lane::new(&world, &fleet, &upstream, change, size).await);
    }
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        callers.spawn(load(lanes.clone(), Arc::clone(&fleet), Arc::clone(&tally)));
    }
    let mut writers = JoinSet::new();
    for lane in &lanes {
        writers.spawn(Arc::clone(lane).run(Arc::clone(&world), Arc::clone(&fleet), Arc::clone(&tally)));
    }
    while let Some(ended) = writers.join_next().await {
        ended.unwrap();
        // A caller that met what it did not expect has ended.
        assert!(callers.try_join_next().is_none());
    }
    let [rounds, calls, changes, stale, violations] =
        [&tally.rounds, &tally.calls, &tally.changes, &tally.stale, &tally.violations]
            .map(|count| count.load(Ordering::SeqCst));
    println!(
        "{rounds} rounds, {changes} changes, {calls} calls, {stale} under the exception, {violations} violations"
    );
    assert_eq!((rounds, violations), (10_000, 0), "{:?}", tally.told.lock().unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_check_finds_every_flaw_that_it_is_there_for() {
    let world = Arc::new(World::saas().await);
    let upstream = upstream().await;
    for (flaw, change) in [
        (Flaw::NoMarkers, Change::RefreshAll),
        (Flaw::OldMarkers, Change::Put),
        (Flaw::OldRecords, Change::Switch),
    ] {
        let agents = (0..CONTAINERS).map(|_| flawed(&world.stack.boot, flaw)).collect();
        let (fleet, tally) = (Arc::new(world.fleet_of(agents)), Arc::<Tally>::default());
        let lane = Lane::new(&world, &fleet, &upstream, change, (2, 40)).await;
        lane.run(Arc::clone(&world), fleet, Arc::clone(&tally)).await;
        let violations = tally.violations.load(Ordering::SeqCst);
        println!("{flaw:?}: {violations} violations in {} rounds", tally.rounds.load(Ordering::SeqCst));
        assert!(violations > 0, "{flaw:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_call_that_could_not_read_the_markers_is_held_against_the_ttl_and_its_round_asked_again() {
    let world = Arc::new(World::saas().await);
    let upstream = upstream().await;
    let stands_still = Arc::new(AtomicBool::new(false));
    let judge = Arc::clone(&stands_still);
    let passage =
        world.passage(move |asked| asked.operation == "BatchGetItem" && judge.load(Ordering::SeqCst)).await;
    let fleet = Arc::new(world.fleet_of(vec![world.agent_through(&passage)]));
    let tally = Arc::<Tally>::default();
    let lane = Lane::new(&world, &fleet, &upstream, Change::Put, (1, 1)).await;
    assert!(lane.call(&fleet, 0, &tally).await, "from here on there is an instance");

    stands_still.store(true, Ordering::SeqCst);
    let round = tokio::spawn(Arc::clone(&lane).run(Arc::clone(&world), fleet, Arc::clone(&tally)));
    while tally.stale.load(Ordering::SeqCst) == 0 {
        assert!(!round.is_finished(), "{:?}", tally.told.lock().unwrap());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(tally.rounds.load(Ordering::SeqCst), 0);
    passage.open();
    round.await.unwrap();
    let [rounds, violations] = [&tally.rounds, &tally.violations].map(|count| count.load(Ordering::SeqCst));
    assert_eq!((rounds, violations), (1, 0), "{:?}", tally.told.lock().unwrap());
}
