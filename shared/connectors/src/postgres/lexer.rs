//! PostgreSQL's own lexical rules (scan.l), as far as it takes to know where each token begins and ends: nested
//! comments, strings that go on in the next line, dollar quotes, and which strings know backslashes. Sessions run
//! with `standard_conforming_strings` on. What differs between server versions is refused.

use crate::sql::{Kind, MAX_BYTES, Token};

/// Characters that operators are made of.
const OPERATORS: &[u8] = b"~!@#^&|`?+-*/%<>=";

/// The tokens of a statement, without comments and white space; the error says what was wrong.
pub(super) fn lex(statement: &str) -> Result<Vec<Token<'_>>, String> {
    if statement.len() > MAX_BYTES {
        return Err(format!("the statement is longer than {MAX_BYTES} bytes"));
    }
    if statement.contains('\0') {
        return Err("the statement holds a NUL character".into());
    }
    let mut lexer = Lexer { text: statement, at: 0, brackets: Vec::new() };
    let mut tokens = Vec::new();
    while let Some(token) = lexer.next(tokens.last())? {
        tokens.push(token);
    }
    Ok(tokens)
}

struct Lexer<'s> {
    text: &'s str,
    at: usize,
    /// The brackets that are open.
    brackets: Vec<u8>,
}

fn starts_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

