//! What governance did with a call, as the caller sees it.

use connectors::{BYTE_LIMIT, Limit, ROW_LIMIT, Rows};
use model::policy::{MatchedPolicy, RULES, Refusal};
use serde::Serialize;

/// `policy_info` of an answer or a refusal.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are those of the API's document")]
pub struct PolicyInfo {
    pub policies_evaluated: usize,
    pub blocked: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block_reason: Option<String>,
    pub redactions_applied: u32,
    pub processing_time_ms: u64,
    pub matched_policies: Vec<MatchedPolicy>,
    pub exfiltration_check: ExfiltrationCheck,
}

/// Whether an answer ran into a hard cap.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are those of the API's document")]
pub struct ExfiltrationCheck {
    pub exceeded: bool,
    pub limit_type: &'static str,
    pub rows_returned: usize,
    pub row_limit: usize,
    pub bytes_returned: usize,
    pub byte_limit: usize,
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
                    Some(Limit::Rows) => "rows",
                    Some(Limit::Bytes) => "bytes",
                    None => "none",
                },
                rows_returned: rows.items().len(),
                row_limit: ROW_LIMIT,
                bytes_returned: rows.bytes(),
                byte_limit: BYTE_LIMIT,
            },
        }
    }
}
