//! Apache Cassandra's own lexical rules (Lexer.g), as far as it takes to know where each token begins and ends.
//! Comments do not nest, strings know no backslashes, and names are ASCII. What the server refuses, or what another
//! server that speaks CQL might read differently, is refused here.

use crate::sql::{Kind, MAX_BYTES, Token};

/// Operators and punctuation; of those with two characters each is a token of its own here.
const MARKS: &[u8] = b"!%()+,-./:;<=>[]*{}";
/// How a UUID is written; `h` is a hexadecimal digit.
const UUID: &str = "hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh";
/// The form of a duration that holds more than letters and digits; `d` is a digit.
const DURATION: &str = "Pdddd-dd-ddTdd:dd:dd";

/// The tokens of a statement, without comments and white space; the error says what was wrong.
pub(crate) fn lex(statement: &str) -> Result<Vec<Token<'_>>, String> {
    if statement.len() > MAX_BYTES {
        return Err(format!("the statement is longer than {MAX_BYTES} bytes"));
    }
    let mut lexer = Lexer { text: statement, at: 0 };
    let mut tokens = Vec::new();
    while let Some(token) = lexer.next()? {
        tokens.push(token);
    }
    Ok(tokens)
}

struct Lexer<'s> {
    text: &'s str,
    at: usize,
}

fn continues_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

impl<'s> Lexer<'s> {
    fn rest(&self) -> &'s [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.rest().get(ahead).copied()
    }

    fn skip_while(&mut self, wanted: impl Fn(u8) -> bool) {
        while self.peek(0).is_some_and(&wanted) {
            self.at += 1;
        }
    }

    fn next(&mut self) -> Result<Option<Token<'s>>, String> {
        self.skip_gap()?;
        let start = self.at;
        let Some(byte) = self.peek(0) else { return Ok(None) };
        let kind = match byte {
            b'\'' => self.quoted(b'\'', "a string has no end")?,
            b'"' => self.quoted(b'"', "a quoted name has no end")?,
            b'$' => self.dollars()?,
            b'?' => {
                self.at += 1;
                Kind::Parameter
            }
            b'-' if matches!(self.peek(1), Some(b'n' | b'N' | b'i' | b'I' | b'P')) => self.negative()?,
            _ if byte.is_ascii_alphanumeric() => self.word_or_number(byte)?,
            _ if MARKS.contains(&byte) => {
                self.at += 1;
                Kind::Mark
            }
            _ => {
                let unknown = self.text.get(start..).and_then(|rest| rest.chars().next());
                return Err(format!(
                    "the statement holds {:?} outside of strings and quoted names, where CQL has no use for it",
                    unknown.unwrap_or_default()
                ));
            }
        };
        let text = self.text.get(start..self.at).unwrap_or_default();
        Ok(Some(Token { kind, text, start, end: self.at }))
    }

    /// Past white space, of which CQL knows four characters, and comments.
    fn skip_gap(&mut self) -> Result<(), String> {
        loop {
            self.skip_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
            if self.rest().starts_with(b"--") || self.rest().starts_with(b"//") {
                self.line_comment()?;
            } else if self.rest().starts_with(b"/*") {
                self.block_comment()?;
            } else {
                return Ok(());
            }
        }
    }

    /// The server ends it at a carriage return too, but not at the end of the statement.
    fn line_comment(&mut self) -> Result<(), String> {
        self.skip_while(|byte| byte != b'\n' && byte != b'\r');
        match (self.peek(0), self.peek(1)) {
            (None, _) => Err("a line comment needs a line break behind it, also at the end".into()),
            (Some(b'\r'), next) if next != Some(b'\n') => {
                Err("a line comment ends at a carriage return without a line feed; end it with a line feed"
                    .into())
            }
            _ => Ok(()),
        }
    }

    fn block_comment(&mut self) -> Result<(), String> {
        let inner = self.text.get(self.at + 2..).unwrap_or_default();
        let end = inner.find("*/").ok_or("a comment has no end")?;
        // Some dialects nest them.
        if inner.get(..end).is_some_and(|comment| comment.contains("/*")) {
            return Err("a comment holds the beginning of another; comments do not nest".into());
        }
        self.at += 2 + end + 2;
        Ok(())
    }

    /// Characters or a name up to the quote; two quotes stand for one.
    fn quoted(&mut self, quote: u8, endless: &str) -> Result<Kind, String> {
        self.at += 1;
        loop {
            self.skip_while(|byte| byte != quote);
            match (self.peek(0), self.peek(1)) {
                (None, _) => return Err(endless.into()),
                (_, Some(next)) if next == quote => self.at += 2,
                _ => break,
            }
        }
        self.at += 1;
        Ok(if quote == b'"' { Kind::Quoted } else { Kind::Text })
    }

    /// `$$…$$`, where a single `$` stands for itself.
    fn dollars(&mut self) -> Result<Kind, String> {
        if !self.rest().starts_with(b"$$") {
            return Err("a $ begins no string ($$…$$); parameters are ? or :name".into());
        }
        let inner = self.text.get(self.at + 2..).unwrap_or_default();
        self.at += 2 + inner.find("$$").ok_or("a string in $$ has no end")? + 2;
        Ok(Kind::Text)
    }

    /// A minus sign before a letter that constants begin with. The server takes no name there, and ends the constant
    /// where it is complete, though a keyword may follow at once.
    fn negative(&mut self) -> Result<Kind, String> {
        let length = run(after(self.rest(), 1), continues_name);
        let word = after(self.rest(), 1).get(..length).unwrap_or_default();
        if word.eq_ignore_ascii_case(b"nan") || word.eq_ignore_ascii_case(b"infinity") {
            self.at += 1 + length;
            return Ok(Kind::Number);
        }
        Err("a minus sign runs into a word; put a space between them, and write durations as -1y2mo3d".into())
    }

    fn word_or_number(&mut self, first: u8) -> Result<Kind, String> {
        let rest = self.rest();
        let (kind, length) = if shaped(rest, UUID) {
            (Kind::Number, UUID.len())
        } else if shaped(rest, DURATION) {
            (Kind::Number, DURATION.len())
        } else if first.is_ascii_digit() {
            (Kind::Number, number(rest))
        } else {
            (Kind::Word, run(rest, continues_name))
        };
        self.at += length;
        // The server would begin the next token there, a keyword perhaps.
        if kind == Kind::Number && self.peek(0).is_some_and(continues_name) {
            return Err("a number runs into a word; put a space between them".into());
        }
        Ok(kind)
    }
}

