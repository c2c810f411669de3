//! Several credentials in one request: it is answered as one of them alone would be, always the same one, and never
//! with what only the two together could reach.

use api::Host;
use base64::{Engine, prelude::BASE64_STANDARD};
use end_to_end::Call;
use model::rules::DeploymentMode;

use crate::{
    alike::told,
    document::Operation,
    known::SignedIn,
    ledger::Ledger,
    requests::Said,
    stage::Stage,
    target::{STRANGER, VICTIM},
};

impl Stage {
    /// A call of the stranger's, from where everything stood at first.
    async fn answer(&self, operation: &Operation, credentials: impl Fn(Call) -> Call) -> String {
        if operation.host == Host::Portal {
            self.restore().await;
        }
        self.settle();
        let reply = credentials(self.unsigned(operation, &Said::new())).send().await;
        let by = format!("{} with a mix", operation.id);
        assert!(reply.status < 500, "{by}: {}", reply.text);
        self.overheard(&by);
        told(&reply, &self.victims)
    }
}

#[tokio::test]
async fn of_several_credentials_one_counts_as_if_it_were_alone() {
    let stage = Stage::set(DeploymentMode::Saas).await;
    let (session, license) = (stage.session.as_str(), stage.license.as_str());
    let (their_session, their_license) = (stage.victims.session.as_str(), stage.victims.license.as_str());
    let basic =
        |tenant: &str, key: &str| format!("Basic {}", BASE64_STANDARD.encode(format!("{tenant}:{key}")));
    let all = stage.world.stack.identity.license("*").to_owned();
    let before = Ledger::read(&stage.world, &stage.theirs).await;
    for (operation, known) in &stage.operations {
        match known.signed_in {
            SignedIn::Anybody => {}
            SignedIn::Session => {
                let alone = stage.answer(operation, |call| call.session(session)).await;
                let nobody = stage.answer(operation, |call| call).await;
                assert!(alone.starts_with('2') && nobody.starts_with("401"), "{alone} {nobody}");
                for license in [their_license, &all] {
                    let mixed = stage
                        .answer(operation, |call| call.session(session).header("x-license-key", license));
                    assert_eq!(mixed.await, alone, "{}", operation.id);
                    let header = basic(VICTIM, license);
                    let mixed = stage
                        .answer(operation, |call| call.session(session).header("authorization", &header));
                    assert_eq!(mixed.await, alone, "{}", operation.id);
                    let instead = stage.answer(operation, |call| call.header("x-license-key", license));
                    assert_eq!(instead.await, nobody, "{}", operation.id);
                }
                let two = stage.answer(operation, |call| call.session(session).session(their_session));
                assert_eq!(two.await, alone, "{}", operation.id);
            }
            SignedIn::License(_) => {
                let alone = stage.answer(operation, |call| call.header("x-license-key", license)).await;
                let nobody = stage.answer(operation, |call| call).await;
                assert!(nobody.starts_with("401"), "{nobody}");
                let instead = stage.answer(operation, |call| call.session(their_session));
                assert_eq!(instead.await, nobody, "{}", operation.id);
                for header in
                    [basic(VICTIM, their_license), basic(VICTIM, &all), basic(STRANGER, their_license)]
                {
                    let mixed = stage.answer(operation, |call| {
                        let call = call.header("x-license-key", license).header("authorization", &header);
                        call.session(their_session)
                    });
                    assert_eq!(mixed.await, alone, "{}", operation.id);
                }
                // Two keys in one header are none.
                let two = stage.answer(operation, |call| {
                    call.header("x-license-key", license).header("x-license-key", their_license)
                });
                assert!(two.await.starts_with("401"), "{}", operation.id);
            }
        }
    }
    before.unchanged(&Ledger::read(&stage.world, &stage.theirs).await, "a mix of credentials");
}
