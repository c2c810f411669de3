//! A problem as the agent's API shows it: beside the members of every problem stand the two that existing SDKs read.

use model::problem::Problem;
use serde::Serialize;
use utoipa::{
    ToSchema,
    openapi::{ObjectBuilder, Type},
};

/// An error answer of the agent's API. Further members may stand beside those that are named.
#[derive(Serialize, ToSchema)]
#[schema(as = AgentProblem)]
pub struct AgentProblem<'p> {
    #[serde(flatten)]
    #[schema(value_type = Problem)]
    problem: &'p Problem,
    /// Always false; existing SDKs read it.
    #[schema(schema_with = never)]
    success: bool,
    /// The words of `detail`; existing SDKs read it.
    #[schema(examples("There is no connector of this name."))]
    error: &'p str,
}

impl<'p> AgentProblem<'p> {
    pub(crate) fn of(problem: &'p Problem) -> Self {
        Self { problem, success: false, error: &problem.detail }
    }
}

fn never() -> ObjectBuilder {
    let values = Some([false]);
    ObjectBuilder::new()
        .schema_type(Type::Boolean)
        .description(Some("Always false; existing SDKs read it."))
        .enum_values(values)
}
