//! `infra/template.yaml` says neither more nor less than the code does: routes, tables, variables, permissions.

#[cfg(test)]
mod alarms;
#[cfg(test)]
mod functions;
#[cfg(test)]
mod permissions;
#[cfg(test)]
mod routes;
#[cfg(test)]
mod settings;
#[cfg(test)]
mod source;
#[cfg(test)]
mod stack;
#[cfg(test)]
mod statements;
#[cfg(test)]
mod tables;
#[cfg(test)]
mod variables;
#[cfg(test)]
mod yaml;
