//! The texts with a form of their own.

use serde_json::json;

use super::{named, not, text};
use crate::{
    ids::{ConnectorName, RESERVED_NAMES, TenantId},
    secret_arn::SecretArn,
};

named!(
    TenantId,
    "TenantId",
    text("^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$").description(Some("A tenant.")).examples(["tenant-a"])
);

named!(
    ConnectorName,
    "ConnectorName",
    text("^[a-z0-9][a-z0-9_-]{0,62}$")
        .description(Some(
            "A connector within its tenant. `refresh` and `cache` are reserved: they are routes of the agent's API."
        ))
        .extensions(Some(not(json!({ "enum": RESERVED_NAMES }))))
        .examples(["finance-snowflake"])
);

const NUMBER: &str = "-[0-9]{1,2}";
const ACCOUNT_SECRET: &str = ":[0-9]{12}:secret:";

/// The beginning of an ARN, up to the secret's name: each partition has regions of its own.
fn arn_head() -> String {
    let word = "-[a-z]{2,12}";
    format!(
        "^arn:(?:aws:secretsmanager:(?!cn-|us-gov-)[a-z]{{2,12}}(?:{word}){{1,3}}{NUMBER}\
         |aws-cn:secretsmanager:cn(?:{word}){{1,3}}{NUMBER}\
         |aws-us-gov:secretsmanager:us-gov(?:{word}){{0,2}}{NUMBER}){ACCOUNT_SECRET}"
    )
}

named!(
    SecretArn,
    "SecretArn",
    text(format!("{}(?!.*\\.\\.\\.masked$)[A-Za-z0-9/_+=.@-]{{1,519}}$", arn_head()))
        .description(Some(
            "The ARN of the Secrets Manager secret that holds the credentials, in full. A secret of another region \
             is fetched there."
        ))
        .examples(["arn:aws:secretsmanager:us-east-1:123456789012:secret:axonflow/finance/snowflake"])
);

/// An ARN as answers show it.
pub(crate) struct MaskedSecretArn;

named!(
    MaskedSecretArn,
    "MaskedSecretArn",
    text(format!("{}(?:[A-Za-z0-9_+=.@-]*/)?\\.\\.\\.masked$", arn_head()))
        .description(Some(
            "An ARN as answers show it: nothing of the secret's name but its first path segment, where it has a path."
        ))
        .examples(["arn:aws:secretsmanager:us-east-1:123456789012:secret:axonflow/...masked"])
);
