//! Snowflake, by its SQL API.

#[cfg_attr(not(test), expect(dead_code, reason = "what binds values uses it"))]
mod binds;
mod functions;
mod kinds;
mod lexer;
mod names;
mod rules;

pub(crate) use rules::classify;
