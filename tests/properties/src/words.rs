//! A second, naive reader of statements: words and marks, without comments and without what stands in quotes.

/// Where a server reads a text otherwise than another.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// PostgreSQL: comments nest, `$tag$` quotes, `E'…'` knows backslashes.
    Postgres,
    /// Snowflake: `//` comments, backslashes in every string.
    Snowflake,
    /// Cassandra: `//` comments.
    Cql,
}

/// The words in lower case, each mark by itself, `'` for a text and `"` for a name in quotes. Nothing where the text
/// ends inside of something.
pub(crate) fn words(text: &str, dialect: Dialect) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let slashes = dialect != Dialect::Postgres && rest.starts_with("//");
        if rest.starts_with("--") || slashes {
            rest = rest.find(['\n', '\r']).map_or("", |end| &rest[end..]);
        } else if rest.starts_with("/*") {
            rest = behind_comment(rest, dialect == Dialect::Postgres)?;
        } else if first == '\'' {
            // A prefix is a word of its own until here.
            let escapes = match dialect {
                Dialect::Postgres => {
                    words.last().is_some_and(|word| word == "e") && text_before(text, rest, 'e')
                }
                Dialect::Snowflake => true,
                Dialect::Cql => false,
            };
            rest = behind_quoted(&rest[1..], '\'', escapes)?;
            words.push("'".to_owned());
        } else if first == '"' {
            rest = behind_quoted(&rest[1..], '"', false)?;
            words.push("\"".to_owned());
        } else if let Some(tag) = dollar_tag(rest, dialect) {
            let inner = &rest[tag.len()..];
            rest = &inner[inner.find(tag)? + tag.len()..];
            words.push("'".to_owned());
        } else if is_word(first) {
            // To Cassandra a dollar sign is no part of a name.
            let goes_on = |c: char| is_word(c) || (c == '$' && dialect != Dialect::Cql);
            let end = rest.find(|c| !goes_on(c)).unwrap_or(rest.len());
            words.push(rest[..end].to_ascii_lowercase());
            rest = &rest[end..];
        } else {
            if !first.is_whitespace() {
                words.push(first.to_string());
            }
            rest = &rest[first.len_utf8()..];
        }
    }
    Some(words)
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || !c.is_ascii()
}

/// Whether the character right before the rest is this one, in either case.
fn text_before(text: &str, rest: &str, wanted: char) -> bool {
    let before = &text[..text.len() - rest.len()];
    before.chars().next_back().is_some_and(|c| c.eq_ignore_ascii_case(&wanted))
}

fn behind_comment(text: &str, nests: bool) -> Option<&str> {
    let mut depth = 0_usize;
    let mut rest = text;
    loop {
        if rest.starts_with("/*") && (nests || depth == 0) {
            depth += 1;
            rest = &rest[2..];
        } else if rest.starts_with("*/") {
            depth -= 1;
            rest = &rest[2..];
            if depth == 0 {
                return Some(rest);
            }
        } else {
            rest = &rest[rest.chars().next()?.len_utf8()..];
        }
    }
}

fn behind_quoted(text: &str, quote: char, escapes: bool) -> Option<&str> {
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if c == '\\' && escapes {
            chars.next();
        } else if c == quote {
            if chars.peek().is_some_and(|(_, next)| *next == quote) {
                chars.next();
            } else {
                return text.get(at + 1..);
            }
        }
    }
    None
}

/// The tag that begins a text in dollars.
fn dollar_tag(text: &str, dialect: Dialect) -> Option<&str> {
    let inner = text.strip_prefix('$')?;
    let end = inner.find('$')?;
    let tag = &inner[..end];
    let named = dialect == Dialect::Postgres
        && tag.chars().all(is_word)
        && !tag.starts_with(|c: char| c.is_ascii_digit());
    (tag.is_empty() || named).then(|| &text[..end + 2])
}
