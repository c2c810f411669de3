//! The real binary, against a running stack: what an operator does, and what it changes for everybody else.

#[cfg(test)]
mod audit;
#[cfg(test)]
mod connectors;
#[cfg(test)]
mod help;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod licenses;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod stores;
#[cfg(test)]
mod support;
#[cfg(test)]
mod usage;
