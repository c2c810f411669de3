//! Snowflake's own lexical rules, as far as it takes to know where each token begins and ends: both kinds of line
//! comment, strings that know backslashes, `$$…$$`, stages, and which colons begin a parameter. Its grammar is not
//! public to the last rule, so whatever two readers could take differently is refused, with a spelling that no one
//! can.

use crate::sql::{Kind, MAX_BYTES, Token};

/// The operators of more than one character.
const LONG: [&str; 9] = ["||", "<>", "!=", "<=", ">=", "=>", "->", "::", ":="];
/// The characters that are operators by themselves.
const SHORT: &[u8] = b"+-*/%=<>";

/// The tokens of a statement, without comments and white space; the error says what was wrong.
pub(super) fn lex(statement: &str) -> Result<Vec<Token<'_>>, String> {
    if statement.len() > MAX_BYTES {
        return Err(format!("the statement is longer than {MAX_BYTES} bytes"));
    }
    if statement.replace("\r\n", "\n").chars().any(breaks_unseen) {
        return Err(
            "the statement holds a control character other than a tab or a line break (LF or CR LF); \
                    write it as an escape in a string, or as a parameter"
                .into(),
        );
    }
    let mut lexer = Lexer { text: statement, at: 0, brackets: Vec::new() };
    let mut tokens = Vec::new();
    while let Some(token) = lexer.next(tokens.last())? {
        tokens.push(token);
    }
    Ok(tokens)
}

/// Control characters and every line break but LF: a reader that ends a comment there reads another statement.
fn breaks_unseen(char: char) -> bool {
    char.is_control() && !matches!(char, '\t' | '\n') || matches!(char, '\u{2028}' | '\u{2029}')
}

struct Lexer<'s> {
    text: &'s str,
    at: usize,
    /// The brackets that are open.
    brackets: Vec<u8>,
}

fn starts_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

