//! Upstreams that misbehave, and what each connector makes of it: every fault, at every kind of call, for every type.
//! What is expected is a table without a default (`expected.rs`), so that a fault or a type that is added fails to compile
//! until somebody has said what it means.
#![cfg(test)]

#[path = "../support/ahead.rs"]
#[expect(dead_code, reason = "no clock is put forward here")]
mod ahead;
mod answers;
mod databases;
mod expected;
mod names;
mod upstreams;

/// What the stand-in of Snowflake's own tests is made of.
#[path = "../snowflake/reply.rs"]
#[expect(dead_code, reason = "Snowflake's own tests need more of it")]
mod reply;
#[path = "../snowflake/strict.rs"]
mod strict;
#[path = "../snowflake/stub.rs"]
#[expect(dead_code, reason = "Snowflake's own tests need more of it")]
mod stub;
mod setup {
    pub(crate) use crate::ahead::Ahead;
}
