//! The stored events of `events/`, as API Gateway sends them: each is answered by the function of its route, and the
//! local gateway makes the same of the same request.

#[cfg(test)]
mod answered;
#[cfg(test)]
mod gateway;
#[cfg(test)]
mod stored;
