//! Addresses near every edge, in every wrapping, behind names and alone.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use properties::egress_rules::check;
use proptest::prelude::*;

use crate::config;

/// Around the first and the last address of what is not everybody's.
fn v4() -> impl Strategy<Value = Ipv4Addr> {
    let edges = [
        "0.0.0.0",
        "10.0.0.0",
        "11.0.0.0",
        "100.64.0.0",
        "100.100.100.200",
        "100.128.0.0",
        "127.0.0.1",
        "128.0.0.0",
        "168.63.129.16",
        "169.254.0.0",
        "169.254.169.254",
        "169.255.0.0",
        "172.16.0.0",
        "172.32.0.0",
        "192.0.0.0",
        "192.0.0.192",
        "192.0.1.0",
        "192.0.2.0",
        "192.88.99.0",
        "192.168.0.0",
        "192.169.0.0",
        "198.18.0.0",
        "198.20.0.0",
        "198.51.100.0",
        "203.0.113.0",
        "224.0.0.0",
        "240.0.0.0",
        "255.255.255.255",
    ];
    let near = (prop::sample::select(edges.to_vec()), -2_i32..3).prop_map(|(edge, step)| {
        let edge: Ipv4Addr = edge.parse().unwrap();
        Ipv4Addr::from_bits(edge.to_bits().wrapping_add_signed(step))
    });
    prop_oneof![3 => near, 1 => any::<u32>().prop_map(Ipv4Addr::from_bits)]
}

fn v6() -> impl Strategy<Value = Ipv6Addr> {
    let edges = [
        "::",
        "::1",
        "::2",
        "64:ff9b::",
        "64:ff9b:1::",
        "64:ff9b:2::",
        "100::",
        "2000::",
        "2001::",
        "2001:200::",
        "2001:db8::",
        "2001:db9::",
        "2002::",
        "3fff::",
        "3fff:1000::",
        "4000::",
        "5f00::",
        "fc00::",
        "fd00:ec2::254",
        "fd00:42::42",
        "fd00:c1::a9fe:a9fe",
        "fd20:ce::254",
        "fe80::",
        "fec0::",
        "ff00::",
    ];
    let near = (prop::sample::select(edges.to_vec()), -2_i128..3).prop_map(|(edge, step)| {
        let edge: Ipv6Addr = edge.parse().unwrap();
        Ipv6Addr::from_bits(edge.to_bits().wrapping_add_signed(step))
    });
    let wrapped = (v4(), 0_usize..8, any::<[u16; 4]>()).prop_map(|(v4, way, rest)| wrap(v4, way, rest));
    prop_oneof![2 => near, 3 => wrapped, 1 => any::<u128>().prop_map(Ipv6Addr::from_bits)]
}

fn wrap(v4: Ipv4Addr, way: usize, rest: [u16; 4]) -> Ipv6Addr {
    let bits = v4.to_bits();
    let (high, low) = ((bits >> 16) as u16, (bits & 0xffff) as u16);
    let [a, b, c, d] = rest;
    Ipv6Addr::from_segments(match way {
        0 => [0, 0, 0, 0, 0, 0, high, low],
        1 => [0, 0, 0, 0, 0, 0xffff, high, low],
        2 => [0, 0, 0, 0, 0xffff, 0, high, low],
        3 => [0x64, 0xff9b, 0, 0, 0, 0, high, low],
        4 => [0x2002, high, low, a, b, c, d, 1],
        5 => [0x2001, 0, high, low, a, b, 0xf7f7, 0xf7f7],
        6 => [0x2001, 0, 0x0808, 0x0808, a, b, !high, !low],
        _ => [0x2600, a, b, c, 0, 0x5efe, high, low],
    })
}

fn address() -> impl Strategy<Value = IpAddr> {
    prop_oneof![v4().prop_map(IpAddr::V4), v6().prop_map(IpAddr::V6)]
}

fn list() -> impl Strategy<Value = String> {
    let network = (address(), 0_u8..=128).prop_map(|(address, prefix)| {
        let widest = if address.is_ipv4() { 32 } else { 128 };
        format!("{address}/{}", prefix % (widest + 1))
    });
    let name = "(\\*\\.)?[A-Za-z]{1,3}(\\.[a-z]{1,3}){0,2}";
    let entry = prop_oneof![network, address().prop_map(|one| one.to_string()), name];
    prop_oneof![Just(String::new()), prop::collection::vec(entry, 1..4).prop_map(|all| all.join(", "))]
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn nothing_is_dialled_that_is_not_everybody_s_or_listed(
        list in list(),
        host in prop_oneof!["[a-z]{1,3}(\\.[a-z]{1,3}){0,2}", address().prop_map(|one| one.to_string())],
        port in prop_oneof![Just(443_u16), Just(9001), any::<u16>()],
        given in prop::collection::vec(address(), 0..4),
    ) {
        let given: Vec<String> = given.iter().map(ToString::to_string).collect();
        check(format!("{list}\n{host} {port}\n{}", given.join("\n")).as_bytes());
    }
}
