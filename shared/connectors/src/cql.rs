//! What a CQL statement amounts to, before it is sent. No parser of CQL is kept well enough to rely on, and none is
//! needed: the server takes exactly one statement, whose first keyword says what it is. So our lexer reads the text
//! as the server does, and what stands where decides; whatever the two could read differently is refused.
//!
//! Functions in a SELECT are not judged: CQL's own only give values, and a function of the database's users runs in a
//! sandbox where it reaches neither tables nor files nor sockets.

mod judge;
mod lexer;

pub(crate) use judge::{PROTECTED_KEYSPACE, is_idempotent, judge};
pub(crate) use lexer::lex;
