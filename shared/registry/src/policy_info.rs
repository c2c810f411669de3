//! What governance did with a call, as the caller sees it.

use connectors::{BYTE_LIMIT, Limit, ROW_LIMIT, Rows};
use model::policy::{MatchedPolicy, RULES, Refusal};
use serde::Serialize;
use utoipa::ToSchema;

/// `policy_info` of an answer or a refusal.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PolicyInfo {
    /// How many rules there are.
    pub policies_evaluated: usize,
    /// Whether one of them refused.
    pub blocked: bool,
    /// Why, with what would be allowed; only where `blocked` is true.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub block_reason: Option<String>,
    /// Always 0: no value is hidden.
    pub redactions_applied: u32,
    /// How long governance took.
    pub processing_time_ms: u64,
    /// The rules that refused.
    pub matched_policies: Vec<MatchedPolicy>,
    /// Whether the answer ran into a hard cap.
    pub exfiltration_check: ExfiltrationCheck,
}

/// Whether an answer ran into a hard cap.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ExfiltrationCheck {
    /// Whether rows were left out for a cap.
    pub exceeded: bool,
    /// Which cap it was.
    pub limit_type: LimitType,
    /// How many rows were given.
    pub rows_returned: usize,
    /// The most rows of an answer.
    pub row_limit: usize,
    /// How many bytes the rows have, as they travel.
    pub bytes_returned: usize,
    /// The most bytes of an answer.
    pub byte_limit: usize,
}

/// A hard cap, or none.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum LimitType {
    Rows,
    Bytes,
    None,
}

impl PolicyInfo {
    /// Of a call that governance let pass.
    pub(crate) fn passed(rows: &Rows, processing_time_ms: u64) -> Self {
        Self::new(None, rows, processing_time_ms)
    }

    /// Of a call that governance refused.
    pub(crate) fn blocked(refusal: &Refusal, processing_time_ms: u64) -> Self {
        Self::new(Some(refusal), &Rows::default(), processing_time_ms)
    }

    fn new(refusal: Option<&Refusal>, rows: &Rows, processing_time_ms: u64) -> Self {
        Self {
            policies_evaluated: RULES,
            blocked: refusal.is_some(),
            block_reason: refusal.map(|refusal| refusal.reason.clone()),
            redactions_applied: 0,
            processing_time_ms,
            matched_policies: refusal.map(|refusal| refusal.policy.clone()).into_iter().collect(),
            exfiltration_check: ExfiltrationCheck {
                exceeded: rows.exceeded().is_some(),
                limit_type: match rows.exceeded() {
                    Some(Limit::Rows) => LimitType::Rows,
                    Some(Limit::Bytes) => LimitType::Bytes,
                    None => LimitType::None,
                },
                rows_returned: rows.items().len(),
                row_limit: ROW_LIMIT,
                bytes_returned: rows.bytes(),
                byte_limit: BYTE_LIMIT,
            },
        }
    }
}
