//! The command line as a whole. Each group's own arguments stand beside what they do.

use clap::{Parser, Subcommand};

const AFTER: &str = "\
Environment:
  AWS_REGION, AWS_PROFILE, AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL, ...   as the AWS CLI reads them
  SESSIONS_TABLE, LICENSES_TABLE, AUDIT_TABLE                         as the functions read them
  PORTAL, SESSION, LICENSE_PUBLIC_KEYS                                what the flags of these names say
  `. .local/env` sets all of it for the local stack.

Exit status: 0 done, 1 not done (standard error says why), 2 wrong usage.";

/// Operates a deployment: signing keys, licenses, portal sessions, the audit, connectors.
#[derive(Parser)]
#[command(name = "connectorctl", version, after_help = AFTER, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) group: Group,
}

#[derive(Subcommand)]
pub(crate) enum Group {
    /// Keys that licenses are signed by
    #[command(subcommand)]
    Keys(crate::keys::Command),
    /// License keys of the agent API: issue, look into, revoke
    #[command(subcommand)]
    License(crate::license::Command),
    /// Sessions of the portal: begin, list, end
    #[command(subcommand)]
    Session(crate::session::Command),
    /// Who did what to which connector
    #[command(subcommand)]
    Audit(crate::audit::Command),
    /// Connectors, as the portal API shows them
    #[command(subcommand)]
    Connector(crate::connector::Command),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    /// The commands of a text: each line that begins with the program's name.
    fn commands(text: &str) -> Vec<String> {
        let lines = text.lines().map(str::trim).filter(|line| line.starts_with("connectorctl "));
        lines.map(command).collect()
    }

    /// What a line runs, up to a pipe, and with the portal that the environment would name.
    fn command(line: &str) -> String {
        let command = [" | ", " > ", " < "].iter().fold(line, |rest, end| rest.split(end).next().unwrap());
        let portal = match (command.starts_with("connectorctl connector "), command.contains("--api")) {
            (false, _) => "",
            (true, true) => " --session x",
            (true, false) => " --session x --api https://portal.example.com",
        };
        format!("{command}{portal}")
    }

    fn helps(command: &clap::Command, into: &mut String) {
        if let Some(after) = command.get_after_help() {
            into.push_str(&after.to_string());
            into.push('\n');
        }
        command.get_subcommands().for_each(|below| helps(below, into));
    }

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_example_of_the_help_and_the_readme_is_a_command() {
        let mut help = String::new();
        helps(&Cli::command(), &mut help);
        for (text, least) in [(help.as_str(), 12), (include_str!("../README.md"), 12)] {
            let examples = commands(text);
            assert!(examples.len() >= least, "{examples:?}");
            for example in examples {
                let words = shlex::split(&example).unwrap();
                if let Err(error) = Cli::try_parse_from(words) {
                    panic!("{example}\n{error}");
                }
            }
        }
    }

    #[test]
    fn every_command_has_a_line_about_it_and_every_leaf_an_example() {
        fn check(command: &clap::Command) {
            let name = command.get_name();
            assert!(command.get_about().is_some(), "{name}");
            let mut below = command.get_subcommands().peekable();
            if below.peek().is_none() {
                let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
                assert!(after.contains("Examples:"), "{name}");
            }
            for argument in command.get_arguments() {
                assert!(argument.get_help().is_some(), "{name} {}", argument.get_id());
            }
            below.for_each(check);
        }
        check(&Cli::command());
    }
}
