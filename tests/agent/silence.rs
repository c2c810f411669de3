//! No answer, no stored entry and no listing holds a secret: canaries lie in secrets, in inline credentials and in
//! what an upstream repeats, and every route is asked in every way that fails.

use end_to_end::{Call, Told, Upstream, World, canary::SECRET as CANARY};
use serde_json::{Value, json};

use crate::setup::{answer, custom};

const DECLARED: &str = "declared";

#[tokio::test]
async fn no_answer_and_no_stored_item_holds_a_credential_or_an_unmasked_arn() {
    let world = World::saas().await;
    // It repeats what it was sent, as some services do when they refuse it.
    let upstream = Upstream::start(|seen| {
        let sent = seen.headers.get("authorization").map_or("", |value| value.to_str().unwrap());
        let status = seen.target.rsplit('/').next().and_then(|last| last.parse().ok()).unwrap_or(400);
        let mut response = answer(status, json!({"message": format!("you sent {sent}")}).to_string());
        let headers = response.headers_mut();
        headers.insert("location", format!("https://x.example/?{CANARY}").parse().unwrap());
        headers.insert("retry-after", CANARY.parse().unwrap());
        response
    })
    .await;
    let value = json!({"token": CANARY}).to_string();
    let own = world.create_secret("axonflow/tenant-a/own", "tenant-a", &value).await;
    let theirs = world.create_secret("axonflow/theirs", "tenant-b", &value).await;
    let malformed = world.create_secret("axonflow/malformed", "tenant-a", CANARY).await;
    let absent = own.replace("/own-", "/absent-");
    for (name, arn) in [("own", &own), ("theirs", &theirs), ("malformed", &malformed), ("absent", &absent)] {
        let more =
            json!({"options": {"auth_type": "bearer"}, "credentials_secret_arn": arn, "timeout_ms": 2_000});
        world.create(&custom(name, &upstream.url(), &more)).await;
    }
    let file = format!(
        "version: \"1.0\"\nconnectors:\n  {DECLARED}: {{type: custom, enabled: true, connection_url: \"{}\", \
         credentials: {{token: {CANARY}}}, options: {{auth_type: bearer}}}}\n",
        upstream.url()
    );
    let path = world.stack.data_dir.join("tiers.yaml");
    std::fs::write(&path, file).unwrap();
    let told = Told::of("agent-invoke");
    let metrics = told.metrics.clone();
    let agent = world
        .variant(|boot| {
            boot.settings.config_file = Some(path);
            boot.metrics = metrics;
        })
        .await;

    let mut answers = Vec::new();
    for name in ["own", "theirs", "malformed", "absent", DECLARED] {
        for status in [301, 400, 401, 403, 404, 409, 422, 429, 500, 503] {
            let statement = format!("/{status}");
            let query = json!({"connector": name, "statement": statement, "timeout": "2s"});
            answers.push(agent.query(&world, &query).send().await);
            let execute =
                json!({"connector": name, "statement": statement, "action": "POST", "timeout": "2s"});
            answers.push(agent.execute(&world, &execute).send().await);
        }
        let delete = json!({"connector": name, "statement": "/x", "action": "DELETE"});
        answers.push(agent.execute(&world, &delete).send().await.expect(403));
        for path in [format!("/mcp/connectors/{name}/health"), "/mcp/connectors?health=true".to_owned()] {
            answers.push(agent.agent_as(&world, "tenant-a", "GET", &path).send().await.expect(200));
        }
        if name != DECLARED {
            let url = format!("http://{}/api/v1/connectors/{name}/test", agent.portal);
            let test = Call::new("POST", url).session(world.stack.identity.session("tenant-a"));
            answers.push(test.json(&json!({"mode": "live"})).send().await.expect(200));
            answers.push(world.portal("GET", &format!("/api/v1/connectors/{name}")).send().await.expect(200));
        }
    }
    assert!(upstream.seen().iter().any(|seen| seen.headers["authorization"] == format!("Bearer {CANARY}")));
    for answer in &answers {
        let headers = format!("{:?}", answer.headers);
        assert!(!answer.text.contains(CANARY) && !headers.contains(CANARY), "{headers} {}", answer.text);
        for arn in [&own, &theirs, &malformed, &absent] {
            assert!(!answer.text.contains(arn.as_str()), "{}", answer.text);
        }
    }
    // Metrics name no tenant and no connector either.
    let text = told.text();
    assert!(told.totals().len() > 8, "{text}");
    for word in
        [CANARY, "tenant-a", "tenant-b", "own", "theirs", "malformed", "absent", DECLARED, "127.0.0.1"]
    {
        assert!(!text.contains(&format!("\"{word}")) && !text.contains(CANARY), "{word}: {text}");
    }
    for table in ["audit", "cache_stats", "generations", "licenses"] {
        let items = world.dynamo("Scan", &json!({"TableName": table, "ConsistentRead": true})).await;
        let items: Value = items["Items"].clone();
        assert!(!items.to_string().contains(CANARY), "{table}: {items}");
    }
}
