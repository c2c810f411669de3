//! What an SQL statement amounts to, before it is sent. A dialect's own lexer reads the text exactly as its server
//! does; what it found is rendered again without comments, escapes and contents, and that is what the parser
//! judges. So nothing can hide where the server and the parser would disagree on where a string or comment ends.
//! The server itself gets the caller's own text.

mod cost;
mod judge;
pub(crate) mod parameters;
mod statements;
mod token;

pub(crate) use judge::{Effect, Rules, judge, not_refused};
pub(crate) use token::{Kind, Token};

/// The longest statement, in bytes: a longer one can exhaust the parser's stack.
pub(crate) const MAX_BYTES: usize = 32 * 1024;
