//! What would cost the parser too much. It limits how deep expressions and queries nest, but not everything that it
//! recurses on, and a statement may not end the process or keep its core busy.

use super::token::Token;

/// The deepest nesting of what the parser reads twice: a POSITION, where it is a plain call, and what is nested in it
/// twice each time.
const MAX_RETRIED: usize = 5;
/// The most joins that wait for their ON or USING: the parser recurses for each.
const MAX_WAITING: usize = 16;
/// The deepest nesting of brackets: not everywhere that they nest does the parser count.
const MAX_BRACKETS: usize = 100;
/// The most NESTED paths of a `JSON_TABLE`, for the same reason.
const MAX_PATHS: usize = 16;

/// Why a statement is refused before it is parsed.
pub(super) fn refusal(tokens: &[Token<'_>]) -> Option<String> {
    let (mut open, mut retried) = (Vec::new(), 0_usize);
    let (mut waiting, mut paths) = (0_usize, 0_usize);
    for (at, token) in tokens.iter().enumerate() {
        if token.is("(") {
            let before = at.checked_sub(1).and_then(|at| tokens.get(at));
            let position = before.is_some_and(|before| before.is_word("position"));
            open.push(position);
            retried += usize::from(position);
            if open.len() > MAX_BRACKETS {
                return Some(format!("brackets are nested more than {MAX_BRACKETS} deep"));
            }
        } else if token.is(")") {
            retried -= usize::from(open.pop() == Some(true));
        } else if token.is_word("join") {
            waiting += 1;
        } else if token.is_word("on") || token.is_word("using") {
            waiting = waiting.saturating_sub(1);
        } else if token.is_word("nested") {
            paths += 1;
        }
        if retried > MAX_RETRIED {
            return Some(format!("POSITION is nested more than {MAX_RETRIED} deep"));
        }
        if waiting > MAX_WAITING {
            return Some(format!("more than {MAX_WAITING} joins wait for their ON or USING"));
        }
        if paths > MAX_PATHS {
            return Some(format!("there are more than {MAX_PATHS} NESTED paths"));
        }
    }
    None
}
