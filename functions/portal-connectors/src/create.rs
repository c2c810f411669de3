//! `POST /api/v1/connectors`

use api::document::portal::{Always, InSession, NewName, Unsafe, WithBody};
use api::{Answer, Call, body, routes::CONNECTORS, session_auth};
use model::{
    draft::Draft, ids::TenantId, problem::Problem, record::RecordView, rules::DeploymentMode,
    session::Session,
};
use store::Write;

use crate::{App, record_answer};

/// Create a connector.
///
/// The record is stored at once and used by the very next call of an agent. Nothing is contacted: test it with
/// `testConnector`. The body is checked whole, and a 422 names every fault of it.
#[utoipa::path(
    post,
    path = CONNECTORS,
    operation_id = "createConnector",
    tag = "connectors",
    security(("session" = [])),
    request_body(content = Draft, description = "The connector.", examples(
        ("snowflake" = (summary = "A Snowflake account", value = json!({
            "connector_name": "finance-snowflake",
            "connector_type": "snowflake",
            "display_name": "Finance Snowflake",
            "connection_url": "finance-org.us-east-1.snowflakecomputing.com",
            "options": {"warehouse": "ANALYTICS_WH", "database": "FINANCE", "schema": "PUBLIC", "role": "ANALYST"},
            "credentials_secret_arn": "arn:aws:secretsmanager:us-east-1:123456789012:secret:axonflow/finance/snowflake"
        }))),
        ("custom" = (summary = "An HTTP service that speaks JSON", value = json!({
            "connector_name": "crm",
            "connector_type": "custom",
            "connection_url": "https://crm.example.com/api/v2",
            "options": {"auth_type": "bearer", "data_path": "/data"},
            "credentials_secret_arn": "arn:aws:secretsmanager:us-east-1:123456789012:secret:axonflow/tenant-a/crm"
        }))),
        ("amadeus" = (summary = "A vendor whose host is known", value = json!({
            "connector_name": "travel-search",
            "connector_type": "amadeus",
            "options": {"environment": "production"}
        })))
    )),
    responses(
        (
            status = 201,
            description = "The connector as it was stored.",
            body = RecordView<'static>,
            headers(
                ("location" = String, description = "The connector's path."),
                ("etag" = String, description = "The record's version and number of tests."),
                ("x-request-id" = String, description = "Finds the request in every log.")
            ),
            links(
                ("get" = (operation_id = "getConnector", parameters(
                    ("connectorName" = "$response.body#/connector_name"),
                    ("tenant_id" = "$response.body#/tenant_id")
                ))),
                ("update" = (operation_id = "updateConnector", parameters(
                    ("connectorName" = "$response.body#/connector_name"),
                    ("tenant_id" = "$response.body#/tenant_id")
                ))),
                ("delete" = (operation_id = "deleteConnector", parameters(
                    ("connectorName" = "$response.body#/connector_name"),
                    ("tenant_id" = "$response.body#/tenant_id")
                ))),
                ("test" = (operation_id = "testConnector", parameters(
                    ("connectorName" = "$response.body#/connector_name"),
                    ("tenant_id" = "$response.body#/tenant_id")
                )))
            )
        ),
        InSession, Unsafe, NewName, WithBody, Always
    )
)]
pub(crate) async fn create(app: &App, call: &Call, session: &Session) -> Result<Answer, Problem> {
    let value = body::required(call, body::PORTAL_LIMIT)?;
    let draft = Draft::parse(&value, &app.rules).map_err(Problem::invalid)?;
    let tenant = tenant(app, call, session, &draft)?;
    let record = draft.into_record(tenant, app.entropy.uuid(), call.started.millis());
    let actor = session_auth::actor(call, session);
    match app.connectors.create(&record, &actor, call.deadline).await? {
        Write::Refused => Err(taken(record.connector_name.as_str())),
        Write::Stored => {
            let (tenant, name) = (&record.tenant_id, &record.connector_name);
            let narrowed =
                if *tenant == session.tenant_id { String::new() } else { format!("?tenant_id={tenant}") };
            let location = format!("{CONNECTORS}/{name}{narrowed}");
            Ok(record_answer(201, &record)?.with_header("location", location))
        }
    }
}

/// The tenant that body or query names where the mode permits it, else the session's. A tenant that is named and
/// not meant must not be overlooked: the record would be another's.
fn tenant(app: &App, call: &Call, session: &Session, draft: &Draft) -> Result<TenantId, Problem> {
    let in_body = draft.tenant_id.clone();
    let Some(in_query) = call.tenant_parameter()? else {
        return Ok(in_body.unwrap_or_else(|| session.tenant_id.clone()));
    };
    let foreign = app.rules.mode == DeploymentMode::Saas && in_query != session.tenant_id;
    if foreign || in_body.is_some_and(|in_body| in_body != in_query) {
        let detail =
            "The query parameter tenant_id names another tenant than the one that the record is for.";
        return Err(Problem::bad_request(detail));
    }
    Ok(in_query)
}

/// 409: the tenant has a connector of this name.
fn taken(name: &str) -> Problem {
    let detail =
        format!("The tenant already has a connector named {name}. Update it with PUT, or take another name.");
    Problem::new(409, "name-taken", "Connector name taken", detail)
}
