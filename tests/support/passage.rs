//! A passage to the tables and the secrets that notes what goes through it and holds back what it is told to: what
//! a container asks of AWS, word for word, and a store that is slow for one tenant alone.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use boot::Boot;
use tokio::sync::watch;

use crate::{Asked, Fault, Proxy, World};

/// The passage.
pub struct Passage {
    proxy: Proxy,
    asked: Arc<Mutex<Vec<Asked>>>,
    held: Arc<AtomicUsize>,
    open: watch::Sender<bool>,
}

impl World {
    /// A passage that holds back, until it is opened, what `holds` says.
    pub async fn passage(&self, holds: impl Fn(&Asked) -> bool + Send + Sync + 'static) -> Passage {
        let (open, opened) = watch::channel(false);
        let (asked, held) = (Arc::<Mutex<Vec<Asked>>>::default(), Arc::<AtomicUsize>::default());
        let (log, waiting) = (Arc::clone(&asked), Arc::clone(&held));
        let judge = move |asked: &Asked| {
            let holds = holds(asked);
            log.lock().unwrap_or_else(PoisonError::into_inner).push(asked.clone());
            if !holds {
                return Fault::None;
            }
            waiting.fetch_add(1, Ordering::SeqCst);
            Fault::Held(opened.clone())
        };
        Passage { proxy: self.proxy(judge).await, asked, held, open }
    }

    /// A container of the agent that reaches AWS through a passage.
    pub fn agent_through(&self, passage: &Passage) -> agent_invoke::App {
        let own = &self.stack.boot;
        let boot = Boot {
            settings: own.settings.clone(),
            clients: passage.proxy.clients(),
            metrics: own.metrics.clone(),
            clock: Arc::clone(&own.clock),
            entropy: Arc::clone(&own.entropy),
        };
        agent_invoke::App::new(&boot).expect("the agent starts")
    }
}

impl Passage {
    /// Where it is.
    pub fn url(&self) -> String {
        self.proxy.url()
    }

    /// The address of it.
    pub fn address(&self) -> SocketAddr {
        self.proxy.address()
    }

    /// Takes what was asked so far, in order.
    pub fn take(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.asked.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// How many requests were ever held back.
    pub fn held(&self) -> usize {
        self.held.load(Ordering::SeqCst)
    }

    /// Lets everything through from now on.
    pub fn open(&self) {
        self.open.send_replace(true);
    }
}
