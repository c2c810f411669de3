use proptest::prelude::*;

use super::*;

fn shown(statement: &str) -> String {
    let tokens = lex(statement).unwrap_or_else(|why| panic!("{statement}: {why}"));
    let shown = tokens.iter().map(|token| match token.kind {
        Kind::Text => format!("text<{}>", token.text),
        Kind::Stage => format!("stage<{}>", token.text),
        Kind::Parameter => format!("<{}>", token.text),
        _ => token.text.to_owned(),
    });
    shown.collect::<Vec<_>>().join(" ")
}

#[test]
fn strings_end_where_the_server_ends_them() {
    for (statement, expected) in [
        (r"'a''b' c", "text<'a''b'> c"),
        (r"'a\' b' c", r"text<'a\' b'> c"),
        (r"'a\\' b", r"text<'a\\'> b"),
        (r"'\é' b", r"text<'\é'> b"),
        ("'a\n-- b' c", "text<'a\n-- b'> c"),
        ("$$a'b\\$$ c", "text<$$a'b\\$$> c"),
        ("$$ -- $$ c", "text<$$ -- $$> c"),
        ("x'0f' b", "text<x'0f'> b"),
        (r#""a""b" c"#, r#""a""b" c"#),
        ("'é' \"é\"", "text<'é'> \"é\""),
    ] {
        assert_eq!(shown(statement), expected, "{statement}");
    }
}

#[test]
fn comments_end_where_the_server_ends_them() {
    assert_eq!(shown("a /* b * / // -- */ c"), "a c");
    assert_eq!(shown("a -- b\r\nc // d\ne"), "a c e");
    assert_eq!(shown("a---- b\n//// c\nd"), "a d");
    assert_eq!(shown("1 */* x */ 2 -/**/- 3"), "1 * 2 - - 3");
    assert_eq!(shown("1 / 2 /'x' -'y'"), "1 / 2 / text<'x'> - text<'y'>");
}

#[test]
fn parameters_are_told_from_casts_paths_and_keys() {
    for (statement, expected) in [
        ("?, :1, :name, $1, $name", "<> , <1> , <name> , <1> , <name>"),
        ("a::int", "a :: int"),
        (":a::int", "<a> :: int"),
        ("a:b.c", "a : b . c"),
        ("\"a\":b f(x):y z[0]:w $1:c ?:d :e:f", "\"a\" : b f ( x ) : y z [ 0 ] : w <1> : c <> : d <e> : f"),
        ("limit :n", "limit <n>"),
        ("(:a,:b)", "( <a> , <b> )"),
        ("{'a':b, 'c' : d, 'e': :f}", "{ text<'a'> : b , text<'c'> : d , text<'e'> : <f> }"),
        ("x := 1", "x := 1"),
        ("f(a => :b)", "f ( a => <b> )"),
    ] {
        assert_eq!(shown(statement), expected, "{statement}");
    }
}

#[test]
fn stages_are_one_token_each() {
    for (statement, expected) in [
        ("@s", "stage<@s>"),
        ("(@~/a-b/c.csv)", "( stage<@~/a-b/c.csv> )"),
        ("@db.sc.%t/d=1/ x", "stage<@db.sc.%t/d=1/> x"),
        ("@s(x)", "stage<@s> ( x )"),
    ] {
        assert_eq!(shown(statement), expected, "{statement}");
    }
    for statement in ["@", "@\"s\"", "@s//x", "@s--x", "@s/*x*/", "@s'x'", "@$$x$$", "@s:x", "@{x}"] {
        assert!(lex(statement).is_err(), "{statement}");
    }
}

#[test]
fn what_readers_could_take_differently_is_refused() {
    for statement in [
        "'a",
        r"'a\'",
        "\"a",
        "\"a\\\" b\"",
        "$$a",
        "$$a$",
        "$",
        "$ a",
        "a$$b$$",
        "$a$$b$$",
        "$1$$b$$",
        ":a$$b$$",
        "1$$b$$",
        "$$a$$$",
        "/* a",
        "/*/",
        "/*/ a */",
        "/* a /* b */",
        "1a",
        "1.a",
        "1.5.5",
        "0x1f",
        "1e",
        ":1a",
        "$1a",
        ":x'ff'",
        "$x'ff'",
        ":1'a'",
        "r'a'",
        "n'a'",
        "B'1'",
        "x'0g'",
        "x'0\\''",
        "u&'a'",
        "é",
        "aé",
        "a\u{a0}b",
        "a\u{feff}",
        "a \0",
        "a\rb",
        "'a\rb'",
        "a\u{b}b",
        "a\u{c}b",
        "-- a\u{85}b",
        "-- a\u{2028}b",
        "`a`",
        "a # b",
        "a & b",
        "a | b",
        "a ^ b",
        "~a",
        "m!f()",
        "a ->> b",
        "\\d",
    ] {
        assert!(lex(statement).is_err(), "{statement:?}");
    }
}

#[test]
fn numbers_are_one_token() {
    for number in ["1", "1.5", ".5", "1.", "1e10", "1.5E-3"] {
        assert_eq!(lex(number).unwrap().len(), 1, "{number}");
    }
}

#[test]
fn thirty_two_kibibytes_pass_and_one_more_byte_does_not() {
    assert!(lex(&" ".repeat(MAX_BYTES)).is_ok());
    assert!(lex(&" ".repeat(MAX_BYTES + 1)).is_err());
}

const PIECES: &str = "[a-cxX&$'\"\\\\ \n\r/*:.@?!|>\\[\\](){}1-3é;=-]{0,40}";

proptest! {
    #[test]
    fn tokens_never_overlap_and_cover_everything_but_gaps(statement in PIECES) {
        if let Ok(tokens) = lex(&statement) {
            let mut end = 0;
            for token in tokens {
                prop_assert!(token.start >= end && token.end > token.start);
                let gap = &statement[end..token.start];
                prop_assert!(gap.trim().is_empty() || gap.contains("--") || gap.contains("//") || gap.contains("/*"));
                end = token.end;
            }
        }
    }

    /// What one string, comment or name swallows, no other reading of the same text may set free: with its contents
    /// replaced by what it can't be ended by, the rest reads the same.
    #[test]
    fn contents_do_not_matter_to_what_is_around_them(
        before in "[a-c ,(]{0,8}", inner in "[a-c;:$@/*\" -]{0,12}", after in "[a-c ,)]{0,8}",
    ) {
        let kinds = |statement: &str| {
            lex(statement).ok().map(|tokens| tokens.iter().map(|token| token.kind).collect::<Vec<_>>())
        };
        let string = |inner: &str| format!("{before} '{inner}' {after}");
        prop_assert_eq!(kinds(&string(&inner)), kinds(&string("x")));
        let comment = |inner: &str| format!("{before} -- {inner}\n {after}");
        prop_assert_eq!(kinds(&comment(&inner)), kinds(&comment("x")));
    }
}
