//! What an address is, as data: one table for both families, read from the top, first match decides.
//!
//! IPv6 has several ways to carry an IPv4 address, and a host or a gateway on the path may unwrap it. So an
//! address has *readings*: itself, and every IPv4 address it could be unwrapped to. All of them are judged.
//! Sources: the IANA special-purpose address registries, and the metadata addresses that clouds document.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// What the table says about an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// Refused, whatever a deployment lists.
    Never(&'static str),
    /// Refused unless a deployment lists the address or the host name.
    Private(&'static str),
    /// Open to everyone.
    Public,
}

use Class::{Never, Private, Public};

const METADATA: Class = Never("a cloud metadata address");
const LINK_LOCAL: Class = Never("a link-local or cloud metadata address");
const MULTICAST: Class = Never("a multicast address");
const UNSPECIFIED: Class = Never("an unspecified address");
const LOOPBACK: Class = Private("a loopback address");
const PRIVATE: Class = Private("a private address");
const DOCUMENTATION: Class = Private("an address kept for documentation");
const RESERVED: Class = Private("an address that is not public");
const TUNNEL: Class = Private("an address of an IPv6 tunnel");

static TABLE: &[(IpNet, Class)] = &[
    (v4([0, 0, 0, 0], 8), UNSPECIFIED),
    (v4([169, 254, 0, 0], 16), LINK_LOCAL),
    (v4([100, 100, 100, 200], 32), METADATA), // Alibaba Cloud
    (v4([168, 63, 129, 16], 32), METADATA),   // Azure
    (v4([192, 0, 0, 192], 32), METADATA),     // Oracle Cloud
    (v4([224, 0, 0, 0], 4), MULTICAST),
    (v4([240, 0, 0, 0], 4), Never("a reserved or broadcast address")),
    (v4([127, 0, 0, 0], 8), LOOPBACK),
    (v4([10, 0, 0, 0], 8), PRIVATE),
    (v4([172, 16, 0, 0], 12), PRIVATE),
    (v4([192, 168, 0, 0], 16), PRIVATE),
    (v4([100, 64, 0, 0], 10), Private("a carrier-grade NAT address")),
    (v4([192, 0, 0, 0], 24), RESERVED),
    (v4([192, 88, 99, 0], 24), TUNNEL), // 6to4 relays
    (v4([198, 18, 0, 0], 15), Private("an address kept for benchmarks")),
    (v4([192, 0, 2, 0], 24), DOCUMENTATION),
    (v4([198, 51, 100, 0], 24), DOCUMENTATION),
    (v4([203, 0, 113, 0], 24), DOCUMENTATION),
    (v4([0, 0, 0, 0], 0), Public),
    (v6([0, 0, 0, 0, 0, 0, 0, 0], 128), UNSPECIFIED),
    (v6([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10), LINK_LOCAL),
    (v6([0xff00, 0, 0, 0, 0, 0, 0, 0], 8), MULTICAST),
    (v6([0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0], 32), METADATA), // AWS
    (v6([0xfd20, 0x00ce, 0, 0, 0, 0, 0, 0x0254], 128), METADATA), // Google Cloud
    (v6([0xfd00, 0x00c1, 0, 0, 0, 0, 0xa9fe, 0xa9fe], 128), METADATA), // Oracle Cloud
    (v6([0xfd00, 0x0042, 0, 0, 0, 0, 0, 0x0042], 128), METADATA), // Scaleway
    // Where the IPv4 address sits depends on the network's own prefix length, so it can't be judged.
    (v6([0x64, 0xff9b, 1, 0, 0, 0, 0, 0], 48), Never("a local NAT64 address")),
    (v6([0, 0, 0, 0, 0, 0, 0, 1], 128), LOOPBACK),
    (v6([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7), PRIVATE),
    (v6([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10), PRIVATE),
    (v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 32), TUNNEL), // Teredo
    (v6([0x2002, 0, 0, 0, 0, 0, 0, 0], 16), TUNNEL), // 6to4
    (v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23), RESERVED),
    (v6([0x2001, 0x0db8, 0, 0, 0, 0, 0, 0], 32), DOCUMENTATION),
    (v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20), DOCUMENTATION),
    (v6([0x100, 0, 0, 0, 0, 0, 0, 0], 64), RESERVED),
    (v6([0x5f00, 0, 0, 0, 0, 0, 0, 0], 16), RESERVED),
    // These wrap an IPv4 address and are as good as it is.
    (v6([0, 0, 0, 0, 0, 0xffff, 0, 0], 96), Public),
    (v6([0, 0, 0, 0, 0xffff, 0, 0, 0], 96), Public),
    (v6([0, 0, 0, 0, 0, 0, 0, 0], 96), Public),
    (v6([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96), Public),
    // Global unicast; nothing outside it is handed out.
    (v6([0x2000, 0, 0, 0, 0, 0, 0, 0], 3), Public),
    (v6([0, 0, 0, 0, 0, 0, 0, 0], 0), RESERVED),
];

const fn v4(octets: [u8; 4], prefix: u8) -> IpNet {
    IpNet::new_assert(IpAddr::V4(Ipv4Addr::from_octets(octets)), prefix)
}

const fn v6(segments: [u16; 8], prefix: u8) -> IpNet {
    IpNet::new_assert(IpAddr::V6(Ipv6Addr::from_segments(segments)), prefix)
}

/// What one address is, its embedded addresses left aside.
pub(crate) fn class(address: IpAddr) -> Class {
    // The table ends with a default for each family; what it would not know is refused.
    TABLE.iter().find(|(range, _)| range.contains(&address)).map_or(RESERVED, |(_, class)| *class)
}

/// The address itself, then every IPv4 address that it could be unwrapped to.
pub(crate) fn readings(address: IpAddr) -> impl Iterator<Item = IpAddr> {
    let embedded = match address {
        IpAddr::V4(_) => [None; 3],
        IpAddr::V6(address) => embedded(address),
    };
    std::iter::once(address).chain(embedded.into_iter().flatten().map(IpAddr::V4))
}

fn embedded(address: Ipv6Addr) -> [Option<Ipv4Addr>; 3] {
    let segments = address.segments();
    let (by_prefix, teredo_client) = match segments {
        // `::` and `::1` are addresses of their own.
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => (None, None),
        // Compatible, mapped, translated, NAT64, 6to4.
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => (Some(ipv4(high, low)), None),
        // Teredo: the server as it is, the client inverted.
        [0x2001, 0, high, low, _, _, client_high, client_low] => {
            (Some(ipv4(high, low)), Some(ipv4(!client_high, !client_low)))
        }
        _ => (None, None),
    };
    let isatap = match segments {
        // The two masked bits say "universal" and "group".
        [_, _, _, _, flags, 0x5efe, high, low] if flags & !0x0300 == 0 => Some(ipv4(high, low)),
        _ => None,
    };
    [by_prefix, teredo_client, isatap]
}

fn ipv4(high: u16, low: u16) -> Ipv4Addr {
    let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
    Ipv4Addr::new(a, b, c, d)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class_of(text: &str) -> Class {
        class(text.parse().unwrap())
    }

    #[test]
    fn ranges_are_told_apart_at_their_edges() {
        for (address, expected) in [
            ("0.255.255.255", UNSPECIFIED),
            ("1.0.0.0", Public),
            ("9.255.255.255", Public),
            ("10.0.0.0", PRIVATE),
            ("100.100.100.200", METADATA),
            ("100.127.255.255", Private("a carrier-grade NAT address")),
            ("100.128.0.0", Public),
            ("169.253.255.255", Public),
            ("169.254.170.2", LINK_LOCAL),
            ("172.31.255.255", PRIVATE),
            ("172.32.0.0", Public),
            ("192.0.0.192", METADATA),
            ("192.0.0.191", RESERVED),
            ("239.255.255.255", MULTICAST),
            ("255.255.255.255", Never("a reserved or broadcast address")),
            ("::", UNSPECIFIED),
            ("::1", LOOPBACK),
            ("febf::1", LINK_LOCAL),
            ("fd00:ec2::254", METADATA),
            ("fd00:ec3::254", PRIVATE),
            ("64:ff9b:1:ffff::1", Never("a local NAT64 address")),
            ("2001:1ff::1", RESERVED),
            ("2001:200::1", Public),
            ("2001:db8::1", DOCUMENTATION),
            ("2600:1f18::1", Public),
            ("4000::1", RESERVED),
        ] {
            assert_eq!(class_of(address), expected, "{address}");
        }
    }

    #[test]
    fn every_wrapping_shows_the_address_inside() {
        let inside: IpAddr = "169.254.169.254".parse().unwrap();
        for wrapped in [
            "::a9fe:a9fe",
            "::ffff:169.254.169.254",
            "::ffff:0:169.254.169.254",
            "64:ff9b::169.254.169.254",
            "2002:a9fe:a9fe::1",
            "2001:0:a9fe:a9fe::1",
            "2001:0:808:808:0:0:5601:5601",
            "2600:1f18::5efe:169.254.169.254",
            "2600:1f18::200:5efe:169.254.169.254",
            "2002:808:808::5efe:169.254.169.254",
        ] {
            assert!(readings(wrapped.parse().unwrap()).any(|reading| reading == inside), "{wrapped}");
        }
    }

    #[test]
    fn an_ordinary_address_has_one_reading() {
        // The last one only looks like an address of ISATAP: its identifier has other bits set.
        for address in ["8.8.8.8", "2600:1f18::1", "::", "::1", "2600:1f18::400:5efe:169.254.169.254"] {
            assert_eq!(readings(address.parse().unwrap()).count(), 1, "{address}");
        }
    }
}
