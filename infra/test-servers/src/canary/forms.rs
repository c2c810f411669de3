//! The forms in which a text can come out that nobody wrote down as it is: encoded, escaped, packed, or as something
//! that is known by its own form.

use std::{io::Read, sync::OnceLock};

use base64::{
    Engine,
    prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD},
};
use flate2::read::MultiGzDecoder;

use super::{Leak, Output, PARAMETER, SECRET};

/// The most that is unpacked of one answer.
const UNPACKED: u64 = 64 * 1024 * 1024;
const GZIP: [u8; 3] = [0x1f, 0x8b, 0x08];
/// How much around a find is shown.
const AROUND: usize = 60;

/// Beginnings of what is a secret by its form alone.
const BY_FORM: [(&str, &str); 5] = [
    ("a private key", "PRIVATE KEY-----"),
    ("a license key", "AXON-eyJ"),
    ("a signed token", "eyJhbGciOi"),
    ("a signed token", "eyJ0eXAiOi"),
    ("a signed token", "eyJraWQiOi"),
];

/// A text that must not come out.
#[derive(Clone)]
pub(super) struct Needle {
    what: String,
    text: Vec<u8>,
    /// Only where parameters may not stand either.
    parameter: bool,
    /// Letters of either case.
    any_case: bool,
}

impl Needle {
    /// A text as it is.
    pub(super) fn watched(text: &str) -> Self {
        let what = "a secret that was watched for".to_owned();
        Self { what, text: text.as_bytes().to_vec(), parameter: false, any_case: false }
    }

    /// Whether it is this text.
    pub(super) fn is(&self, text: &str) -> bool {
        self.text == text.as_bytes()
    }
}

/// Every form of every marker.
pub(super) struct Forms(Vec<Needle>);

impl Forms {
    pub(super) fn get() -> &'static Self {
        static FORMS: OnceLock<Forms> = OnceLock::new();
        FORMS.get_or_init(Self::new)
    }

    fn new() -> Self {
        let mut needles = Vec::new();
        for (what, marker, parameter) in [("a secret", SECRET, false), ("a parameter", PARAMETER, true)] {
            let mut add = |form: &str, text: Vec<u8>, any_case: bool| {
                needles.push(Needle { what: format!("{what}{form}"), text, parameter, any_case });
            };
            add("", marker.as_bytes().to_vec(), true);
            add(", as hexadecimal digits", hex::encode(marker).into_bytes(), true);
            add(", as percent-encoding", each(marker, |byte| format!("%{byte:02x}")), true);
            add(", as JSON's escapes", each(marker, |byte| format!("\\u00{byte:02x}")), true);
            add(", as numbers", numbers(marker), false);
            for offset in 0..3 {
                add(", as base64", base64(marker, offset), false);
            }
        }
        let by_form = BY_FORM.map(|(what, text)| Needle {
            what: what.to_owned(),
            text: text.as_bytes().to_vec(),
            parameter: false,
            any_case: false,
        });
        needles.extend(by_form);
        Self(needles)
    }

    /// The first of them in an output, or the first of these texts.
    pub(super) fn find(&self, output: Output, bytes: &[u8], watched: &[Needle]) -> Option<Leak> {
        let wanted =
            self.0.iter().chain(watched).filter(|needle| !needle.parameter || output != Output::Answer);
        let first = first_of(&wanted.collect::<Vec<_>>(), bytes);
        let marked = first.map(|(at, needle)| leak(needle.what.clone(), bytes, at, needle.text.len()));
        // Tables hold ARNs as they are: whoever reads them there may read the secrets too.
        let arn = || if output == Output::Stored { None } else { unmasked(bytes) };
        let inside = || packed(output, bytes).and_then(|unpacked| self.find(output, &unpacked, watched));
        marked.or_else(arn).or_else(inside)
    }
}

