//! Nothing that signs anybody in, and no ARN, is in any listing.

use end_to_end::World;
use serde_json::json;

use crate::support::Desk;

#[tokio::test]
async fn no_listing_and_no_message_holds_a_secret() {
    let world = World::saas().await;
    let desk = Desk::at(&world);
    let arn = world.create_secret("axonflow/c4n4ry", "tenant-a", &end_to_end::secret("c4n4ry")).await;
    let body = json!({"connector_name": "own", "connector_type": "slack", "credentials_secret_arn": arn});
    world.create(&body).await;
    let change = json!({"description": "other"});
    world.portal("PUT", "/api/v1/connectors/own").json(&change).send().await.expect(200);
    let token = desk.done("session create --tenant tenant-a --user ann --role editor").await;
    let issue = "license issue --key issuer.pem --subject s --tenant tenant-a --scope query";
    let license = desk.done(issue).await;
    desk.done(&format!("license revoke {license}")).await;

    let key = std::fs::read_to_string(desk.path("issuer.pem")).unwrap();
    let key = key.lines().nth(1).unwrap();
    let canaries = [
        "c4n4ry",
        arn.as_str(),
        token.as_str(),
        license.as_str(),
        key,
        desk.variable("SESSION"),
        desk.variable("LICENSE"),
    ];
    for line in [
        "session list",
        "session list --output json",
        "license revoked",
        "license revoked --output json",
        "audit list",
        "audit list --output json",
        "audit list --tenant tenant-a --output json",
        "connector list",
        "connector list --output json",
        "connector show own",
        "connector show own --output json",
        "session create --help",
        "connector list --help",
        "license inspect --help",
        "keys generate --private issuer.pem --public keys.json",
        "license revoke already",
        "session revoke --user ann",
    ] {
        let ended = desk.run(line).await;
        assert!(!ended.stdout.is_empty() || !ended.stderr.is_empty(), "{line}");
        for canary in canaries {
            let told = ended.stdout.contains(canary) || ended.stderr.contains(canary);
            assert!(!told, "{line}: {ended:?}");
        }
    }
}
