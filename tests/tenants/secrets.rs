//! Another tenant's secret, named in a record of one's own: it is neither used nor told from one that is not there.

use end_to_end::{Call, Reply};
use model::rules::DeploymentMode;
use serde_json::json;

use crate::{
    alike::told,
    ledger::Ledger,
    stage::{CONNECTORS, Stage},
    target::{STRANGER, Target, VICTIMS_OWN},
};

impl Stage {
    /// Everything that can be done with a record that names a secret, in order.
    async fn theft(&self, target: &Target) -> Vec<String> {
        self.restore().await;
        self.settle();
        let portal = |method: &str, below: &str| {
            Call::new(method, format!("http://{}{CONNECTORS}{below}", self.apis.portal))
                .session(&self.session)
        };
        let agent = |method: &str, path: &str| {
            Call::new(method, format!("http://{}{path}", self.apis.agent))
                .header("x-license-key", &self.license)
        };
        let query = json!({"connector": "theft", "statement": "/"});
        let execute = json!({"connector": "theft", "statement": "/", "action": "POST"});
        let live = json!({"mode": "live"});
        let calls = [
            portal("POST", "").json(&self.own_body("theft", Some(&target.arn))),
            portal("GET", "/theft"),
            portal("POST", "/theft/test").json(&live),
            portal("GET", "/theft"),
            agent("POST", "/mcp/resources/query").json(&query),
            agent("POST", "/mcp/tools/execute").json(&execute),
            agent("GET", "/mcp/connectors/theft/health"),
            agent("GET", "/mcp/connectors?health=true"),
            portal("GET", &format!("?tenant_id={STRANGER}")),
            portal("PUT", "/theft").json(&json!({"credentials_secret_arn": masked(&target.arn)})),
            portal("PUT", "/theft").json(&json!({"credentials_secret_arn": target.arn})),
            portal("DELETE", "/theft"),
        ];
        let mut heard = Vec::new();
        for call in calls {
            let reply: Reply = call.send().await;
            assert!(reply.status < 500 && !reply.text.contains(VICTIMS_OWN), "{}", reply.text);
            heard.push(told(&reply, target));
        }
        self.overheard("a theft");
        heard
    }
}

fn masked(arn: &str) -> String {
    let (head, _) = arn.split_once("axonflow/").unwrap();
    format!("{head}axonflow/...masked")
}

#[tokio::test]
async fn another_tenants_secret_is_as_one_that_does_not_exist() {
    for mode in [DeploymentMode::Saas, DeploymentMode::Invpc] {
        let stage = Stage::set(mode).await;
        let before = Ledger::read(&stage.world, &stage.theirs).await;
        let sent = stage.own.seen().len();
        let foreign = stage.theft(&stage.victims).await;
        let missing = stage.theft(&stage.nobodys).await;
        for (foreign, missing) in foreign.iter().zip(&missing) {
            assert_eq!(foreign, missing, "the left is told of the other tenant's secret");
        }
        assert!(foreign.iter().any(|told| told.contains("secret-missing")), "{foreign:?}");
        assert_eq!(
            stage.own.seen()[sent..].iter().filter(|seen| seen.headers.contains_key("authorization")).count(),
            0
        );
        before.unchanged(&Ledger::read(&stage.world, &stage.theirs).await, "a theft");
    }
}
