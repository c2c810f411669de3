//! The trace that a call belongs to, as X-Ray writes it in the header `X-Amzn-Trace-Id`:
//! `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1`.
//!
//! A caller may have written the header, so that it goes on to an upstream, or into a log, only as what was read of it:
//! three parts of known shape. Whatever else it holds (Lambda adds a part of its own) stays here.

use std::fmt;

/// More parts than this are no header of X-Ray's.
const MAX_PARTS: usize = 16;

/// A trace, and the segment of it that the call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trace {
    /// When it began, in seconds since the epoch.
    epoch: u32,
    /// Its own 96 bits.
    id: u128,
    parent: u64,
    sampled: bool,
}

/// What finds a trace in X-Ray: `1-5759e988-bd862e3fe1be46a994272793`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Root(Trace);

impl Trace {
    /// The header's name.
    pub const HEADER: &'static str = "x-amzn-trace-id";

    /// Reads a header. `None` is anything but a whole and unambiguous trace.
    pub fn parse(header: &str) -> Option<Self> {
        let (mut root, mut parent, mut sampled) = (None, None, None);
        for (count, part) in header.split(';').enumerate() {
            if count >= MAX_PARTS {
                return None;
            }
            let (key, value) = part.trim().split_once('=')?;
            let slot = match key {
                "Root" => &mut root,
                "Parent" => &mut parent,
                "Sampled" => &mut sampled,
                _ => continue,
            };
            if slot.replace(value).is_some() {
                return None;
            }
        }
        let (epoch, id) = root?.strip_prefix("1-")?.split_once('-')?;
        Some(Self {
            epoch: hex(epoch, 8)?.try_into().ok()?,
            id: hex(id, 24)?,
            parent: hex(parent?, 16)?.try_into().ok()?,
            sampled: match sampled? {
                "0" => false,
                "1" => true,
                _ => return None,
            },
        })
    }

    /// What finds it in X-Ray.
    pub fn root(self) -> Root {
        Root(self)
    }
}

/// Exactly so many digits, of either case.
fn hex(digits: &str, count: usize) -> Option<u128> {
    // `from_str_radix` would take a sign.
    let plain = digits.len() == count && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    plain.then(|| u128::from_str_radix(digits, 16).ok()).flatten()
}

impl fmt::Display for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1-{:08x}-{:024x}", self.0.epoch, self.0.id)
    }
}

/// The header's value.
impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sampled = u8::from(self.sampled);
        write!(f, "Root={};Parent={:016x};Sampled={sampled}", self.root(), self.parent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HEADER: &str = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";

    #[test]
    fn a_trace_is_read_and_written_as_it_came() {
        let trace = Trace::parse(HEADER).unwrap();
        assert_eq!(trace.to_string(), HEADER);
        assert_eq!(trace.root().to_string(), "1-5759e988-bd862e3fe1be46a994272793");
    }

    #[test]
    fn order_case_and_further_parts_do_not_matter_and_do_not_travel() {
        for header in [
            "Parent=53995c3f42cd8ad8;Sampled=1;Root=1-5759e988-bd862e3fe1be46a994272793",
            "Root=1-5759E988-BD862E3FE1BE46A994272793; Parent=53995C3F42CD8AD8; Sampled=1",
            "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=1:a87bd80c:0",
            "Self=1-67891234-12456789abcdef012345678;Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;\
             Sampled=1;CalledFrom=canary",
        ] {
            assert_eq!(
                Trace::parse(header).map(|trace| trace.to_string()).as_deref(),
                Some(HEADER),
                "{header}"
            );
        }
    }

    #[test]
    fn whatever_has_another_shape_is_no_trace() {
        for header in [
            "",
            "Root=1-5759e988-bd862e3fe1be46a994272793",
            "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1",
            "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8",
            "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=?",
            "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=2",
            "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;",
            "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;x",
            "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Sampled=1",
            "Root=2-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
            "Root=1-5759e98-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
            "Root=1-5759e988-bd862e3fe1be46a99427279;Parent=53995c3f42cd8ad8;Sampled=1",
            "Root=1-+759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
            "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad;Sampled=1",
            "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8adg;Sampled=1",
            "root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
            "Root=1-5759e988-bd862e3fe1be46a994272793,Parent=53995c3f42cd8ad8,Sampled=1",
            "Root=1-5759e988-bd862e3fe1be46a994272793\r\nX: 1;Parent=53995c3f42cd8ad8;Sampled=1",
        ] {
            assert_eq!(Trace::parse(header), None, "{header}");
        }
        let many = "a=b;".repeat(MAX_PARTS) + HEADER;
        assert_eq!(Trace::parse(&many), None);
    }

    proptest! {
        #[test]
        fn what_is_read_is_written_in_the_one_shape(header in "(Root=1-[0-9a-f]{8}-[0-9a-f]{24}|Parent=[0-9a-f]{16}|Sampled=[01]|;|.){0,9}") {
            if let Some(trace) = Trace::parse(&header) {
                let written = trace.to_string();
                prop_assert_eq!(written.len(), HEADER.len());
                prop_assert_eq!(Trace::parse(&written), Some(trace));
            }
        }

        #[test]
        fn every_trace_survives_its_header(epoch: u32, id in 0..=u128::MAX >> 32, parent: u64, sampled: bool) {
            let trace = Trace { epoch, id, parent, sampled };
            prop_assert_eq!(Trace::parse(&trace.to_string()), Some(trace));
        }
    }
}
