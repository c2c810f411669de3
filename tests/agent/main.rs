//! The agent's promises.
mod smoke;
