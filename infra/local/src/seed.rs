//! What a fresh stack holds: a session for each of two tenants, and for each the demo upstream as a connector
//! with its secret. Seeding again changes only what would not work otherwise.

use std::{net::SocketAddr, time::Duration};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use boot::Boot;
use model::{
    audit::Actor,
    deadline::Deadline,
    draft::Draft,
    ids::TenantId,
    patch::Patch,
    session::{Role, Session},
};
use serde_json::{Value, json};
use store::{ConnectorReader, ConnectorWriter, Dynamo, SessionWriter, StoreError, TENANT_TAG};

use crate::{identity::Identity, identity::TENANTS, secrets_manager::SecretsManager};

/// The demo connector's name.
pub const DEMO: &str = "demo-crm";

/// The name of a secret of a tenant's connector, as the README's walk names its own too.
pub fn secret_name(tenant: &str, connector: &str) -> String {
    format!("axonflow/{tenant}/{connector}")
}

/// Stores the sessions, beginning now.
pub async fn sessions(boot: &Boot, identity: &Identity) -> Result<(), StoreError> {
    let now = boot.clock.now().epoch_seconds();
    let store = boot.dynamo();
    for (tenant_id, token) in identity.sessions() {
        let user = format!("editor@{tenant_id}");
        let token_hash = token.hash();
        let session =
            Session { token_hash, tenant_id, user, role: Role::Editor, created_at: now, last_seen_at: now };
        store.put(&session, soon(boot)).await?;
    }
    Ok(())
}

/// Creates the demo connectors and their secrets, where they are missing.
pub async fn demo_connectors(boot: &Boot, secrets: &SecretsManager, demo: SocketAddr) -> Result<(), String> {
    let store = boot.dynamo();
    for tenant in TENANTS {
        let arn = demo_secret(boot, secrets, tenant)?;
        let tenant = TenantId::parse(tenant).map_err(|error| error.to_string())?;
        demo_connector(boot, &store, tenant, &arn, demo).await?;
    }
    Ok(())
}

/// The ARN of a tenant's demo secret, which is created with a random token where there is none.
fn demo_secret(boot: &Boot, secrets: &SecretsManager, tenant: &str) -> Result<String, String> {
    let name = secret_name(tenant, DEMO);
    let describe = secrets.call("DescribeSecret", json!({"SecretId": name}).to_string().as_bytes());
    let reply = if describe.status == 200 {
        describe
    } else {
        let mut token = [0; 24];
        boot.entropy.fill(&mut token);
        let value = json!({"token": BASE64_URL_SAFE_NO_PAD.encode(token)}).to_string();
        let create = json!({
            "Name": name, "SecretString": value, "ClientRequestToken": boot.entropy.uuid().to_string(),
            "Tags": [{"Key": TENANT_TAG, "Value": tenant}],
        });
        secrets.call("CreateSecret", create.to_string().as_bytes())
    };
    reply
        .body
        .get("ARN")
        .and_then(Value::as_str)
        .map(str::to_owned)
        .ok_or_else(|| format!("no secret {name}"))
}

async fn demo_connector(
    boot: &Boot,
    store: &Dynamo,
    tenant: TenantId,
    arn: &str,
    demo: SocketAddr,
) -> Result<(), String> {
    let url = format!("http://{demo}");
    // The demo upstream is on loopback whatever the deployment's own list says.
    let mut rules = boot.settings.portal_rules();
    rules.allow = "127.0.0.1".parse().unwrap_or_default();
    let actor = Actor { who: "local-stack".to_owned(), request_id: "seed".to_owned() };
    let body = json!({
        "connector_name": DEMO, "connector_type": "custom", "display_name": "Demo CRM (sample data)",
        "description": "A small CRM on this machine with made-up records, to try queries on.",
        "connection_url": url, "options": {"auth_type": "bearer", "data_path": "/data"},
        "credentials_secret_arn": arn,
    });
    let draft = Draft::parse(&body, &rules).map_err(|faults| format!("{faults:?}"))?;
    let now = boot.clock.now().millis();
    let record = draft.into_record(tenant, boot.entropy.uuid(), now);
    let stored = store.get(&record.tenant_id, &record.connector_name, soon(boot)).await;
    let outcome = match stored.map_err(|error| error.to_string())? {
        None => store.create(&record, &actor, soon(boot)).await,
        // The port may be another than last time.
        Some(before) if before.connection_url != record.connection_url => {
            let change = json!({"connection_url": url});
            let patch = Patch::parse(&change, &before, &rules).map_err(|faults| format!("{faults:?}"))?;
            store.update(&before, &patch.apply(&before, now), &actor, soon(boot)).await
        }
        Some(_) => return Ok(()),
    };
    outcome.map(|_| ()).map_err(|error| error.to_string())
}

fn soon(boot: &Boot) -> Deadline {
    Deadline::after(boot.clock.now(), Duration::from_secs(10))
}