pub(super) fn continues_name(byte: u8) -> bool {
    starts_name(byte) || byte.is_ascii_digit() || byte == b'$'
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

impl<'s> Lexer<'s> {
    fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    fn starts(&self, what: &str) -> bool {
        self.text.as_bytes().get(self.at..).is_some_and(|rest| rest.starts_with(what.as_bytes()))
    }

    fn skip_while(&mut self, wanted: impl Fn(u8) -> bool) {
        while self.peek(0).is_some_and(&wanted) {
            self.at += 1;
        }
    }

    fn token(&self, kind: Kind, start: usize, skipped: usize) -> Token<'s> {
        let text = self.text.get(start + skipped..self.at).unwrap_or_default();
        Token { kind, text, start, end: self.at }
    }

    fn next(&mut self, before: Option<&Token<'s>>) -> Result<Option<Token<'s>>, String> {
        self.skip_gap()?;
        let start = self.at;
        let Some(byte) = self.peek(0) else { return Ok(None) };
        let kind = match byte {
            b'\'' => self.text_from(start, false)?,
            b'"' => self.quoted_name()?,
            b'$' => return self.dollar(start).map(Some),
            b':' => return Ok(Some(self.colon(start, before))),
            b'(' | b')' | b'[' | b']' | b',' | b';' => {
                self.mark(byte);
                Kind::Mark
            }
            b'.' if !self.peek(1).is_some_and(|next| next.is_ascii_digit()) => {
                self.at += 1;
                Kind::Mark
            }
            b'.' | b'0'..=b'9' => self.number()?,
            _ if starts_name(byte) => self.word(start)?,
            _ if OPERATORS.contains(&byte) => self.operator(),
            _ => return Err(format!("the statement holds an unexpected {:?}", char::from(byte))),
        };
        Ok(Some(self.token(kind, start, 0)))
    }

    /// Past white space and comments. A line comment ends at a carriage return too.
    fn skip_gap(&mut self) -> Result<(), String> {
        loop {
            self.skip_while(is_space);
            if self.starts("--") {
                self.skip_while(|byte| byte != b'\n' && byte != b'\r');
            } else if self.starts("/*") {
                self.block_comment()?;
            } else {
                return Ok(());
            }
        }
    }

    fn block_comment(&mut self) -> Result<(), String> {
        let mut depth = 0_usize;
        loop {
            if self.starts("/*") {
                depth += 1;
                self.at += 2;
            } else if self.starts("*/") {
                depth -= 1;
                self.at += 2;
                if depth == 0 {
                    return Ok(());
                }
            } else if self.at < self.text.len() {
                self.at += 1;
            } else {
                return Err("a comment has no end".into());
            }
        }
    }

    /// A string from its opening quote on, with its continuations. A continuation keeps the first part's rules.
    fn text_from(&mut self, start: usize, backslashes: bool) -> Result<Kind, String> {
        let prefix = self.text.as_bytes().get(start).copied().unwrap_or_default().to_ascii_lowercase();
        let doubles = !matches!(prefix, b'b' | b'x');
        loop {
            self.at += 1;
            loop {
                match self.peek(0) {
                    None => return Err("a string has no end".into()),
                    Some(b'\\') if backslashes => self.at += 2,
                    Some(b'\'') if doubles && self.peek(1) == Some(b'\'') => self.at += 2,
                    Some(b'\'') => break,
                    Some(_) => self.at += 1,
                }
            }
            self.at += 1;
            match self.continuation() {
                Some(quote) => self.at = quote,
                None => return Ok(if doubles { Kind::Text } else { Kind::Bits }),
            }
        }
    }

    /// Where the string goes on: after a gap with a line break in it, and no block comment.
    fn continuation(&self) -> Option<usize> {
        let mut ahead = Lexer { text: self.text, at: self.at, brackets: Vec::new() };
        let mut broken = false;
        loop {
            let from = ahead.at;
            ahead.skip_while(is_space);
            let gap = self.text.as_bytes().get(from..ahead.at).unwrap_or_default();
            broken |= gap.iter().any(|byte| matches!(byte, b'\n' | b'\r'));
            if !ahead.starts("--") {
                break;
            }
            ahead.skip_while(|byte| byte != b'\n' && byte != b'\r');
        }
        (broken && ahead.starts("'")).then_some(ahead.at)
    }

    fn quoted_name(&mut self) -> Result<Kind, String> {
        self.at += 1;
        loop {
            match self.peek(0) {
                None => return Err("a quoted name has no end".into()),
                Some(b'"') if self.peek(1) == Some(b'"') => self.at += 2,
                Some(b'"') => break,
                Some(_) => self.at += 1,
            }
        }
        self.at += 1;
        Ok(Kind::Quoted)
    }

    /// A name or keyword, or a string with a prefix.
    fn word(&mut self, start: usize) -> Result<Kind, String> {
        self.skip_while(continues_name);
        let word = self.text.get(start..self.at).unwrap_or_default();
        if self.starts("'") {
            match word {
                "e" | "E" => return self.text_from(start, true),
                "b" | "B" | "x" | "X" | "n" | "N" => return self.text_from(start, false),
                _ => {}
            }
        }
        if matches!(word, "u" | "U") && (self.starts("&'") || self.starts("&\"")) {
            return Err("unicode escapes (U&) are not accepted; write the characters themselves".into());
        }
        Ok(Kind::Word)
    }

    fn number(&mut self) -> Result<Kind, String> {
        let prefixed =
            self.peek(0) == Some(b'0') && self.peek(1).is_some_and(|next| b"xXoObB".contains(&next));
        if prefixed {
            self.at += 2;
            self.skip_while(|byte| byte.is_ascii_hexdigit() || byte == b'_');
        } else {
            let digits = |byte: u8| byte.is_ascii_digit() || byte == b'_';
            self.skip_while(digits);
            if self.peek(0) == Some(b'.') && self.peek(1) != Some(b'.') {
                self.at += 1;
                self.skip_while(digits);
            }
            let signed = usize::from(matches!(self.peek(1), Some(b'+' | b'-')));
            if matches!(self.peek(0), Some(b'e' | b'E'))
                && self.peek(1 + signed).is_some_and(|next| next.is_ascii_digit())
            {
                self.at += 1 + signed;
                self.skip_while(digits);
            }
        }
        // Older servers read a name there, newer ones an error.
        if self.peek(0).is_some_and(continues_name) {
            return Err("a number runs into a name; put a space between them".into());
        }
        Ok(Kind::Number)
    }

    /// `$1`, or a dollar-quoted string.
    fn dollar(&mut self, start: usize) -> Result<Token<'s>, String> {
        self.at += 1;
        if self.peek(0).is_some_and(|byte| byte.is_ascii_digit()) {
            self.skip_while(|byte| byte.is_ascii_digit());
            if self.peek(0).is_some_and(continues_name) {
                return Err("a parameter runs into a name; put a space between them".into());
            }
            return Ok(self.token(Kind::Parameter, start, 1));
        }
        self.skip_while(|byte| continues_name(byte) && byte != b'$');
        if self.peek(0) != Some(b'$') {
            return Err("a $ begins neither a parameter ($1) nor a quoted string ($$…$$)".into());
        }
        self.at += 1;
        let tag = self.text.get(start..self.at).unwrap_or_default();
        let length = self.text.get(self.at..).and_then(|rest| rest.find(tag));
        self.at += length.ok_or("a dollar-quoted string has no end")? + tag.len();
        Ok(self.token(Kind::Text, start, 0))
    }

    /// `::`, `:=`, `:name`, or a colon between the bounds of a slice.
    fn colon(&mut self, start: usize, before: Option<&Token<'s>>) -> Token<'s> {
        self.at += 1;
        if self.starts(":") || self.starts("=") {
            self.at += 1;
            return self.token(Kind::Operator, start, 0);
        }
        // In `a[low:high]` the colon follows its lower bound at once; in `array[:a, :b]` it does not.
        let bounds = |token: &Token<'_>| {
            token.end == start
                && (matches!(token.kind, Kind::Word | Kind::Quoted | Kind::Number | Kind::Parameter)
                    || token.is(")")
                    || token.is("]"))
        };
        let slice = self.brackets.last() == Some(&b'[') && before.is_some_and(bounds);
        if !slice && self.peek(0).is_some_and(starts_name) {
            self.skip_while(|byte| continues_name(byte) && byte != b'$');
            return self.token(Kind::Parameter, start, 1);
        }
        self.token(Kind::Mark, start, 0)
    }

    fn mark(&mut self, byte: u8) {
        self.at += 1;
        match byte {
            b'(' | b'[' => self.brackets.push(byte),
            b')' | b']' => drop(self.brackets.pop()),
            _ => {}
        }
    }

    /// A run of operator characters; a comment ends it.
    fn operator(&mut self) -> Kind {
        while self.peek(0).is_some_and(|byte| OPERATORS.contains(&byte))
            && !self.starts("--")
            && !self.starts("/*")
        {
            self.at += 1;
        }
        Kind::Operator
    }
}

#[cfg(test)]
#[path = "lexer_tests.rs"]
mod tests;
