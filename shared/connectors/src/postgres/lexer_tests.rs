use super::*;
use proptest::prelude::*;

fn shown(statement: &str) -> String {
    let tokens = lex(statement).unwrap();
    let shown: Vec<_> = tokens
        .iter()
        .map(|token| match token.kind {
            Kind::Text => format!("text<{}>", token.text),
            Kind::Bits => format!("bits<{}>", token.text),
            Kind::Parameter => format!("<{}>", token.text),
            _ => token.text.to_owned(),
        })
        .collect();
    shown.join(" ")
}

#[test]
fn strings_end_where_the_server_ends_them() {
    for (statement, expected) in [
        (r"'a''b' c", "text<'a''b'> c"),
        (r"'a\' b", r"text<'a\'> b"),
        (r"E'a\' b' c", r"text<E'a\' b'> c"),
        (r"e'\\' c", r"text<e'\\'> c"),
        // A continuation keeps the rules of its beginning.
        ("E'a'\n'\\' b' c", "text<E'a'\n'\\' b'> c"),
        ("'a' -- x\n  '\\' c", "text<'a' -- x\n  '\\'> c"),
        ("'a' 'b'", "text<'a'> text<'b'>"),
        ("'a' /* x\n */ 'b'", "text<'a'> text<'b'>"),
        ("B'1''0'", "bits<B'1'> text<'0'>"),
        ("X'f' n'x'", "bits<X'f'> text<n'x'>"),
        ("$$a'b$$ c", "text<$$a'b$$> c"),
        ("$t$ $$ $T$ $t$ c", "text<$t$ $$ $T$ $t$> c"),
        ("a$$b$$ c", "a$$b$$ c"),
        (r#""a""b" c"#, r#""a""b" c"#),
    ] {
        assert_eq!(shown(statement), expected, "{statement}");
    }
}

#[test]
fn comments_nest_and_line_comments_end_at_either_line_break() {
    assert_eq!(shown("a /* b /* c */ d */ e"), "a e");
    assert_eq!(shown("a -- b\rc -- d\ne"), "a c e");
    assert_eq!(shown("1 +-- x\n 2"), "1 + 2");
    assert_eq!(shown("1 */* x */ 2"), "1 * 2");
}

#[test]
fn parameters_are_told_from_casts_slices_and_assignments() {
    for (statement, expected) in [
        ("$1 + :name", "<1> + <name>"),
        ("a::int", "a :: int"),
        ("f(x := 1)", "f ( x := 1 )"),
        ("a[1:2]", "a [ 1 : 2 ]"),
        ("a[low:high]", "a [ low : high ]"),
        ("array[:a, :b]", "array [ <a> , <b> ]"),
        ("a[f(:x):2]", "a [ f ( <x> ) : 2 ]"),
        (":a::int", "<a> :: int"),
        (
            "'it''s :not' || \":nor\" -- :this\n|| $$:that$$",
            "text<'it''s :not'> || \":nor\" || text<$$:that$$>",
        ),
        ("a:b", "a <b>"),
    ] {
        assert_eq!(shown(statement), expected, "{statement}");
    }
}

#[test]
fn what_versions_read_differently_is_refused() {
    for statement in [
        "'a",
        "E'a\\'",
        "\"a",
        "$$a",
        "$t$ a $T$",
        "/* a /* */",
        "1lo_import('x')",
        "$1and",
        "1e",
        "0x1g",
        "U&'a'",
        "u&\"a\"",
        "a \0",
        "\\d",
        "$",
        "{a}",
    ] {
        assert!(lex(statement).is_err(), "{statement}");
    }
}

#[test]
fn numbers_are_one_token() {
    for number in ["1", "1.5", ".5", "1.", "1e10", "1.5E-3", "0xff", "1_000"] {
        assert_eq!(lex(number).unwrap().len(), 1, "{number}");
    }
}

#[test]
fn thirty_two_kibibytes_pass_and_one_more_byte_does_not() {
    assert!(lex(&" ".repeat(MAX_BYTES)).is_ok());
    assert!(lex(&" ".repeat(MAX_BYTES + 1)).is_err());
}

proptest! {
    #[test]
    fn tokens_never_overlap_and_cover_everything_but_gaps(statement in "[a-cEeU&$'\"\\\\ \n\r/*:.\\[\\](){}1-3é;-]{0,40}") {
        if let Ok(tokens) = lex(&statement) {
            let mut end = 0;
            for token in tokens {
                prop_assert!(token.start >= end && token.end > token.start);
                end = token.end;
            }
        }
    }
}
