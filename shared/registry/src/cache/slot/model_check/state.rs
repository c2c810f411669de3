//! How the world goes on: one step of a writer, a call or a clock, and the promises judged at every use.

use std::{
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher},
    sync::Arc,
};

use super::super::*;
use super::{
    seat::Seat,
    world::{Action, Call, Instance, Knowing, Line, Mutant, Promise, Scope, World, Write},
};

const TTL: Duration = Duration::from_secs(2);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct State {
    slot: Seat,
    writes: Vec<Write>,
    secret: u8,
    wall: u8,
    ticks: u8,
    calls: Vec<Call>,
    /// Every instance, so that none is freed while a state still knows it.
    made: Vec<Arc<Instance>>,
    /// The newest counters that any call has brought.
    known: Fingerprint,
    left: Scope,
    pub(super) broken: Option<Promise>,
}

impl State {
    pub(super) fn new(world: &World) -> Self {
        Self {
            slot: Seat::default(),
            writes: Vec::new(),
            secret: 0,
            wall: 0,
            ticks: 0,
            calls: vec![Call::New; world.scope.calls],
            made: Vec::new(),
            known: Fingerprint::default(),
            left: world.scope,
            broken: None,
        }
    }

    /// Whether no load is left once every call is over.
    pub(super) fn is_settled(&self) -> bool {
        self.calls.iter().any(|call| *call != Call::Over) || self.slot.0.flights.is_empty()
    }

    pub(super) fn actions(&self, actions: &mut Vec<Action>) {
        if self.broken.is_some() {
            return;
        }
        // Calls are alike, so they may as well begin in their order.
        let first = self.calls.iter().position(|call| *call == Call::New);
        actions.extend(first.map(Action::Start));
        for (i, call) in self.calls.iter().enumerate() {
            self.actions_of(i, call, actions);
        }
        if actions.is_empty() {
            return;
        }
        let Scope { portal_writes, refreshes, rotations, seconds, evictions, .. } = self.left;
        actions.extend((portal_writes > 0).then_some(Action::Write(Write::Portal)));
        actions.extend((refreshes > 0).then_some(Action::Write(Write::Refresh)));
        actions.extend((rotations > 0).then_some(Action::Rotate));
        if seconds > 0 {
            actions.extend([Action::Second { frozen: false }, Action::Second { frozen: true }]);
        }
        if evictions > 0 {
            actions.extend(self.slot.0.is_ready().then_some(Action::Evict));
            actions.extend(self.slot.0.is_remnant().then_some(Action::Forget));
        }
    }

    fn actions_of(&self, i: usize, call: &Call, actions: &mut Vec<Action>) {
        match call {
            Call::New | Call::Over | Call::Waiting { .. } => {}
            Call::Reading { tenant, connector, .. } => {
                actions.extend(tenant.is_none().then_some(Action::ReadTenant(i)));
                actions.extend(connector.is_none().then_some(Action::ReadConnector(i)));
                actions.extend((self.left.blind_calls > 0).then_some(Action::MarkerFails(i)));
            }
            Call::Knowing(_) => actions.push(Action::Decide(i)),
            Call::Loading { record, loaded, .. } => {
                actions.push(match (record, loaded) {
                    (None, _) => Action::ReadRecord(i),
                    (Some(_), None) => Action::ReadSecret(i),
                    (Some(_), Some(_)) => Action::Land(i),
                });
                // The slot can't tell how far a load has come, so a mishap may as well strike at once or later.
                if self.left.mishaps > 0 && record.is_none() {
                    actions.extend([Action::Fail(i, true), Action::Fail(i, false), Action::Vanish(i)]);
                }
            }
            Call::Holding { knowing, instance } => {
                let refused = instance.secret < self.secret && knowing.refused.is_none();
                actions.push(if refused { Action::Refused(i) } else { Action::Release(i) });
            }
        }
    }

    pub(super) fn step(&mut self, world: &World, action: Action) {
        self.act(world, action);
        self.normalise();
    }

    /// Calls are alike, so their order is nothing to explore, and what no one knows any more is nothing to compare.
    fn normalise(&mut self) {
        let holds = |instance: &Instance| {
            self.calls
                .iter()
                .any(|call| matches!(call, Call::Holding { instance: held, .. } if **held == *instance))
        };
        self.slot.normalise(holds);
        let hasher = BuildHasherDefault::<DefaultHasher>::default();
        self.calls.sort_by_cached_key(|call| hasher.hash_one(call));
        let knows = |instance: &Arc<Instance>| {
            self.slot.keeps(instance) || self.calls.iter().any(|call| call.knows(instance))
        };
        self.made.retain(knows);
    }

