//! What an address is, by arithmetic on its bytes: a second opinion on the table that the way out has.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether no list opens an address, in any reading of it.
pub(crate) fn never(address: IpAddr) -> bool {
    readings(address).into_iter().any(|one| match one {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            let metadata = [[100, 100, 100, 200], [168, 63, 129, 16], [192, 0, 0, 192]];
            a == 0 || a >= 224 || (a, b) == (169, 254) || metadata.contains(&v4.octets())
        }
        IpAddr::V6(v6) => {
            let s = v6.segments();
            let link_local = s[0] & 0xffc0 == 0xfe80;
            let metadata = (s[0], s[1]) == (0xfd00, 0x0ec2) || named_metadata(s);
            let local_nat64 = (s[0], s[1], s[2]) == (0x64, 0xff9b, 1);
            v6.is_unspecified() || v6.is_multicast() || link_local || metadata || local_nat64
        }
    })
}

/// The single addresses that clouds give themselves.
fn named_metadata(segments: [u16; 8]) -> bool {
    let texts = ["fd20:ce::254", "fd00:c1::a9fe:a9fe", "fd00:42::42"];
    texts.iter().any(|text| text.parse::<Ipv6Addr>().is_ok_and(|one| one.segments() == segments))
}

/// Whether an address by itself is one of the whole world's.
pub(crate) fn public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            let shared = a == 100 && (64..128).contains(&b);
            let kept = matches!((a, b, c), (192, 0, 0) | (192, 88, 99)) || (a == 198 && matches!(b, 18 | 19));
            let local = v4.is_private() || v4.is_loopback() || v4.is_link_local();
            !(never(address) || local || v4.is_documentation() || shared || kept)
        }
        IpAddr::V6(v6) => {
            let s = v6.segments();
            let kept = (s[0] == 0x2001 && (s[1] < 0x200 || s[1] == 0x0db8))
                || s[0] == 0x2002
                || (s[0] == 0x3fff && s[1] < 0x1000);
            !never(address) && (embedded(v6).is_some() || (s[0] & 0xe000 == 0x2000 && !kept))
        }
    }
}

/// The address, and those that it wraps.
pub(crate) fn readings(address: IpAddr) -> Vec<IpAddr> {
    let mut found = vec![address];
    if let IpAddr::V6(v6) = address {
        let o = v6.octets();
        let four = |at: usize| Ipv4Addr::new(o[at], o[at + 1], o[at + 2], o[at + 3]);
        found.extend(embedded(v6).map(IpAddr::V4));
        if o.starts_with(&[0x20, 0x02]) {
            found.push(four(2).into());
        }
        if o.starts_with(&[0x20, 0x01, 0, 0]) {
            found.push(four(4).into());
            found.push(Ipv4Addr::from_bits(!four(12).to_bits()).into());
        }
        if matches!(o[8..12], [0..=3, 0, 0x5e, 0xfe]) {
            found.push(four(12).into());
        }
    }
    found
}

/// The IPv4 address at the end of one that is made of it: compatible, mapped, translated, or by NAT64.
fn embedded(v6: Ipv6Addr) -> Option<Ipv4Addr> {
    let o = v6.octets();
    let zeros = |bytes: &[u8]| bytes.iter().all(|byte| *byte == 0);
    let compatible = zeros(&o[..12]) && !v6.is_unspecified() && !v6.is_loopback();
    let mapped = zeros(&o[..10]) && o[10..12] == [0xff, 0xff];
    let translated = zeros(&o[..8]) && o[8..12] == [0xff, 0xff, 0, 0];
    let nat64 = o[..4] == [0, 0x64, 0xff, 0x9b] && zeros(&o[4..12]);
    (compatible || mapped || translated || nat64).then(|| Ipv4Addr::new(o[12], o[13], o[14], o[15]))
}

/// Whether a list's networks hold an address, bit by bit.
pub(crate) fn in_a_network(list: &str, address: IpAddr) -> bool {
    let (width, wanted) = bits(address);
    list.split(',').map(str::trim).any(|entry| {
        let (network, prefix) = entry.split_once('/').unwrap_or((entry, ""));
        let Ok(network) = network.parse::<IpAddr>() else { return false };
        let (own, network) = bits(network);
        let prefix: u32 = if prefix.is_empty() { own } else { prefix.parse().unwrap_or(u32::MAX) };
        let same = |bit: u32| ((network ^ wanted) >> (own - 1 - bit)) & 1 == 0;
        own == width && prefix <= own && (0..prefix).all(same)
    })
}

fn bits(address: IpAddr) -> (u32, u128) {
    match address {
        IpAddr::V4(v4) => (32, u128::from(v4.to_bits())),
        IpAddr::V6(v6) => (128, v6.to_bits()),
    }
}
