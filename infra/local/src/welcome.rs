//! What is printed when everything is ready: where it is, and two commands to paste.

use crate::{seed::DEMO, stack::Stack};

/// The text.
pub fn welcome(stack: &Stack) -> String {
    let Stack { portal, agent, aws, demo, identity, data_dir, .. } = stack;
    let (session, license) = (identity.session("tenant-a"), identity.license("tenant-a"));
    format!(
        "\
Ready.

  portal API      http://{portal}
  agent API       http://{agent}
  AWS endpoint    http://{aws}   (DynamoDB and Secrets Manager)
  demo upstream   http://{demo}   (a CRM with sample data)
  credentials     {credentials}

List tenant-a's connectors through the portal:

  curl -s http://{portal}/api/v1/connectors -H 'Cookie: axonflow_session={session}'

Query the demo CRM through the agent:

  curl -s http://{agent}/mcp/resources/query -H 'X-License-Key: {license}' -H 'Content-Type: application/json' -d '{{\"connector\":\"{DEMO}\",\"statement\":\"/accounts\"}}'

In a shell, `. '{env}'` sets $PORTAL, $AGENT, $SESSION and $LICENSE: then paste the five-minute walk of README.md,
from creating a connector to its audit. Ctrl-C stops.",
        credentials = data_dir.join("credentials.json").display(),
        env = data_dir.join("env").display(),
    )
}
