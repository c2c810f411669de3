//! The way out as its callers see it: real sockets on this machine, names answered by a script.

#[cfg(test)]
mod allowed;
#[cfg(test)]
mod bounds;
#[cfg(test)]
mod dialling;
#[cfg(test)]
mod failures;
#[cfg(test)]
mod names;
#[cfg(test)]
mod probes;
#[cfg(test)]
mod refused;
#[cfg(test)]
mod retries;
#[cfg(test)]
mod support;
#[cfg(test)]
mod table;
#[cfg(test)]
mod tls;
