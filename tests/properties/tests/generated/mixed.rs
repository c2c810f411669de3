//! Every property over what a fuzzer would try first: its seeds, cut, spliced and strewn with its dictionary's words.

use std::{fs, path::Path};

use properties::{ALL, Property};
use proptest::{prelude::*, sample::Index, test_runner::TestRunner};

use crate::config;

/// One change of an input.
#[derive(Clone, Debug)]
enum Change {
    /// A word is put in.
    Word(Index, Index),
    /// A bit is turned over.
    Bit(Index),
    /// A part goes.
    Cut(Index, usize),
    /// The rest is another seed's.
    Splice(Index, Index, Index),
    /// A part is there twice.
    Repeat(Index, usize),
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let at = any::<Index>;
    let change = prop_oneof![
        4 => (at(), at()).prop_map(|(at, word)| Change::Word(at, word)),
        1 => at().prop_map(Change::Bit),
        1 => (at(), 1usize..12).prop_map(|(at, length)| Change::Cut(at, length)),
        1 => (at(), at(), at()).prop_map(|(at, seed, from)| Change::Splice(at, seed, from)),
        1 => (at(), 1usize..200).prop_map(|(at, length)| Change::Repeat(at, length)),
    ];
    prop::collection::vec(change, 0..8)
}

fn changed(seed: &[u8], seeds: &[Vec<u8>], words: &[Vec<u8>], changes: &[Change]) -> Vec<u8> {
    let mut data = seed.to_vec();
    for change in changes {
        let place = |at: &Index, data: &[u8]| at.index(data.len() + 1);
        match change {
            Change::Word(at, word) if !words.is_empty() => {
                let at = place(at, &data);
                data.splice(at..at, word.get(words).iter().copied());
            }
            Change::Bit(at) if !data.is_empty() => {
                let bit = at.index(data.len() * 8);
                data[bit / 8] ^= 1 << (bit % 8);
            }
            Change::Cut(at, length) => {
                let at = place(at, &data);
                data.drain(at..data.len().min(at + length));
            }
            Change::Splice(at, seed, from) => {
                let other = seed.get(seeds);
                data.truncate(place(at, &data));
                data.extend_from_slice(&other[place(from, other)..]);
            }
            Change::Repeat(at, length) => {
                let at = place(at, &data);
                let part = data[at..data.len().min(at + length)].to_vec();
                data.splice(at..at, part);
            }
            Change::Word(..) | Change::Bit(_) => {}
        }
    }
    data
}

/// The words of a dictionary of libFuzzer: `name="value"`, with `\\`, `\"` and `\xAB` in the value.
fn words(name: &str) -> Vec<Vec<u8>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../fuzz/dictionaries/{name}.dict"));
    let text = fs::read_to_string(path).unwrap_or_default();
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.map(|line| unescaped(line.split_once('"').unwrap().1.strip_suffix('"').unwrap())).collect()
}

fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        rest = behind;
        match (first, behind) {
            (b'\\', [b'x', high, low, behind @ ..]) => {
                let digits = [*high, *low];
                bytes.push(u8::from_str_radix(str::from_utf8(&digits).unwrap(), 16).unwrap());
                rest = behind;
            }
            (b'\\', [plain, behind @ ..]) => {
                bytes.push(*plain);
                rest = behind;
            }
            _ => bytes.push(*first),
        }
    }
    bytes
}

fn seeds(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds").join(name);
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

fn holds(name: &str, property: Property) {
    let (seeds, words) = (seeds(name), words(name));
    let made = (any::<Index>(), changes())
        .prop_map(|(seed, changes)| changed(seed.get::<Vec<u8>>(&seeds), &seeds, &words, &changes));
    let bytes = prop::collection::vec(any::<u8>(), 0..64);
    let strewn = prop::collection::vec(any::<Index>(), 0..16).prop_map(|picked| {
        picked.iter().filter(|_| !words.is_empty()).flat_map(|at| at.get(&words).clone()).collect()
    });
    let input = prop_oneof![8 => made, 1 => bytes, 3 => strewn];
    let shown = |data: &[u8]| String::from_utf8_lossy(data).into_owned();
    let outcome = TestRunner::new(config()).run(&input, |data| {
        property(&data);
        Ok(())
    });
    if let Err(error) = outcome {
        let data = match &error {
            proptest::test_runner::TestError::Fail(_, data) => shown(data),
            proptest::test_runner::TestError::Abort(_) => String::new(),
        };
        panic!("{name}: {error}\nas text: {data}");
    }
}

/// A test a property, so that each is told by its name and none waits for another.
macro_rules! properties_hold {
    ($($test:ident: $name:literal,)*) => {
        $(
            #[test]
            fn $test() {
                let (_, property) = ALL.into_iter().find(|(name, _)| *name == $name).unwrap();
                holds($name, property);
            }
        )*

        #[test]
        fn every_property_is_asked() {
            assert_eq!([$($name),*], ALL.map(|(name, _)| name));
        }
    };
}

properties_hold! {
    a_configuration_file_holds: "config",
    a_connection_url_holds: "connection_url",
    a_cql_statement_holds: "cql",
    a_cursor_holds: "cursor",
    the_rules_of_the_way_out_hold: "egress_rules",
    a_precondition_holds: "etag",
    an_event_holds: "event",
    a_frame_holds: "frame",
    an_item_holds: "item",
    json_holds: "json",
    a_key_set_holds: "jwks",
    a_license_holds: "license",
    a_link_holds: "link",
    a_postgres_statement_holds: "postgres",
    a_record_holds: "record",
    a_refusal_holds: "refusal",
    a_wait_holds: "retry_after",
    rows_hold: "rows",
    an_arn_holds: "secret_arn",
    a_secret_holds: "secret_json",
    a_snowflake_statement_holds: "snowflake",
    a_token_holds: "token",
}
