//! Trying again, inside the call's deadline and only where it can do no harm.
//!
//! A request that may be repeated is tried again whenever the upstream might have been unlucky. One that may not is
//! tried again only where the upstream certainly has not taken it: nothing was sent yet, or it said so (429). Every
//! attempt is judged anew, and what the rules refuse is never tried a second time.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use jiff::Timestamp;
use model::deadline::Deadline;
use reqwest::{StatusCode, header::RETRY_AFTER};
use telemetry::Counter;

use crate::error::EgressError;
use crate::http::{HttpClient, Request, Response};

/// The most that is waited before the first repetition; the most doubles with each further one.
const FIRST_WAIT: Duration = Duration::from_millis(100);
/// The most that is ever waited of our own accord.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// What may be tried again, and how often.
#[derive(Clone, Copy)]
pub struct Retries<'j> {
    /// The most repetitions after the first attempt.
    pub max: u8,
    /// Whether the request may reach the upstream twice: a read, or a write that the vendor makes idempotent.
    pub repeatable: bool,
    /// What this upstream means by an answer.
    pub judge: &'j (dyn Fn(&Response) -> Verdict + Sync),
}

/// What an answer says about trying again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It would be the same.
    Final,
    /// The upstream was unlucky and may have acted on the request.
    Unlucky,
    /// The upstream has not acted on the request.
    Untaken {
        /// The least to wait, where it says so otherwise than by `Retry-After`.
        wait: Option<Duration>,
    },
}

/// What statuses mean by the standard.
pub fn by_status(response: &Response) -> Verdict {
    match response.status {
        StatusCode::TOO_MANY_REQUESTS => Verdict::Untaken { wait: None },
        StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
            Verdict::Unlucky
        }
        _ => Verdict::Final,
    }
}

/// How it ended, and how many attempts it took.
#[derive(Debug)]
pub struct Sent {
    /// The last attempt's answer or error.
    pub answer: Result<Response, EgressError>,
    /// All attempts, the first one included.
    pub attempts: u32,
    /// Whether the upstream may have taken one of the attempts before the last.
    pub taken_before: bool,
}

impl<'j> Retries<'j> {
    /// For a request that may reach the upstream twice.
    pub fn repeatable(max: u8) -> Self {
        Self { max, repeatable: true, judge: &by_status }
    }

    /// For a request that may not.
    pub fn once_taken(max: u8) -> Self {
        Self { max, repeatable: false, judge: &by_status }
    }

    /// The same, for an upstream whose answers say more than their statuses.
    #[must_use]
    pub fn judged(self, judge: &'j (dyn Fn(&Response) -> Verdict + Sync)) -> Self {
        Self { judge, ..self }
    }

    /// The least to wait before another attempt; `None` where there must not be one. Each answer is judged once.
    fn permit(self, answer: &Result<Response, EgressError>) -> Option<Permit> {
        let (permitted, taken) = match answer {
            Ok(response) => match (self.judge)(response) {
                Verdict::Untaken { wait } => {
                    return Some(Permit { least: wait.unwrap_or_default(), taken: false });
                }
                // It did not say no to the request.
                Verdict::Unlucky => (self.repeatable, !response.status.is_client_error()),
                Verdict::Final => return None,
            },
            Err(EgressError::Broken { .. }) => (self.repeatable, true),
            Err(error) => (error.nothing_was_sent() && !matches!(error, EgressError::Refused { .. }), false),
        };
        permitted.then_some(Permit { least: Duration::ZERO, taken })
    }
}

/// That another attempt may be made.
#[derive(Clone, Copy)]
struct Permit {
    /// The least to wait before it.
    least: Duration,
    /// Whether the upstream may act on the attempt before it.
    taken: bool,
}

impl HttpClient {
    /// Sends a request, and again as `retries` permit. Where the next wait would outlast the deadline, the answer
    /// that is there is given at once: a caller does more with an early 429 than with a late 504.
    pub async fn send_with_retries(
        &self,
        request: &Request,
        retries: Retries<'_>,
        deadline: Deadline,
    ) -> Sent {
        let mut waits = waits(retries.max);
        let (mut attempts, mut taken_before) = (0, false);
        loop {
            attempts += 1;
            let again = request.again.as_ref().filter(|_| attempts > 1);
            let url = again.unwrap_or(&request.url).clone();
            let answer = self.send(Request { url, ..request.clone() }, deadline).await;
            let permit = retries.permit(&answer);
            let next = permit.and_then(|permit| Some((permit, waits.next()?.max(permit.least))));
            let now = self.clock().now();
            let next = next.map(|(permit, own)| {
                (permit, asked_for(&answer, now.wall).map_or(own, |asked| asked.max(own)))
            });
            let in_time = |wait: Duration| deadline.left(now).is_some_and(|left| wait < left);
            let Some((permit, wait)) = next.filter(|(_, wait)| in_time(*wait)) else {
                return Sent { answer, attempts, taken_before };
            };
            tracing::debug!(upstream = ?self, attempts, wait_ms = wait.as_millis(), "upstream is tried again");
            taken_before |= permit.taken;
            tokio::time::sleep(wait).await;
            self.egress.metrics.count(Counter::Retries);
        }
    }
}

