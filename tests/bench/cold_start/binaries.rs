//! The release binaries: where they lie, and what each is first asked.

use std::path::{Path, PathBuf};

/// A function.
pub(crate) struct Subject {
    pub(crate) name: &'static str,
    /// What it answers first: a file of events/.
    pub(crate) event: &'static str,
    /// The most that its binary may weigh, in millions of bytes.
    pub(crate) limit_mb: Option<u32>,
}

/// All of them; the first is what the others are measured against.
pub(crate) const SUBJECTS: [Subject; 6] = [
    Subject { name: "hello", event: "cache-stats.json", limit_mb: None },
    Subject { name: "portal-connectors", event: "portal-connectors-list.json", limit_mb: Some(10) },
    Subject { name: "portal-test", event: "portal-test-simulated.json", limit_mb: Some(16) },
    Subject { name: "agent-refresh", event: "agent-refresh-tenant.json", limit_mb: Some(10) },
    Subject { name: "cache-stats", event: "cache-stats.json", limit_mb: Some(10) },
    Subject { name: "agent-invoke", event: "agent-invoke-query.json", limit_mb: Some(16) },
];

/// A folder that has all of them.
pub(crate) struct Binaries {
    pub(crate) folder: PathBuf,
    /// Whether each lies in a folder of its own, as `cargo lambda build` leaves it.
    packaged: bool,
}

impl Binaries {
    /// What to do where they are not.
    pub(crate) const HOW: &str = "the release binaries are not all there; \
        cargo build --release -p hello -p portal-connectors -p portal-test -p agent-refresh -p cache-stats -p agent-invoke \
        (or the same with `cargo lambda build`)";

    /// The folder whose binaries were built last, of those that have all.
    pub(crate) fn find() -> Option<Self> {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent()?;
        let folders = [("lambda", true), ("release", false)];
        let all = folders.map(|(folder, packaged)| Self { folder: target.join(folder), packaged });
        let built = |binaries: &Self| {
            let built = SUBJECTS.iter().map(|s| binaries.path(s.name).metadata().and_then(|m| m.modified()));
            built.collect::<Result<Vec<_>, _>>().ok()?.into_iter().min()
        };
        all.into_iter().filter(|binaries| built(binaries).is_some()).max_by_key(built)
    }

    /// Where a function's binary is.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        let path = self.folder.join(name);
        if self.packaged { path.join("bootstrap") } else { path }
    }
}
