//! Faults by chance, for runs that are too long to script: drawn from a seed, so that what one run met another can meet
//! again as far as its requests come in the same order.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use crate::{Asked, Dice, Fault};

/// A judge that draws.
pub struct Chance {
    odds: Vec<(u32, Fault)>,
    state: Mutex<State>,
    calm: AtomicBool,
}

struct State {
    dice: Dice,
    met: Vec<u64>,
    asked: u64,
}

impl Chance {
    /// Each fault with its odds: how many of a million requests meet it. Where a fault is one that the request can't
    /// meet, it meets none.
    pub fn new(seed: u64, odds: &[(u32, Fault)]) -> Self {
        let state = State { dice: Dice::new(seed, "chance"), met: vec![0; odds.len()], asked: 0 };
        Self { odds: odds.to_vec(), state: Mutex::new(state), calm: AtomicBool::new(false) }
    }

    /// What becomes of a request; to be a proxy's judge.
    pub fn judge(&self, asked: &Asked) -> Fault {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.asked += 1;
        let mut drawn = state.dice.next() % 1_000_000;
        for (index, (odds, fault)) in self.odds.iter().enumerate() {
            let odds = u64::from(*odds);
            if drawn < odds {
                if self.calm.load(Ordering::Relaxed) || !fault.can_meet(&asked.operation) {
                    return Fault::None;
                }
                state.met[index] += 1;
                return fault.clone();
            }
            drawn -= odds;
        }
        Fault::None
    }

    /// Whether faults are held back for now.
    pub fn calm(&self, calm: bool) {
        self.calm.store(calm, Ordering::Relaxed);
    }

    /// How many requests there were.
    pub fn asked(&self) -> u64 {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).asked
    }

    /// How many requests met each fault, in the order of the odds.
    pub fn met(&self) -> Vec<(Fault, u64)> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        self.odds.iter().map(|(_, fault)| fault.clone()).zip(state.met.iter().copied()).collect()
    }
}
