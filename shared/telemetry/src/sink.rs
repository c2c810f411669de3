//! Where lines go.

use std::io::{self, Write};

/// Takes whole lines.
pub trait Sink: Send + Sync {
    /// Takes one or several lines, each with its end.
    fn write(&self, lines: &[u8]);
}

impl<F: Fn(&[u8]) + Send + Sync> Sink for F {
    fn write(&self, lines: &[u8]) {
        self(lines);
    }
}

/// The process's standard output, which Lambda hands to CloudWatch line by line. The log goes there too: what is
/// written at once under its lock is not torn by a line of another request.
#[derive(Clone, Copy, Debug, Default)]
pub struct StandardOutput;

impl Sink for StandardOutput {
    fn write(&self, lines: &[u8]) {
        let mut output = io::stdout().lock();
        // There is nobody to tell that nobody listens.
        let _ = output.write_all(lines).and_then(|()| output.flush());
    }
}
