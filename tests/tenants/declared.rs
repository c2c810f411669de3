//! The lower tiers: a connector that the deployment's file or environment declares for one tenant is nobody else's.

use api::Host;
use model::rules::DeploymentMode;

use crate::{stage::Stage, target::Target};

#[tokio::test]
async fn a_connector_declared_for_another_tenant_is_one_that_does_not_exist() {
    let stage = Stage::set(DeploymentMode::Saas).await;
    // Nothing of the stranger's own lies between the two names: a cursor says where in a list to go on.
    for (declared, nothing) in [("filed", "filee"), ("varied", "varien")] {
        let victims = &stage.victims;
        let victims =
            Target::victims(declared, victims.arn.clone(), victims.session.clone(), victims.license.clone());
        let nobodys = Target::nobodys(&victims, nothing);
        stage.ask(&[Host::Agent], &victims, &nobodys).await;
    }
}
