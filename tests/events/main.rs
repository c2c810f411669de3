//! The stored events.