/// One pass for all of them: every world's tables go through here.
fn first_of<'n>(needles: &[&'n Needle], bytes: &[u8]) -> Option<(usize, &'n Needle)> {
    let mut begins: [Vec<&Needle>; 256] = std::array::from_fn(|_| Vec::new());
    for needle in needles {
        let first = *needle.text.first()?;
        let cases = [first.to_ascii_lowercase(), first.to_ascii_uppercase()];
        let cases = if needle.any_case && cases[0] != cases[1] { &cases[..] } else { &[first] };
        for case in cases {
            begins.get_mut(usize::from(*case))?.push(needle);
        }
    }
    bytes.iter().enumerate().find_map(|(at, byte)| {
        let stands = |needle: &&&Needle| {
            let there = bytes.get(at..at + needle.text.len());
            there.is_some_and(|there| {
                if needle.any_case { there.eq_ignore_ascii_case(&needle.text) } else { there == needle.text }
            })
        };
        let needle = begins.get(usize::from(*byte))?.iter().find(stands)?;
        Some((at, *needle))
    })
}

/// Where a text stands.
fn positions<'b>(bytes: &'b [u8], text: &'b [u8]) -> impl Iterator<Item = usize> + 'b {
    let first = text.first().copied();
    let begins = bytes.iter().enumerate().filter(move |(_, byte)| Some(**byte) == first);
    begins.map(|(at, _)| at).filter(move |at| bytes.get(*at..).is_some_and(|rest| rest.starts_with(text)))
}

/// What was found, without itself: the report of a leak is not to be another.
fn leak(what: String, bytes: &[u8], at: usize, length: usize) -> Leak {
    let text = |from: usize, to: usize| {
        String::from_utf8_lossy(bytes.get(from..to.min(bytes.len())).unwrap_or_default()).into_owned()
    };
    let (before, behind) = (at.saturating_sub(AROUND), at.saturating_add(length));
    // What stands beside a marker is mostly more of the same secret.
    let rest = text(behind, behind + AROUND);
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || "-_+/=.".contains(c));
    Leak { what, around: format!("{}[…]{rest}", text(before, at)) }
}

/// The ARN of a secret, but for those that are masked.
fn unmasked(bytes: &[u8]) -> Option<Leak> {
    positions(bytes, b":secretsmanager:").find_map(|at| {
        let rest = bytes.get(at..)?;
        let end = rest.iter().position(|byte| !is_of_an_arn(*byte)).unwrap_or(rest.len());
        let arn = rest.get(..end)?;
        let name = arn.splitn(5, |byte| *byte == b':').nth(4)?.strip_prefix(b"secret:")?;
        // An error shows by `NAME` how an ARN is written.
        let masked = name.is_empty()
            || name == b"NAME"
            || name.ends_with(b"...masked")
            || name.ends_with(b"...masked.");
        (!masked).then(|| leak("the ARN of a secret".to_owned(), bytes, at, end))
    })
}

fn is_of_an_arn(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b":/_+=.@-".contains(&byte)
}

/// What a gzip stream in an output holds, however much of it is there.
fn packed(output: Output, bytes: &[u8]) -> Option<Vec<u8>> {
    // Tables are files of pages: what looks like a stream there is none.
    let at = positions(bytes, &GZIP).next().filter(|_| output != Output::Stored)?;
    let mut unpacked = Vec::new();
    let _ = MultiGzDecoder::new(bytes.get(at..)?).take(UNPACKED).read_to_end(&mut unpacked);
    (!unpacked.is_empty()).then_some(unpacked)
}

fn each(marker: &str, byte: impl Fn(u8) -> String) -> Vec<u8> {
    marker.bytes().map(byte).collect::<String>().into_bytes()
}

/// As bytes show in a `Debug` that nobody thought of.
fn numbers(marker: &str) -> Vec<u8> {
    let numbers: Vec<String> = marker.bytes().map(|byte| byte.to_string()).collect();
    numbers.join(", ").into_bytes()
}

/// What of the marker's base64 does not depend on what stands before and behind it. The marker has no character whose
/// base64 differs between the two alphabets; a test says so.
fn base64(marker: &str, offset: usize) -> Vec<u8> {
    let padded = [vec![0; offset], marker.as_bytes().to_vec()].concat();
    let encoded = BASE64_STANDARD_NO_PAD.encode(&padded);
    debug_assert_eq!(encoded, BASE64_URL_SAFE_NO_PAD.encode(&padded));
    let (from, to) = ((offset * 8).div_ceil(6), padded.len() * 8 / 6);
    encoded.get(from..to).unwrap_or_default().as_bytes().to_vec()
}