/// How many bytes at the beginning are wanted.
fn run(bytes: &[u8], wanted: impl Fn(u8) -> bool) -> usize {
    bytes.iter().take_while(|byte| wanted(**byte)).count()
}

fn after(bytes: &[u8], length: usize) -> &[u8] {
    bytes.get(length..).unwrap_or_default()
}

fn shaped(bytes: &[u8], shape: &str) -> bool {
    let fits = |(shape, byte): (u8, &u8)| match shape {
        b'h' => byte.is_ascii_hexdigit(),
        b'd' => byte.is_ascii_digit(),
        _ => *byte == shape,
    };
    bytes.len() >= shape.len() && shape.bytes().zip(bytes).all(fits)
}

/// The length of the number, blob or duration at the beginning, which is a digit.
fn number(bytes: &[u8]) -> usize {
    let digits = |byte: u8| byte.is_ascii_digit();
    if bytes.starts_with(b"0x") || bytes.starts_with(b"0X") {
        return 2 + run(after(bytes, 2), |byte| byte.is_ascii_hexdigit());
    }
    let duration = duration(bytes);
    if duration > 0 {
        return duration;
    }
    let mut length = run(bytes, digits);
    // Two full stops are a range.
    if after(bytes, length).first() == Some(&b'.') && after(bytes, length).get(1) != Some(&b'.') {
        length += 1 + run(after(bytes, length + 1), digits);
    }
    if let [b'e' | b'E', exponent @ ..] = after(bytes, length) {
        let sign = usize::from(matches!(exponent.first(), Some(b'+' | b'-')));
        let power = run(after(exponent, sign), digits);
        length += if power == 0 { 0 } else { 1 + sign + power };
    }
    length
}

/// The length of a duration such as `1h30m`; 0 if there is none.
fn duration(bytes: &[u8]) -> usize {
    const UNITS: [&str; 11] = ["mo", "ms", "us", "\u{b5}s", "ns", "y", "w", "d", "h", "m", "s"];
    let mut length = 0;
    loop {
        let digits = run(after(bytes, length), |byte| byte.is_ascii_digit());
        let behind = after(bytes, length + digits);
        let is =
            |unit: &&str| behind.get(..unit.len()).is_some_and(|b| b.eq_ignore_ascii_case(unit.as_bytes()));
        let unit = UNITS.iter().find(|unit| is(unit)).map_or(0, |unit| unit.len());
        if digits == 0 || unit == 0 {
            return length;
        }
        length += digits + unit;
    }
}

#[cfg(test)]
#[path = "lexer_tests.rs"]
mod tests;
