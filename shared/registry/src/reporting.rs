//! When the counters of a container are written: beside the upstream's part of a call, where they cost nobody time.

use std::{pin::pin, time::Duration};

use model::ids::TenantId;

use crate::{
    Runtime,
    call::{Call, Taken},
    error::CallError,
};

/// The longest that a call waits for its row after the upstream has answered.
const PATIENCE: Duration = Duration::from_millis(20);

impl Runtime {
    /// Does the upstream's part of a call, and beside it writes the tenant's row where one is due. What is not
    /// written soon after the answer is left: it would freeze with the container.
    pub(crate) async fn reporting<T>(&self, tenant: &TenantId, work: impl Future<Output = T>) -> T {
        let cached = || {
            // Instances that nobody asks for any more are not counted, and hold their credentials no longer.
            self.cache.sweep(self.clock.now());
            self.cache.cached(tenant)
        };
        let Some(row) = self.statistics.due(tenant, cached) else { return work.await };
        let (mut work, mut write) = (pin!(work), pin!(self.statistics.write(&row)));
        tokio::select! {
            outcome = &mut work => {
                let _ = tokio::time::timeout(PATIENCE, write).await;
                outcome
            }
            () = &mut write => work.await,
        }
    }

    /// A call that got no instance has no upstream's time to write in: it writes on its way out.
    pub(crate) async fn reported_unless_taken(
        &self,
        call: &Call<'_>,
        taken: Result<Taken, CallError>,
    ) -> Result<Taken, CallError> {
        if taken.is_err() {
            self.reporting(call.tenant, std::future::ready(())).await;
        }
        taken
    }
}
