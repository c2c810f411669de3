//! The walk of the README against the deployment: the same commands, with what an operator has in place of what
//! `cargo run` prints.

use std::{fmt::Write, fs};

use end_to_end::{Walk, World};
use test_servers::ministack::{ACCESS_KEY, ACCOUNT, REGION, SECRET_KEY};

use crate::stack::Deployment;

/// The account whose ARNs the local stack makes.
const LOCAL_ACCOUNT: &str = "000000000000";

#[tokio::test]
async fn the_walk_of_the_readme_answers_as_it_says() {
    if !test_servers::available("curl") {
        return;
    }
    let Some(deployed) = Deployment::shared().await else { return };
    // Its demo CRM is the upstream.
    let world = World::saas().await;
    let folder = tempfile::tempdir().unwrap();
    let files = folder.path().join(".local");
    fs::create_dir(&files).unwrap();
    fs::write(files.join("issuer.pem"), deployed.operator.issuer()).unwrap();
    fs::write(files.join("env"), environment(deployed, &world)).unwrap();

    // The account wants signatures. The CRM hears of a new token from whoever stores it.
    let unsigned =
        r#"secrets() { curl -s "$AWS_ENDPOINT_URL" -H "X-Amz-Target: secretsmanager.$1" -d "$2"; }"#;
    let signed = format!(
        r#"secrets() {{
  command curl -sS -o /dev/null "$CRM_SECRETS" -H "X-Amz-Target: secretsmanager.$1" -d "$2"
  curl -s "$AWS_ENDPOINT_URL" --aws-sigv4 aws:amz:{REGION}:secretsmanager --user {ACCESS_KEY}:{SECRET_KEY} -H 'Content-Type: application/x-amz-json-1.1' -H "X-Amz-Target: secretsmanager.$1" -d "$2"
}}"#
    );
    let walk = Walk::read().replace(unsigned, &signed).replace(LOCAL_ACCOUNT, ACCOUNT);
    // Not every resolver knows that names below localhost are this machine.
    let flags = ["PortalUrl", "AgentUrl"].map(|api| format!("--resolve {}:127.0.0.1", deployed.host(api)));
    // Twice: the walk says that it can be repeated.
    for _ in 0..2 {
        let (pasted, path, flags) = (walk.clone(), folder.path().to_owned(), flags.join(" "));
        // Off this thread, which the CRM needs.
        let output = tokio::task::spawn_blocking(move || pasted.run(&path, &flags)).await.unwrap();
        walk.check(&output);
    }
}

/// `.local/env` of the deployment.
fn environment(deployed: &Deployment, world: &World) -> String {
    let operator = &deployed.operator;
    let mut variables = operator.environment().to_vec();
    variables.extend([
        ("PORTAL", format!("http://{}", deployed.host("PortalUrl"))),
        ("AGENT", format!("http://{}", deployed.host("AgentUrl"))),
        ("DEMO", format!("http://{}", world.stack.demo)),
        ("CRM_SECRETS", format!("http://{}", world.stack.aws)),
        ("SESSION", operator.session("tenant-a")),
        ("LICENSE", operator.license("tenant-a")),
        ("LICENSE_B", operator.license("tenant-b")),
        ("LICENSE_ADMIN", operator.license("*")),
    ]);
    variables.iter().fold(String::new(), |mut text, (name, value)| {
        let _ = writeln!(text, "export {name}='{value}'");
        text
    })
}