    fn act(&mut self, world: &World, action: Action) {
        let began = self.writes.len();
        match action {
            Action::Start(i) => self.calls[i] = Call::Reading { began, tenant: None, connector: None },
            Action::ReadTenant(i) | Action::ReadConnector(i) => self.read(i, action),
            Action::MarkerFails(i) => {
                self.left.blind_calls -= 1;
                self.serve_stale(world);
                self.calls[i] = Call::Over;
            }
            Action::Decide(i) => self.decide(world, i),
            Action::ReadRecord(i) => {
                let Call::Loading { record, .. } = &mut self.calls[i] else { unreachable!() };
                *record = Some(began);
            }
            Action::ReadSecret(i) => self.read_secret(i),
            Action::Land(i) => self.land(world, i),
            Action::Fail(i, shared) => self.fail(world, i, shared),
            Action::Vanish(i) => {
                self.left.mishaps -= 1;
                let Call::Loading { flight, .. } = self.calls[i] else { unreachable!() };
                if !world.has(Mutant::LosesLeaders) {
                    self.slot.0.abandon(flight);
                }
                self.calls[i] = Call::Over;
                self.wake(flight, |knowing| Call::Knowing(knowing.clone()));
            }
            Action::Refused(i) => self.refuse(world, i),
            Action::Release(i) => self.calls[i] = Call::Over,
            Action::Write(write) => {
                match write {
                    Write::Portal => self.left.portal_writes -= 1,
                    Write::Refresh => self.left.refreshes -= 1,
                }
                self.writes.push(write);
            }
            Action::Rotate => {
                self.left.rotations -= 1;
                self.secret += 1;
            }
            Action::Second { frozen } => {
                self.left.seconds -= 1;
                self.wall += 1;
                self.ticks += u8::from(!frozen);
            }
            Action::Evict => {
                self.left.evictions -= 1;
                self.slot.0.depart(Cause::Capacity);
            }
            Action::Forget => {
                self.left.evictions -= 1;
                self.slot = Seat::default();
            }
        }
    }

    fn now(&self, world: &World) -> Moment {
        let wall = if world.has(Mutant::TrustsOneClock) { self.ticks } else { self.wall };
        let seconds = |n| Duration::from_secs(u64::from(n));
        Moment { wall: world.start.wall + seconds(wall), ticks: world.start.ticks + seconds(self.ticks) }
    }

    fn counter(&self, of: Write) -> u64 {
        self.writes.iter().filter(|write| **write == of).count() as u64
    }

    /// How many writes a state must have seen to have seen all that these counters tell of.
    fn told_by(&self, known: Fingerprint) -> usize {
        let nth = |of: Write, n: u64| {
            let mut at =
                self.writes.iter().enumerate().filter(|(_, write)| **write == of).map(|(at, _)| at + 1);
            usize::try_from(n).unwrap().checked_sub(1).and_then(|n| at.nth(n)).unwrap_or(0)
        };
        nth(Write::Portal, known.connector).max(nth(Write::Refresh, known.tenant))
    }

    fn read(&mut self, i: usize, action: Action) {
        let (now_tenant, now_connector) = (self.counter(Write::Refresh), self.counter(Write::Portal));
        let Call::Reading { began, tenant, connector } = &mut self.calls[i] else { unreachable!() };
        match action {
            Action::ReadTenant(_) => *tenant = Some(now_tenant),
            _ => *connector = Some(now_connector),
        }
        if let (Some(tenant), Some(connector)) = (*tenant, *connector) {
            let fingerprint = Fingerprint { platform: 0, tenant, connector };
            self.calls[i] = Call::Knowing(Knowing { began: *began, fingerprint, refused: None });
        }
    }

    fn decide(&mut self, world: &World, i: usize) {
        let now = self.now(world);
        let Call::Knowing(knowing) = self.calls[i].clone() else { unreachable!() };
        self.known = newest(self.known, knowing.fingerprint);
        let fingerprint =
            if world.has(Mutant::IgnoresFingerprints) { Fingerprint::default() } else { knowing.fingerprint };
        let (decision, _) = self.slot.0.decide(fingerprint, now, TTL);
        self.calls[i] = match decision {
            Decision::Hit(instance) => {
                if world.has(Mutant::SlidesTheTtl)
                    && let Some(ready) = &mut self.slot.0.ready
                {
                    ready.begun = now;
                }
                self.judge_age(&instance);
                let again = knowing.refused.as_ref().is_some_and(|refused| *refused == instance);
                self.judge(!again, Promise::Healed);
                self.hold(knowing, instance)
            }
            Decision::Failed(()) => Call::Over,
            Decision::Join(line) => {
                let of = |flight: &&Flight<Line>| Arc::ptr_eq(&flight.line.0, &line.0);
                let flight = self.slot.0.flights.iter().find(of).expect("the joined flight").id;
                Call::Waiting { knowing, flight }
            }
            Decision::Lead(flight, _) => {
                let other = self.slot.0.flights.iter().find(|other| other.id != flight).map(|other| other.id);
                if let (true, Some(other)) = (world.has(Mutant::JoinsAnyLoad), other) {
                    self.slot.0.abandon(flight);
                    Call::Waiting { knowing, flight: other }
                } else {
                    Call::Loading { knowing, flight, begun: self.wall, record: None, loaded: None }
                }
            }
        };
    }

