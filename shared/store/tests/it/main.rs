//! The store against an embedded DynamoDB and AWS's DynamoDB Local, and against one behind a wire that fails as a test
//! scripts it.

#[cfg(test)]
mod access;
#[cfg(test)]
mod audit;
#[cfg(test)]
mod audit_read;
#[cfg(test)]
mod backend;
#[cfg(test)]
mod generations;
#[cfg(test)]
mod leaks;
#[cfg(test)]
mod licenses;
#[cfg(test)]
mod lists;
#[cfg(test)]
mod markers;
#[cfg(test)]
mod outages;
#[cfg(test)]
mod reads;
#[cfg(test)]
mod records;
#[cfg(test)]
mod retries;
#[cfg(test)]
mod revocation;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod session_list;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod statistics;
#[cfg(test)]
mod support;
#[cfg(test)]
mod tables;
#[cfg(test)]
mod wire;
#[cfg(test)]
mod writes;
