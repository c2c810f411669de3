//! Both tiers as a function reads them at its start.

#[cfg(test)]
mod environment;
#[cfg(test)]
mod example;
#[cfg(test)]
mod file;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod order;
#[cfg(test)]
mod silence;
#[cfg(test)]
mod support;
