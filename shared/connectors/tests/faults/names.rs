//! Names that are not answered, or not known.

use std::time::Duration;

use connectors::{ConnectorError, Stage};
use egress::EgressError;
use model::connector_type::ConnectorType;
use test_servers::misbehaving::Fault;

use crate::expected::writes;
use crate::upstreams::{Call, Naming, World, speaks_http};

#[tokio::test]
async fn a_name_that_fails_is_told_from_a_server_that_does() {
    for kind in ConnectorType::ALL.into_iter().filter(|kind| speaks_http(*kind)) {
        let world = World::start(kind, false).await;
        for call in Call::ALL {
            for (naming, within) in [(Naming::Unknown, 20_000), (Naming::Unanswered, 300)] {
                world.ask(call, Duration::from_secs(20)).await.unwrap();
                // Without a connection that is there already; the name is then asked for.
                world.server.misbehave(Fault::Refused, |_| true).await;
                world.server.behave().await;
                world.names.answer(naming);
                let error = world.ask(call, Duration::from_millis(within)).await.unwrap_err();
                let told = match (&error, naming) {
                    (
                        ConnectorError::Egress(EgressError::NameResolution { .. })
                        | ConnectorError::Unreached { error: EgressError::NameResolution { .. }, .. },
                        Naming::Unknown,
                    ) => error.stage() == Stage::NameResolution,
                    (
                        ConnectorError::Egress(EgressError::Deadline { .. })
                        | ConnectorError::Unreached { error: EgressError::Deadline { .. }, .. },
                        Naming::Unanswered,
                    ) => true,
                    // Of a write that was not answered nobody knows where its time was spent.
                    (ConnectorError::OutcomeUnknown(_), Naming::Unanswered) => {
                        call == Call::Execute && writes(kind)
                    }
                    _ => false,
                };
                assert!(told, "{kind:?} {call:?} {naming:?}: {error:?}");
                world.names.answer(Naming::Known);
            }
        }
    }
}
