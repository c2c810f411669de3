use super::*;
use proptest::prelude::*;

fn shown(statement: &str) -> String {
    let tokens = lex(statement).unwrap();
    let shown: Vec<_> = tokens
        .iter()
        .map(|token| match token.kind {
            Kind::Text => format!("text<{}>", token.text),
            Kind::Number => format!("<{}>", token.text),
            _ => token.text.to_owned(),
        })
        .collect();
    shown.join(" ")
}

#[test]
fn strings_and_names_end_where_the_server_ends_them() {
    for (statement, expected) in [
        ("'a''b' c", "text<'a''b'> c"),
        (r"'a\' b", r"text<'a\'> b"),
        ("''''", "text<''''>"),
        ("'' ''", "text<''> text<''>"),
        ("'\"' \"'\" c", "text<'\"'> \"'\" c"),
        ("$$a'b$$ c", "text<$$a'b$$> c"),
        ("$$ $ '$$ c", "text<$$ $ '$$> c"),
        ("$$$$ c", "text<$$$$> c"),
        ("a$$b$$c", "a text<$$b$$> c"),
        (r#""a""b" c"#, r#""a""b" c"#),
        (r#""" """""#, r#""" """""#),
        ("'-- /* // $$' b", "text<'-- /* // $$'> b"),
        ("'é\u{2028}\u{feff}\u{1F600}' b", "text<'é\u{2028}\u{feff}\u{1F600}'> b"),
    ] {
        assert_eq!(shown(statement), expected, "{statement}");
    }
}

#[test]
fn comments_are_of_three_kinds_and_do_not_nest() {
    for (statement, expected) in [
        ("a -- ' b\n c", "a c"),
        ("a // \" b\r\n c", "a c"),
        ("a /* ' \n -- // */ c", "a c"),
        ("a /*/ b */ c", "a c"),
        ("a /***/ c", "a c"),
        ("1 */* x */ 2", "<1> * <2>"),
        ("1 - - 2 / / 3", "<1> - - <2> / / <3>"),
        ("a*/b", "a * / b"),
        ("-- '\n-- \"\n/* $$ */a", "a"),
    ] {
        assert_eq!(shown(statement), expected, "{statement}");
    }
}

#[test]
fn constants_are_one_token() {
    for constant in [
        "1",
        "1.5",
        "1.",
        "1e10",
        "1.5E-3",
        "1.e+5",
        "0xCAFE",
        "0x",
        "0X00ff",
        "1h",
        "1y2mo3w4d5h6m7s8ms9us10ns",
        "1µs",
        "12H30M",
        "123e4567-e89b-12d3-a456-426614174000",
        "abcdefAB-0000-0000-0000-000000000000",
        "P0001-02-03T04:05:06",
        "-NaN",
        "-infinity",
    ] {
        assert_eq!(shown(constant), format!("<{constant}>"));
    }
    for (statement, expected) in [
        ("1..2", "<1> . . <2>"),
        ("abcdefab-1", "abcdefab - <1>"),
        ("abcdefab1-0000", "abcdefab1 - <0000>"),
        ("P1Y2M3DT4H", "P1Y2M3DT4H"),
        ("a-nan", "a <-nan>"),
        ("a-b -t.c", "a - b - t . c"),
        ("infinityinsert", "infinityinsert"),
        (":name, ?, :1", ": name , ? , : <1>"),
        ("t.c >= -1", "t . c > = - <1>"),
    ] {
        assert_eq!(shown(statement), expected, "{statement}");
    }
}

#[test]
fn what_is_not_sure_to_be_read_as_the_server_does_is_refused() {
    for statement in [
        "'a",
        "'a''",
        "\"a",
        "\"",
        "$$a",
        "$$a$",
        "$$$",
        "$a$ x $a$",
        "$1",
        "/* a",
        "/* a /* b */",
        "/*/",
        "a -- b",
        "a // b",
        "a -- b\rc\n",
        "_a",
        "a@b",
        "a\\b",
        "#",
        "`a`",
        "a | b",
        "1insert",
        "1e",
        "1.x",
        "0xg",
        "1h1",
        "-infinityinsert",
        "-nanupdate",
        "-name",
        "-P1D",
        "-P1Dinsert",
        "1d2x",
        "abcdefab-0000-0000-0000-0000000000001",
        "a \0",
        "a\u{b}b",
        "a\u{c}b",
        "a\u{a0}b",
        "\u{feff}a",
        "a\u{2028}b",
        "é",
        "µs",
        "\u{212a}ey",
        "a\u{200b}",
    ] {
        assert!(lex(statement).is_err(), "{statement:?}");
    }
}

#[test]
fn thirty_two_kibibytes_pass_and_one_more_byte_does_not() {
    assert!(lex(&" ".repeat(MAX_BYTES)).is_ok());
    assert!(lex(&" ".repeat(MAX_BYTES + 1)).is_err());
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(statement in "\\PC{0,60}") {
        drop(lex(&statement));
    }

    /// So nothing is read twice, and the time grows with the length alone.
    #[test]
    fn tokens_never_overlap_and_cover_everything_but_gaps(
        statement in "[a-cPT0-9$'\"\\\\ \n\r/*:.\\[\\](){}µ;-]{0,40}"
    ) {
        if let Ok(tokens) = lex(&statement) {
            let mut end = 0;
            for token in tokens {
                prop_assert!(token.start >= end && token.end > token.start);
                let gap = statement.get(end..token.start).unwrap();
                prop_assert!(lex(&format!("{gap}\n")).unwrap().is_empty(), "{gap:?}");
                end = token.end;
            }
        }
    }

    #[test]
    fn what_is_quoted_hides_nothing_and_shows_nothing(inner in "\\PC{0,30}") {
        let text = format!("a '{}' b", inner.replace('\'', "''"));
        prop_assert_eq!(lex(&text).unwrap().len(), 3);
        let name = format!("a \"{}\" b", inner.replace('"', "\"\""));
        prop_assert_eq!(lex(&name).unwrap().len(), 3);
        if !inner.contains("$$") && !inner.ends_with('$') {
            prop_assert_eq!(lex(&format!("a $${inner}$$ b")).unwrap().len(), 3);
        }
        let comment = inner.replace(['*', '\r', '\n'], " ");
        prop_assert_eq!(lex(&format!("a /*{comment}*/ b // {comment}\n-- {comment}\n")).unwrap().len(), 2);
    }
}
