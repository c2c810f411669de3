//! `IDENTIFIER(…)`: a name that comes as text. What it names decides what a statement does where it stands for a
//! function or a sequence, so it must be written out, and must not stand there.

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
