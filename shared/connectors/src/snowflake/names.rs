//! Names that are not what they look like. `IDENTIFIER(…)` is a name that comes as text: what it names decides what a
//! statement does where it stands for a function or a sequence, so it must be written out, and must not stand there.
//! And a table before a list of its columns looks like a call.

use crate::sql::{Kind, Token};

/// Why a name that comes as text is refused.
pub(super) fn check(tokens: &[Token<'_>]) -> Result<(), String> {
    let found = tokens.iter().enumerate().filter(|(at, token)| {
        token.name().is_some_and(|name| name.eq_ignore_ascii_case("identifier")) && is(tokens, at + 1, "(")
    });
    for (at, _) in found {
        let written = tokens.get(at + 2).filter(|token| token.kind == Kind::Text && is(tokens, at + 3, ")"));
        if !written.is_some_and(is_plain) {
            return Err("IDENTIFIER takes one name as a plain string here; write the name itself".into());
        }
        // A table's columns follow the name of the table.
        let table = at
            .checked_sub(1)
            .and_then(|at| tokens.get(at))
            .is_some_and(|before| before.is_word("into") || before.is_word("table"));
        if !table && calls(tokens, at + 4) {
            return Err("a function named by IDENTIFIER can't be judged; write its name itself".into());
        }
    }
    Ok(())
}

/// Gives tables that stand before their columns (`INSERT INTO t (a)`, `CREATE TABLE t (a INT)`) a name that is no
/// function's: there the grammar has no place for a call.
pub(super) fn without_tables(tokens: &mut [Token<'_>]) {
    let mut tables = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if !is(tokens, at + 1, "(") || token.name().is_none() {
            continue;
        }
        let mut first = at;
        while first >= 2 && is(tokens, first - 1, ".") {
            first -= 2;
        }
        let before = |back: usize, word: &str| {
            first.checked_sub(back).and_then(|at| tokens.get(at)).is_some_and(|token| token.is_word(word))
        };
        let created = before(1, "table") || before(1, "exists") && before(2, "not") && before(3, "if");
        if before(1, "into") || created {
            tables.extend((first..=at).step_by(2));
        }
    }
    for at in tables {
        if let Some(token) = tokens.get_mut(at).filter(|token| !token.is_word("identifier")) {
            (token.kind, token.text) = (Kind::Word, "t");
        }
    }
}

fn is(tokens: &[Token<'_>], at: usize, mark: &str) -> bool {
    tokens.get(at).is_some_and(|token| token.is(mark))
}

/// Whether the text is the name of something that stays as it is when it is named.
fn is_plain(text: &Token<'_>) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_$.\" ".contains(&byte);
    let inner = text.text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')).unwrap_or_default();
    !inner.is_empty() && inner.bytes().all(plain) && !inner.to_ascii_lowercase().contains("nextval")
}

/// Whether a call follows, behind any more parts of the name.
fn calls(tokens: &[Token<'_>], mut at: usize) -> bool {
    while is(tokens, at, ".") {
        at += 2;
    }
    is(tokens, at, "(")
}