    fn read_secret(&mut self, i: usize) {
        let unused = |number: &usize| self.made.iter().all(|made| made.number != *number);
        let (number, secret) = ((0..=self.made.len()).find(unused).expect("a number"), self.secret);
        let Call::Loading { begun, record: Some(writes), loaded, .. } = &mut self.calls[i] else {
            unreachable!()
        };
        let instance = Arc::new(Instance { number, writes: *writes, secret, begun: *begun });
        *loaded = Some(Arc::clone(&instance));
        self.made.push(instance);
    }

    fn land(&mut self, world: &World, i: usize) {
        let Call::Loading { knowing, flight, loaded: Some(instance), .. } = self.calls[i].clone() else {
            unreachable!()
        };
        let now = self.now(world);
        if world.has(Mutant::KeepsLateLoads) {
            (self.slot.0.seen, self.slot.0.ready) = (knowing.fingerprint, None);
        }
        self.slot.0.finish(flight, Outcome::Loaded(Arc::clone(&instance)), now, TTL);
        self.calls[i] = self.hold(knowing, Arc::clone(&instance));
        for waiter in 0..self.calls.len() {
            if let Call::Waiting { knowing, flight: joined } = &self.calls[waiter]
                && *joined == flight
            {
                self.calls[waiter] = self.hold(knowing.clone(), Arc::clone(&instance));
            }
        }
    }

    fn fail(&mut self, world: &World, i: usize, shared: bool) {
        self.left.mishaps -= 1;
        let Call::Loading { flight, .. } = self.calls[i] else { unreachable!() };
        let now = self.now(world);
        self.slot.0.finish(flight, Outcome::Failed(Failure { error: (), shared }), now, TTL);
        self.calls[i] = Call::Over;
        self.wake(flight, |knowing| if shared { Call::Over } else { Call::Knowing(knowing.clone()) });
    }

    fn wake(&mut self, flight: FlightId, to: impl Fn(&Knowing) -> Call) {
        for call in &mut self.calls {
            if let Call::Waiting { knowing, flight: joined } = call
                && *joined == flight
            {
                *call = to(knowing);
            }
        }
    }

    fn refuse(&mut self, world: &World, i: usize) {
        let Call::Holding { knowing, instance } = self.calls[i].clone() else { unreachable!() };
        self.slot.0.discard(&instance);
        if world.has(Mutant::SharesRefusedLoads) {
            self.slot.0.flights.iter_mut().for_each(|flight| flight.spent = false);
        }
        self.calls[i] = Call::Knowing(Knowing { refused: Some(instance), ..knowing });
    }

    fn serve_stale(&mut self, world: &World) {
        let now = self.now(world);
        if let (Some(instance), _) = self.slot.0.stale(now, TTL) {
            self.judge_age(&instance);
            self.judge(instance.writes >= self.told_by(self.known), Promise::StaleUnknown);
        }
    }

    /// A call takes an instance, which must be as new as the call and, on a second try after a load, hold newer
    /// credentials. A hit on a second try may hold the old ones still: it is refused and discarded in its turn.
    fn hold(&mut self, knowing: Knowing, instance: Arc<Instance>) -> Call {
        self.judge(instance.writes >= knowing.began, Promise::Fresh);
        if let Some(refused) = &knowing.refused
            && !self.slot.keeps(&instance)
        {
            let newer = instance.secret > refused.secret;
            self.judge(newer, Promise::Healed);
        }
        Call::Holding { knowing, instance }
    }

    fn judge_age(&mut self, instance: &Instance) {
        let age = Duration::from_secs(u64::from(self.wall - instance.begun));
        self.judge(age < TTL, Promise::Ttl);
    }

    fn judge(&mut self, held: bool, promise: Promise) {
        if !held {
            self.broken = self.broken.or(Some(promise));
        }
    }
}