/// Exponential, with full jitter: anything from nothing to the step's length, so that callers who failed together
/// do not come back together. The library adds its jitter to the step, so the step is taken off again.
pub fn waits(max: u8) -> impl Iterator<Item = Duration> {
    let steps = ExponentialBuilder::new()
        .with_min_delay(FIRST_WAIT)
        .with_max_delay(LONGEST_WAIT)
        .with_max_times(max.into());
    let jittered = steps.with_jitter().build();
    jittered.zip(steps.build()).map(|(jittered, step)| jittered.saturating_sub(step))
}

/// What the upstream asks for.
fn asked_for(answer: &Result<Response, EgressError>, now: Timestamp) -> Option<Duration> {
    retry_after(answer.as_ref().ok()?.headers.get(RETRY_AFTER)?.to_str().ok()?, now)
}

/// How long a value of `Retry-After` says to wait: seconds, or an HTTP date in any of its three forms (RFC 9110,
/// 10.2.3).
pub fn retry_after(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    if text.bytes().all(|c| c.is_ascii_digit()) {
        // More seconds than a number holds are as good as never.
        return (!text.is_empty()).then(|| Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let date = Timestamp::try_from(httpdate::parse_http_date(text).ok()?).ok()?;
    Some(date.duration_since(now).try_into().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderMap;

    use super::*;

    fn asked(text: &str) -> Option<u64> {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, text.parse().unwrap())]);
        let response = Response { status: StatusCode::SERVICE_UNAVAILABLE, headers, body: Vec::new().into() };
        let now = "1994-11-06T08:49:07Z".parse().unwrap();
        asked_for(&Ok(response), now).map(|wait| wait.as_secs())
    }

    #[test]
    fn seconds_and_all_three_forms_of_a_date_are_read() {
        for (text, expected) in [
            ("0", Some(0)),
            (" 120 ", Some(120)),
            ("99999999999999999999999", Some(u64::MAX)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(30)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", Some(30)),
            ("Sun Nov  6 08:49:37 1994", Some(30)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("", None),
            ("-1", None),
            ("1.5", None),
            ("soon", None),
        ] {
            assert_eq!(asked(text), expected, "{text:?}");
        }
    }

    #[test]
    fn waits_double_are_jittered_from_nothing_and_end() {
        for _ in 0..200 {
            let all: Vec<Duration> = waits(10).collect();
            assert_eq!(all.len(), 10);
            for (step, wait) in all.iter().enumerate() {
                let most = FIRST_WAIT.saturating_mul(1 << step).min(LONGEST_WAIT);
                assert!(*wait <= most, "{wait:?} of {most:?}");
            }
        }
        // Spread over the whole range, the lower half included.
        let first: Vec<Duration> = (0..200).filter_map(|_| waits(1).next()).collect();
        assert!(
            first.iter().any(|wait| *wait < FIRST_WAIT / 2)
                && first.iter().any(|wait| *wait > FIRST_WAIT / 2)
        );
        assert_eq!(waits(0).count(), 0);
    }

    #[test]
    fn only_what_can_do_no_harm_is_permitted() {
        let answer = |status: u16, retry_after: bool| {
            let headers = retry_after.then(|| (RETRY_AFTER, "1".parse().unwrap()));
            let status = StatusCode::from_u16(status).unwrap();
            Ok(Response { status, headers: HeaderMap::from_iter(headers), body: Vec::new().into() })
        };
        let target = || "a.test:443".to_owned();
        let (read, write) = (Retries::repeatable(1), Retries::once_taken(1));
        // An upstream that means "not taken" by a 503 with `Retry-After`.
        let unavailable = |response: &Response| match response.status {
            StatusCode::SERVICE_UNAVAILABLE if response.headers.contains_key(RETRY_AFTER) => {
                Verdict::Untaken { wait: Some(FIRST_WAIT) }
            }
            _ => by_status(response),
        };
        let told = write.judged(&unavailable);
        for (answer, expected) in [
            (answer(200, true), [false, false, false]),
            (answer(400, true), [false, false, false]),
            (answer(429, false), [true, true, true]),
            (answer(500, true), [false, false, false]),
            (answer(502, true), [true, false, false]),
            (answer(503, false), [true, false, false]),
            (answer(503, true), [true, false, true]),
            (answer(504, true), [true, false, false]),
            (Err(EgressError::NameResolution { host: target() }), [true, true, true]),
            (Err(EgressError::Connect { target: target(), reason: "" }), [true, true, true]),
            (Err(EgressError::Tls { target: target(), reason: "" }), [true, true, true]),
            (Err(EgressError::Broken { target: target(), reason: "" }), [true, false, false]),
            (Err(EgressError::refused("a", "b")), [false, false, false]),
            (Err(EgressError::Deadline { target: target() }), [false, false, false]),
            (Err(EgressError::BodyTooLarge { limit: 1 }), [false, false, false]),
        ] {
            let permitted = [read, write, told].map(|retries| retries.permit(&answer).is_some());
            assert_eq!(permitted, expected, "{answer:?}");
        }
    }
}
