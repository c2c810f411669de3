//! The command that starts a node on Java 17: its own scripts would say the same.

use std::{ffi::OsString, path::Path};

/// What Cassandra uses of Java beyond what Java exports.
const EXPORTED: &[&str] = &[
    "java.base/jdk.internal.misc",
    "java.base/jdk.internal.ref",
    "java.base/sun.nio.ch",
    "java.management.rmi/com.sun.jmx.remote.internal.rmi",
    "java.rmi/sun.rmi.registry",
    "java.rmi/sun.rmi.server",
    "java.rmi/sun.rmi.transport.tcp",
    "java.sql/java.sql",
    "jdk.attach/sun.tools.attach",
    "jdk.unsupported/sun.misc",
    "jdk.compiler/com.sun.tools.javac.file",
];
/// What it looks into.
const OPENED: &[&str] = &[
    "java.base/java.io",
    "java.base/java.lang",
    "java.base/java.lang.module",
    "java.base/java.lang.reflect",
    "java.base/java.math",
    "java.base/java.net",
    "java.base/java.nio",
    "java.base/java.util",
    "java.base/java.util.concurrent",
    "java.base/java.util.concurrent.atomic",
    "java.base/jdk.internal.loader",
    "java.base/jdk.internal.ref",
    "java.base/jdk.internal.reflect",
    "java.base/jdk.internal.math",
    "java.base/jdk.internal.module",
    "java.base/jdk.internal.util.jar",
    "java.base/sun.nio.ch",
    "jdk.management/com.sun.management.internal",
    "jdk.compiler/com.sun.tools.javac",
];

/// The program and its arguments.
pub(super) fn command(jars: &Path, folder: &Path, number: u8) -> Vec<OsString> {
    // A short life: what is compiled at once is enough, and one thread that collects.
    let mut command: Vec<OsString> =
        ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xms256m", "-Xmx640m"]
            .map(OsString::from)
            .into();
    command.extend(EXPORTED.iter().flat_map(|name| ["--add-exports".into(), unnamed(name)]));
    command.extend(OPENED.iter().flat_map(|name| ["--add-opens".into(), unnamed(name)]));
    // The first finds no other node and need not wait for one; the second must hear of the first.
    let ring_delay = if number == 1 { 1 } else { 10_000 };
    let folder = folder.display();
    let properties = [
        format!("cassandra.config=file://{folder}/cassandra.yaml"),
        format!("cassandra.storagedir={folder}"),
        format!("logback.configurationFile={folder}/logback.xml"),
        format!("java.io.tmpdir={folder}"),
        format!("cassandra.ring_delay_ms={ring_delay}"),
        "cassandra-foreground=yes".to_owned(),
        "cassandra.superuser_setup_delay_ms=0".to_owned(),
        "cassandra.skip_wait_for_gossip_to_settle=0".to_owned(),
        // Passwords are hashed as cheaply as they can be.
        "cassandra.auth_bcrypt_gensalt_log2_rounds=4".to_owned(),
        "jdk.attach.allowAttachSelf=true".to_owned(),
    ];
    command.extend(properties.map(|property| format!("-D{property}").into()));
    command.extend(["-cp".into(), jars.join("*").into_os_string()]);
    command.push("org.apache.cassandra.service.CassandraDaemon".into());
    command
}

fn unnamed(name: &str) -> OsString {
    format!("{name}=ALL-UNNAMED").into()
}
