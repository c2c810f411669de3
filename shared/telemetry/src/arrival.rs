//! Whether a request waited for its container to start. The container knows, and says it to the request.

use std::sync::atomic::{AtomicBool, Ordering};

/// What a request's container says of its arrival; it travels among the request's extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Whether it is the first request of a container that was started for it.
    pub cold_start: bool,
}

/// One container.
#[derive(Debug)]
pub struct Container {
    cold: AtomicBool,
}

impl Container {
    /// A container that has answered nothing yet. `initialization` is Lambda's word for why it was started: of those
    /// that were started ahead of any request, none makes a request wait.
    pub fn new(initialization: Option<&str>) -> Self {
        let ahead = matches!(initialization, Some("provisioned-concurrency" | "lambda-managed-instances"));
        Self { cold: AtomicBool::new(!ahead) }
    }

    /// A request has come.
    pub fn arrival(&self) -> Arrival {
        // Several may come at once, and one is the first.
        Arrival { cold_start: self.cold.load(Ordering::Relaxed) && self.cold.swap(false, Ordering::Relaxed) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_request_of_a_container_is_its_cold_start_however_many_come_at_once() {
        for initialization in [None, Some("on-demand"), Some("snap-start")] {
            let container = Container::new(initialization);
            let cold = std::thread::scope(|scope| {
                let arrive = || (0..100).filter(|_| container.arrival().cold_start).count();
                let threads: Vec<_> = (0..4).map(|_| scope.spawn(arrive)).collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).sum::<usize>()
            });
            assert_eq!(cold, 1, "{initialization:?}");
        }
    }

    #[test]
    fn a_container_that_was_started_ahead_lets_nobody_wait() {
        for initialization in ["provisioned-concurrency", "lambda-managed-instances"] {
            assert!(!Container::new(Some(initialization)).arrival().cold_start, "{initialization}");
        }
    }
}
