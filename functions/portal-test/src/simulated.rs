//! The simulated test: the record exists and is enabled. It contacts nothing and never claims more.

use model::{
    clock::Clock,
    health::{Check, CheckStatus, HealthStatus, TestMode},
    record::ConnectorRecord,
};

use crate::outcome::Outcome;

pub(crate) fn test(record: &ConnectorRecord, clock: &dyn Clock) -> Outcome {
    let started = clock.now();
    let enabled = record.enabled;
    let check =
        |name, status, detail: &str| Check { name, status, duration_ms: 0, detail: detail.to_owned() };
    let checks = vec![
        check("exists", CheckStatus::Passed, "The record exists."),
        if enabled {
            check("enabled", CheckStatus::Passed, "The connector is enabled.")
        } else {
            check(
                "enabled",
                CheckStatus::Failed,
                "The connector is disabled; enable it with PUT {\"enabled\": true}.",
            )
        },
    ];
    let message = if enabled {
        "The record exists and is enabled. A simulated test contacts no upstream: it is no production sign-off."
    } else {
        "The connector is disabled, so nothing was tested."
    };
    let ended = clock.now();
    Outcome {
        connector_name: record.connector_name.clone(),
        mode: TestMode::Simulated,
        success: enabled,
        health_status: if enabled { HealthStatus::Healthy } else { HealthStatus::Unknown },
        message: message.to_owned(),
        checks,
        tested_at: ended.millis(),
        duration_ms: ended.millis_since(started),
    }
}
