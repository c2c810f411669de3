//! One governed query.

use connectors::{ConnectorError, Rows};
use model::policy::Route;

use crate::{
    Runtime,
    call::{Call, CallLog, Taken},
    error::CallError,
    instance::Instance,
    policy_info::PolicyInfo,
};

/// An answered query.
#[derive(Debug)]
pub struct QueryAnswer {
    /// The rows.
    pub rows: Rows,
    /// What governance did.
    pub policy_info: PolicyInfo,
    /// What the log says of it.
    pub log: CallLog,
}

impl Runtime {
    /// Answers one query.
    pub async fn query(&self, call: Call<'_>) -> Result<QueryAnswer, CallError> {
        let taken = self.take(&call, Some(Route::Query)).await;
        let taken = self.reported_unless_taken(&call, taken).await?;
        let instance = &taken.instance;
        let kind = instance.configured.record.connector_type;
        let judged_and_asked = async {
            let governed = self.govern(&call, Route::Query, kind, &instance.policy, taken.deadline).await?;
            let rows = self.rows(&call, &taken).await?;
            let policy_info = PolicyInfo::passed(&rows, governed);
            Ok(QueryAnswer { rows, policy_info, log: taken.log })
        };
        self.reporting(call.tenant, judged_and_asked).await
    }

    async fn rows(&self, call: &Call<'_>, taken: &Taken) -> Result<Rows, CallError> {
        match self.read(call, &taken.instance, taken).await {
            Ok(rows) => Ok(rows),
            Err(error) => {
                let fresh = self.healed(call, taken, error).await?;
                Ok(self.read(call, &fresh, taken).await?)
            }
        }
    }

    async fn read(
        &self,
        call: &Call<'_>,
        instance: &Instance,
        taken: &Taken,
    ) -> Result<Rows, ConnectorError> {
        self.asked(call, instance, instance.connector()?.query(call.request, taken.deadline)).await
    }
}
