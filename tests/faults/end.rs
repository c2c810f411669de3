//! What must be true when all is over: nothing is left in doubt.

use crate::{
    books::Books,
    case::Case,
    steps::{CONTAINERS, Kind, NAMES, Op, Slot, TENANTS},
};

impl Case<'_> {
    /// Looks at everything once more, undisturbed: by the portal, by each container, and in the tables.
    pub(crate) async fn end(&mut self) -> Result<(), String> {
        self.sign_in().await;
        let mut looks: Vec<Op> = (0..TENANTS).map(Op::List).collect();
        for slot in Slot::all() {
            looks.push(Op::Read(slot));
            looks.extend((0..CONTAINERS).map(|by| Op::Query(slot, by, Kind::Plain)));
        }
        // A failure is remembered for a moment.
        self.rig.clock.forward(crate::case::REMEMBERED);
        for look in looks {
            let (begun, sent) = (self.now(), self.sent(&look));
            let heard = self.send(&sent, false).await?;
            self.judge(begun, &[(sent, heard)], false)?;
        }
        for tenant in 0..TENANTS {
            let id = &self.tenants[tenant].id;
            let audited = self.books.audit(&self.rig.world, id).await?;
            for (index, name) in NAMES.into_iter().enumerate() {
                let slot = Slot { tenant, name: index };
                let happened = audited.happened.get(&slot.index()).cloned().unwrap_or_default();
                let possible = &self.known[slot.index()].possible;
                if !possible.iter().any(|world| world.happened == happened) {
                    return Err(format!(
                        "{slot:?}: the audit says that {happened:?} happened, not {possible:?}"
                    ));
                }
                let changes = audited.changes.get(name).copied().unwrap_or_default();
                let counter = Books::generation(&self.rig.world, id, name).await;
                let refreshed = self.books.refreshed.contains(&slot.index());
                if counter < changes || (counter > changes && !refreshed) {
                    return Err(format!("{slot:?}: {changes} changes, and the counter stands at {counter}"));
                }
            }
        }
        Ok(())
    }
}
