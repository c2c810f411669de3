//! The tokens that a dialect's lexer finds, and the plain text that the parser gets instead of the caller's own.

use std::borrow::Cow;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A keyword or a name without quotes.
    Word,
    /// A name in double quotes.
    Quoted,
    /// Characters, however quoted.
    Text,
    /// Bits or bytes, however quoted.
    Bits,
    /// A number.
    Number,
    /// A parameter by number or name; its text has no prefix.
    Parameter,
    /// A place for files, with its path (`@stage/path`).
    Stage,
    /// A run of operator characters.
    Operator,
    /// A bracket, comma, semicolon, full stop or colon.
    Mark,
}

/// One token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token<'s> {
    pub(crate) kind: Kind,
    /// As it is written, with its quotes; a parameter without its prefix.
    pub(crate) text: &'s str,
    /// Where it begins and ends in the statement, in bytes.
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Token<'_> {
    /// Whether it is this mark.
    pub(crate) fn is(&self, mark: &str) -> bool {
        self.kind == Kind::Mark && self.text == mark
    }

    /// Whether it is this keyword, given in lower case.
    pub(crate) fn is_word(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(word)
    }

    /// The name that it stands for, where it can be one; unquoted names are folded to lower case.
    pub(crate) fn name(&self) -> Option<Cow<'_, str>> {
        match self.kind {
            Kind::Word => Some(Cow::Owned(self.text.to_ascii_lowercase())),
            Kind::Quoted => {
                let inner = self.text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
                Some(Cow::Owned(inner.unwrap_or_default().replace("\"\"", "\"")))
            }
            _ => None,
        }
    }

    fn push_plain(&self, plain: &mut String) {
        match self.kind {
            // To the server every character beyond ASCII is a letter, white space too.
            Kind::Word if !self.text.is_ascii() => {
                plain.push('"');
                plain.push_str(self.text);
                plain.push('"');
            }
            Kind::Word | Kind::Quoted | Kind::Operator | Kind::Mark => plain.push_str(self.text),
            Kind::Text => plain.push_str("'s'"),
            Kind::Bits => plain.push_str("B'0'"),
            Kind::Number => plain.push('1'),
            Kind::Parameter => plain.push_str("$1"),
            Kind::Stage => plain.push_str("@s"),
        }
    }
}

/// The same statement with nothing in it that two readers could take differently: no comments, no contents of
/// strings, one space between tokens.
pub(crate) fn plain(tokens: &[Token<'_>]) -> String {
    let mut plain = String::new();
    for token in tokens {
        token.push_plain(&mut plain);
        plain.push(' ');
    }
    plain
}