fn continues_name(byte: u8) -> bool {
    starts_name(byte) || byte.is_ascii_digit() || byte == b'$'
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
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

    /// Past the next place where this stands; the error is for where it does not.
    fn skip_past(&mut self, what: &str, error: &str) -> Result<(), String> {
        let length = self.text.get(self.at..).and_then(|rest| rest.find(what)).ok_or(error)?;
        self.at += length + what.len();
        Ok(())
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
            b'\'' => self.string()?,
            b'"' => self.quoted_name()?,
            b'$' => return self.dollar(start).map(Some),
            b':' => return self.colon(start, before).map(Some),
            b'?' => {
                self.at += 1;
                return Ok(Some(self.token(Kind::Parameter, start, 1)));
            }
            b'@' => self.stage(start)?,
            b'(' | b')' | b'[' | b']' | b'{' | b'}' | b',' | b';' => self.mark(byte),
            b'.' if !self.peek(1).is_some_and(|next| next.is_ascii_digit()) => self.mark(byte),
            b'.' | b'0'..=b'9' => self.number()?,
            _ if starts_name(byte) => self.word(start)?,
            _ => self.operator(byte)?,
        };
        Ok(Some(self.token(kind, start, 0)))
    }

    /// Past white space and comments.
    fn skip_gap(&mut self) -> Result<(), String> {
        loop {
            self.skip_while(is_space);
            if self.starts("--") || self.starts("//") {
                self.skip_while(|byte| byte != b'\n');
            } else if self.starts("/*") {
                let start = self.at + 2;
                // In `/*/` a reader could take one star for both ends.
                self.at = start;
                self.skip_past("*/", "a comment has no end")?;
                let inner = self.text.get(start..self.at).unwrap_or_default();
                if inner.starts_with('/') || inner.contains("/*") {
                    return Err("a comment within a comment is not accepted; leave one of them out".into());
                }
            } else {
                return Ok(());
            }
        }
    }

    fn string(&mut self) -> Result<Kind, String> {
        self.at += 1;
        loop {
            match self.peek(0) {
                None => return Err("a string has no end".into()),
                Some(b'\\') => self.at += 2,
                Some(b'\'') if self.peek(1) == Some(b'\'') => self.at += 2,
                Some(b'\'') => break,
                Some(_) => self.at += 1,
            }
        }
        self.at += 1;
        Ok(Kind::Text)
    }

    fn quoted_name(&mut self) -> Result<Kind, String> {
        self.at += 1;
        loop {
            match self.peek(0) {
                None => return Err("a quoted name has no end".into()),
                Some(b'\\') => return Err("a quoted name with a backslash is not accepted".into()),
                Some(b'"') if self.peek(1) == Some(b'"') => self.at += 2,
                Some(b'"') => break,
                Some(_) => self.at += 1,
            }
        }
        self.at += 1;
        Ok(Kind::Quoted)
    }

    /// The rest of a name. Two dollar signs in it could begin a string to another reader.
    fn name(&mut self, start: usize) -> Result<&'s str, String> {
        self.skip_while(continues_name);
        let name = self.text.get(start..self.at).unwrap_or_default();
        if name.contains("$$") {
            return Err("$$ follows a name; put a space before a $$…$$ string".into());
        }
        Ok(name)
    }

    /// A name or keyword, or a binary constant (`x'ff'`).
    fn word(&mut self, start: usize) -> Result<Kind, String> {
        let word = self.name(start)?;
        if self.starts("'") && word.len() == 1 {
            if !word.eq_ignore_ascii_case("x") {
                return Err(format!(
                    "{word}'…' is not accepted; only x'…' is known as a string with a prefix"
                ));
            }
            let inside = self.at + 1;
            let kind = self.string()?;
            let inner = self.text.get(inside..self.at - 1).unwrap_or_default();
            return if inner.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                Ok(kind)
            } else {
                Err("x'…' holds something other than hexadecimal digits".into())
            };
        }
        Ok(Kind::Word)
    }

    fn number(&mut self) -> Result<Kind, String> {
        let digits = |byte: u8| byte.is_ascii_digit();
        self.skip_while(digits);
        if self.peek(0) == Some(b'.') {
            self.at += 1;
            self.skip_while(digits);
        }
        let signed = usize::from(matches!(self.peek(1), Some(b'+' | b'-')));
        if matches!(self.peek(0), Some(b'e' | b'E')) && self.peek(1 + signed).is_some_and(digits) {
            self.at += 1 + signed;
            self.skip_while(digits);
        }
        if self.peek(0).is_some_and(|byte| continues_name(byte) || byte == b'.') {
            return Err("a number runs into what follows; put a space between them".into());
        }
        Ok(Kind::Number)
    }

    /// `$1`, `$name`, or a `$$…$$` string.
    fn dollar(&mut self, start: usize) -> Result<Token<'s>, String> {
        self.at += 1;
        if self.peek(0) == Some(b'$') {
            self.at += 1;
            self.skip_past("$$", "a $$…$$ string has no end")?;
            return Ok(self.token(Kind::Text, start, 0));
        }
        self.parameter(start)?;
        if self.at == start + 1 {
            return Err("a $ begins neither a column ($1), a variable ($name) nor a string ($$…$$)".into());
        }
        Ok(self.token(Kind::Parameter, start, 1))
    }

    /// The number or name of a parameter, if there is one.
    fn parameter(&mut self, start: usize) -> Result<(), String> {
        let digits = self.peek(0).is_some_and(|byte| byte.is_ascii_digit());
        if digits {
            self.skip_while(|byte| byte.is_ascii_digit());
        } else if self.peek(0).is_some_and(starts_name) {
            self.name(start + 1)?;
        } else {
            return Ok(());
        }
        // A quote could belong to the name, as in x'…'.
        if self.peek(0).is_some_and(|byte| digits && continues_name(byte) || byte == b'\'') {
            return Err("a parameter runs into what follows; put a space between them".into());
        }
        Ok(())
    }

    /// `::`, `:=`, `:name`, or the colon of a path (`column:field`) or of a constant object (`{'key': value}`). The
    /// colon of a path follows at once what the path begins with.
    fn colon(&mut self, start: usize, before: Option<&Token<'s>>) -> Result<Token<'s>, String> {
        self.at += 1;
        if self.starts(":") || self.starts("=") {
            self.at += 1;
            return Ok(self.token(Kind::Operator, start, 0));
        }
        let path = |token: &Token<'_>| {
            token.end == start
                && (matches!(token.kind, Kind::Word | Kind::Quoted | Kind::Parameter)
                    || token.is(")")
                    || token.is("]"))
        };
        let key = |token: &Token<'_>| token.kind == Kind::Text && self.brackets.last() == Some(&b'{');
        if !before.is_some_and(|token| path(token) || key(token)) {
            self.parameter(start)?;
            if self.at > start + 1 {
                return Ok(self.token(Kind::Parameter, start, 1));
            }
        }
        Ok(self.token(Kind::Mark, start, 0))
    }

    /// A stage without quotes: `@stage/path`, `@~/path`, `@%table`.
    fn stage(&mut self, start: usize) -> Result<Kind, String> {
        self.at += 1;
        self.skip_while(|byte| continues_name(byte) || b".~%/=-".contains(&byte));
        let stage = self.text.get(start + 1..self.at).unwrap_or_default();
        let ends = self.peek(0).is_none_or(|byte| is_space(byte) || b"(),;".contains(&byte));
        if stage.is_empty() || !ends || ["//", "--", "$$"].iter().any(|unsure| stage.contains(unsure)) {
            return Err("a stage is not understood; write it as a string ('@stage/path')".into());
        }
        Ok(Kind::Stage)
    }

    fn mark(&mut self, byte: u8) -> Kind {
        self.at += 1;
        match byte {
            b'(' | b'[' | b'{' => self.brackets.push(byte),
            b')' | b']' | b'}' => drop(self.brackets.pop()),
            _ => {}
        }
        Kind::Mark
    }

    fn operator(&mut self, byte: u8) -> Result<Kind, String> {
        if self.starts("->>") {
            return Err("->> hands results from statement to statement; send exactly one statement".into());
        }
        if let Some(operator) = LONG.iter().find(|operator| self.starts(operator)) {
            self.at += operator.len();
        } else if SHORT.contains(&byte) {
            self.at += 1;
        } else if byte == b'!' {
            return Err("methods (name!METHOD) run code that can't be judged, and are not accepted".into());
        } else if byte.is_ascii() {
            return Err(format!("the statement holds an unexpected {:?}", char::from(byte)));
        } else {
            return Err("characters beyond ASCII stand in strings and in names in double quotes only".into());
        }
        Ok(Kind::Operator)
    }
}

#[cfg(test)]
#[path = "lexer_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "readers_tests.rs"]
mod readers_tests;
