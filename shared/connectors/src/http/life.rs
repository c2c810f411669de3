//! How old something is that is kept between calls. One of the two clocks stands still while a container is frozen,
//! and the other can be set, so that the older age counts.

use std::time::Duration;

use model::clock::Moment;

/// Whether less than `life` has passed since `since`.
pub(crate) fn lasts(since: Moment, now: Moment, life: Duration) -> bool {
    let ticks = now.ticks.saturating_duration_since(since.ticks);
    // A wall clock that was set back says nothing.
    let wall = Duration::try_from(now.wall.duration_since(since.wall)).unwrap_or_default();
    ticks < life && wall < life
}
