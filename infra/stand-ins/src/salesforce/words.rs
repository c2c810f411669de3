//! SOQL and SOSL in words: names, numbers, quoted texts, signs.

use super::fault::Fault;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Word {
    /// A name, a keyword or a number.
    Plain(String),
    /// What stood between single quotes, escapes resolved.
    Text(String),
    /// What stood between braces, escapes resolved.
    Braced(String),
    /// Operators, parentheses, commas.
    Sign(String),
}

impl Word {
    pub(super) fn is(&self, keyword: &str) -> bool {
        match self {
            Self::Plain(text) | Self::Sign(text) => text.eq_ignore_ascii_case(keyword),
            _ => false,
        }
    }
}

/// The words of a statement; `code` is the fault's where it has none.
pub(super) fn words(statement: &str, code: &'static str) -> Result<Vec<Word>, Fault> {
    let malformed = |what: &str| Fault::new(400, code, format!("line 1:0 {what}"));
    let mut all = Vec::new();
    let mut rest = statement.chars().peekable();
    while let Some(first) = rest.next() {
        match first {
            c if c.is_whitespace() => {}
            '\'' => {
                let text = quoted(&mut rest, '\'').ok_or_else(|| malformed("unterminated string"))?;
                all.push(Word::Text(text));
            }
            '{' => {
                let text = quoted(&mut rest, '}').ok_or_else(|| malformed("missing '}'"))?;
                all.push(Word::Braced(text));
            }
            '!' | '<' | '>' | '=' => {
                let mut sign = String::from(first);
                if rest.peek() == Some(&'=') || (first == '<' && rest.peek() == Some(&'>')) {
                    sign.extend(rest.next());
                }
                all.push(Word::Sign(sign));
            }
            '(' | ')' | ',' => all.push(Word::Sign(first.to_string())),
            c if is_plain(c) => {
                let mut word = String::from(c);
                while let Some(next) = rest.next_if(|c| is_plain(*c)) {
                    word.push(next);
                }
                all.push(Word::Plain(word));
            }
            other => return Err(malformed(&format!("no viable alternative at character '{other}'"))),
        }
    }
    Ok(all)
}

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '+' | ':')
}

/// Up to the closing sign. A backslash takes the next character as it is, but for the letters that stand for others.
fn quoted(rest: &mut impl Iterator<Item = char>, close: char) -> Option<String> {
    let mut text = String::new();
    loop {
        match rest.next()? {
            '\\' => text.push(match rest.next()? {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'b' => '\u{8}',
                'f' => '\u{c}',
                // Letters that are no escape are a fault in Salesforce too.
                c if c.is_alphanumeric() => return None,
                c => c,
            }),
            c if c == close => return Some(text),
            c => text.push(c),
        }
    }
}
