//! Whether a session that serves several calls may be dead without a sign: the machine was frozen, or a gateway in
//! between forgot it.

use model::clock::Moment;

/// How long a session may be idle before it is doubted.
const AFTER_MS: u64 = 5_000;

/// Whether one that was last used at `last_used` may be dead.
pub(crate) fn is_doubtful(last_used: Moment, now: Moment) -> bool {
    // A freeze stops the process's own time, a correction the wall's.
    let wall = now.wall.duration_since(last_used.wall).as_millis();
    let ticks = now.millis_since(last_used);
    wall < 0 || wall > i128::from(AFTER_MS) || ticks > AFTER_MS
}
