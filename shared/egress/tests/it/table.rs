//! Every host that must be refused, as somebody might spell it. HTTP and the raw dialler run through the same table.

/// When a host is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// Always: no list opens it.
    Always,
    /// Because nothing is listed; with everything listed it would answer.
    Unlisted,
}

use When::{Always, Unlisted};

/// A host and when it is refused.
pub(crate) const TABLE: [(&str, When); 104] = [
    // Link-local and metadata addresses, in each way to write an IPv4 address.
    ("169.254.169.254", Always),
    ("169.254.170.2", Always),
    ("169.254.0.1", Always),
    ("169.254.255.255", Always),
    ("2852039166", Always),
    ("0xa9fea9fe", Always),
    ("0xA9.0xFE.0xA9.0xFE", Always),
    ("0251.0376.0251.0376", Always),
    ("025177524776", Always),
    ("0x00000000a9fea9fe", Always),
    ("0xa9.254.0251.254", Always),
    ("169.254.43518", Always),
    ("169.16689662", Always),
    ("169.254.169.254.", Always),
    ("169.254.169.0xfe", Always),
    ("①⑥⑨.②⑤④.①⑥⑨.②⑤④", Always),
    ("１６９.254.169.254", Always),
    ("169。254。169。254", Always),
    ("169.254.169｡254", Always),
    ("%31%36%39.254.169.254", Always),
    ("%31%36%39%2e254%2e169%2e254", Always),
    ("\t169.254.169.254", Always),
    ("169.254.\n169.254", Always),
    ("100.100.100.200", Always),
    ("168.63.129.16", Always),
    ("192.0.0.192", Always),
    // The same inside IPv6.
    ("[::ffff:169.254.169.254]", Always),
    ("[::FFFF:A9FE:A9FE]", Always),
    ("[0:0:0:0:0:ffff:a9fe:a9fe]", Always),
    ("[0000:0000:0000:0000:0000:ffff:a9fe:a9fe]", Always),
    ("[::ffff:0:a9fe:a9fe]", Always),
    ("[::169.254.169.254]", Always),
    ("[::a9fe:a9fe]", Always),
    ("[64:ff9b::169.254.169.254]", Always),
    ("[64:ff9b:1::8.8.8.8]", Always),
    ("[2002:a9fe:a9fe::1]", Always),
    ("[2001:0:a9fe:a9fe::1]", Always),
    ("[2001:0:808:808::5601:5601]", Always),
    ("[2600:1f18::5efe:a9fe:a9fe]", Always),
    ("[2600:1f18::200:5efe:a9fe:a9fe]", Always),
    ("[fe80::1]", Always),
    ("[fe80::1%25eth0]", Always),
    ("[febf::1]", Always),
    ("[fd00:ec2::254]", Always),
    ("[fd00:0ec2:0:0:0:0:0:23]", Always),
    ("[fd20:ce::254]", Always),
    // Unspecified reaches this machine.
    ("0.0.0.0", Always),
    ("0.1.2.3", Always),
    ("0", Always),
    ("0x0", Always),
    ("[::]", Always),
    ("[::ffff:0.0.0.0]", Always),
    // Multicast, broadcast, reserved.
    ("224.0.0.1", Always),
    ("239.255.255.250", Always),
    ("240.0.0.1", Always),
    ("255.255.255.255", Always),
    ("[ff02::1]", Always),
    ("[::ffff:224.0.0.1]", Always),
    // Loopback in a spelling that nobody writes by accident: refused even where loopback is listed.
    ("127.1", Always),
    ("127.0.1", Always),
    ("2130706433", Always),
    ("0x7f000001", Always),
    ("0x7f.1", Always),
    ("0x7f.0.0.1", Always),
    ("0177.0.0.1", Always),
    ("017700000001", Always),
    ("127.0.0.1.", Always),
    ("127.0.0.01", Always),
    ("①②⑦.⓪.⓪.①", Always),
    ("127。0。0。1", Always),
    ("%3127.0.0.1", Always),
    // A user before the host, and what else is no host.
    ("user:password@127.0.0.1", Always),
    ("example.com@127.0.0.1", Always),
    (":@169.254.169.254", Always),
    ("[::1", Always),
    ("127.0.0.1 example.com", Always),
    // Names that a listed name or everything listed does not open.
    ("metadata.test", Always),
    ("both.test", Always),
    ("mapped.test", Always),
    // Loopback and private addresses.
    ("127.0.0.1", Unlisted),
    ("127.255.255.254", Unlisted),
    ("[::1]", Unlisted),
    ("[0:0:0:0:0:0:0:1]", Unlisted),
    ("[::ffff:127.0.0.1]", Unlisted),
    ("[::ffff:7f00:1]", Unlisted),
    ("[::127.0.0.1]", Unlisted),
    ("[64:ff9b::7f00:1]", Unlisted),
    ("[2002:7f00:1::]", Unlisted),
    ("10.0.0.1", Unlisted),
    ("172.16.0.1", Unlisted),
    ("192.168.1.1", Unlisted),
    ("100.64.0.1", Unlisted),
    ("198.18.0.1", Unlisted),
    ("192.0.2.1", Unlisted),
    ("[fc00::1]", Unlisted),
    ("[2001:db8::1]", Unlisted),
    ("[::ffff:10.0.0.1]", Unlisted),
    ("[2600:1f18::5efe:10.0.0.1]", Unlisted),
    ("localhost", Unlisted),
    ("LOCALHOST", Unlisted),
    ("localhost.", Unlisted),
    ("Ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", Unlisted),
    ("10.evil.test", Unlisted),
    ("mixed.test", Unlisted),
];

/// The spellings of a server on this machine that answer once they are listed.
pub(crate) const REACHABLE: [&str; 8] = [
    "127.0.0.1",
    "127.255.255.254",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "Ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
];

/// What the table's names resolve to.
pub(crate) const NAMES: [(&str, &str); 8] = [
    ("localhost", "127.0.0.1 ::1"),
    ("localhost.", "127.0.0.1"),
    ("10.evil.test", "10.0.0.1"),
    ("mixed.test", "8.8.8.8 127.0.0.1"),
    ("metadata.test", "169.254.169.254"),
    ("both.test", "127.0.0.1 169.254.169.254"),
    ("mapped.test", "127.0.0.1 ::ffff:169.254.169.254"),
    ("public.test", "127.0.0.1"),
];

/// Lists all that a list can open.
pub(crate) const EVERYTHING: &str = "0.0.0.0/0,::/0,localhost,example.com,*.test,*.evil.test";
