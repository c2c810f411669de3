//! What a container says of one call while it answers it: the lines of its log.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::{Deserializer, Value};
use tracing::{Level, instrument::WithSubscriber};

/// What a call comes to, and what was logged while it ran.
pub async fn hear<T>(call: impl Future<Output = T>) -> (T, Vec<Value>) {
    let lines = Lines::default();
    let writer = lines.clone();
    let log = tracing_subscriber::fmt().json().flatten_event(true).with_max_level(Level::INFO);
    let output = call.with_subscriber(log.with_writer(move || writer.clone()).finish()).await;
    let text = std::mem::take(&mut *lines.0.lock().unwrap_or_else(PoisonError::into_inner));
    (output, Deserializer::from_slice(&text).into_iter().map(|line| line.expect("a line of JSON")).collect())
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(text);
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
