//! License keys are changed without an interruption, with the commands of `infra/README.md`.

use crate::stack::Deployment;

const TENANT: &str = "tenant-keys";

#[tokio::test]
async fn licenses_of_both_keys_are_valid_until_the_old_key_is_taken_out() {
    let Some(deployed) = Deployment::start().await else { return };
    let operator = &deployed.operator;
    let old = operator.license(TENANT);
    operator.run(
        &"keys generate --kid new --private issuer-new.pem --public license-keys.json --append"
            .split(' ')
            .collect::<Vec<_>>(),
    );
    let new = operator.license_by("issuer-new.pem", TENANT);
    let answers = async |license: &str| {
        let call = deployed.agent("GET", "/mcp/connectors").header("x-license-key", license);
        call.send().await.status
    };

    assert_eq!((answers(&old).await, answers(&new).await), (200, 401));
    deployed.update("LicensePublicKeys", &operator.public_keys()).await;
    assert_eq!((answers(&old).await, answers(&new).await), (200, 200));
    operator.run(&["keys", "remove", "old", "--public", "license-keys.json"]);
    deployed.update("LicensePublicKeys", &operator.public_keys()).await;
    assert_eq!((answers(&old).await, answers(&new).await), (401, 200));
}
