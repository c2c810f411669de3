//! Every fault at every call for every type that speaks HTTP, and at the token that the call needs.

use std::time::Duration;

use connectors::ConnectorError;
use futures_util::{StreamExt, stream};
use model::connector_type::ConnectorType;
use test_servers::misbehaving::{CANARY, Fault, Layer};

use crate::{
    expected::{self, Meaning, Part},
    upstreams::{Call, World, fetches_tokens, is_for_a_token, speaks_http},
};

/// What a call gets that ends by itself, and what one that does not.
const PATIENT: Duration = Duration::from_mins(1);
const SHORT: Duration = Duration::from_millis(500);
/// By when any call has ended, long after its deadline.
const PATIENCE: Duration = Duration::from_secs(90);
/// The longest error; what an upstream says is cut long before.
const ERROR_BYTES: usize = 600;
/// What the sockets of both sides hold, beside what is read.
const IN_SOCKETS: u64 = 16 * 1024 * 1024;
/// How many cases are under way at once.
const AT_ONCE: usize = 6;

/// One line of the table.
#[derive(Clone, Copy, Debug)]
struct Case {
    kind: ConnectorType,
    part: Part,
    call: Call,
    fault: Fault,
}

/// Every case of a type.
fn cases(kind: ConnectorType) -> impl Iterator<Item = Case> {
    let parts =
        [Part::Api, Part::Token].into_iter().filter(move |part| *part == Part::Api || fetches_tokens(kind));
    parts.flat_map(move |part| {
        Call::ALL
            .into_iter()
            .flat_map(move |call| Fault::ALL.iter().map(move |&fault| Case { kind, part, call, fault }))
    })
}

impl Case {
    fn meaning(self) -> Meaning {
        expected::meaning(self.kind, self.call, self.part, self.fault)
    }

    /// The most that is read of one answer.
    fn cap(self) -> u64 {
        match (self.part, self.kind) {
            (Part::Token, _) => 64 * 1024,
            (Part::Api, ConnectorType::Snowflake) => 32 * 1024 * 1024,
            (Part::Api, _) => 10 * 1024 * 1024,
        }
    }

    async fn run(self) -> Result<(), String> {
        let world = World::start(self.kind, self.fault.layer() == Layer::Session).await;
        let healthy = async |when: &str| {
            let answered = world.ask(self.call, PATIENT).await;
            answered.map_err(|error| format!("{when} it behaves, and yet: {error}"))
        };
        if self.part == Part::Api {
            healthy("first").await?;
        }
        let picked = match (self.fault.layer(), self.part) {
            (Layer::Connection | Layer::Session, _) if self.fault != Fault::UnsaidEnd => |_: &str| true,
            (_, Part::Api) => |asked: &str| !is_for_a_token(asked),
            (_, Part::Token) => is_for_a_token,
        };
        world.server.misbehave(self.fault, picked).await;
        // What ends by the deadline alone gets a short one; the others, one that no machine is too slow for.
        let late = expected::meaning(self.kind, Call::Query, self.part, self.fault) == Meaning::Late;
        let asking = world.ask(self.call, if late { SHORT } else { PATIENT });
        let ended = tokio::time::timeout(PATIENCE, asking).await.map_err(|_| "it never ended".to_owned())?;
        self.judge(&world, &ended)?;
        world.server.behave().await;
        healthy("again").await
    }

    fn judge(self, world: &World, ended: &Result<(), ConnectorError>) -> Result<(), String> {
        let meaning = self.meaning();
        let told = ended.as_ref().err().map(ToString::to_string).unwrap_or_default();
        let must = |holds: bool, what: &str| if holds { Ok(()) } else { Err(format!("{what}: {ended:?}")) };
        must(
            expected::is(meaning, self.call, ended.as_ref().copied()),
            &format!("it should be {meaning:?}"),
        )?;
        must(!told.contains(CANARY) && !told.contains("169.254"), "the upstream's words are repeated")?;
        must(world.secrets.iter().all(|secret| !told.contains(secret.as_str())), "a secret is repeated")?;
        must(told.len() <= ERROR_BYTES, "it is long")?;
        must(meaning == Meaning::Answered || !told.is_empty(), "it says nothing")?;
        let (taken, bound) = (world.server.sent(), 2 * (self.cap() + IN_SOCKETS));
        must(taken <= bound, &format!("{taken} bytes were taken, of at bound {bound}"))?;
        let count = writes(&world.server.taken());
        let once = self.call == Call::Execute && expected::writes(self.kind);
        must(!once || count <= 1, &format!("{count} writes were sent"))
    }
}

/// How many different writes there are among requests; Snowflake knows a repetition by its id.
fn writes(taken: &[String]) -> usize {
    let sent = taken.iter().filter(|asked| !asked.starts_with("GET ") && !is_for_a_token(asked));
    let mut sent: Vec<&str> = sent.map(|asked| asked.split("&retry=").next().unwrap_or_default()).collect();
    if sent.iter().all(|asked| asked.contains("requestId=")) {
        sent.dedup();
    }
    sent.len()
}

async fn all(kind: ConnectorType) {
    let ended = stream::iter(cases(kind)).map(|case| async move { (case, case.run().await) });
    let ended: Vec<_> = ended.buffer_unordered(AT_ONCE).collect().await;
    let failed: Vec<String> =
        ended.into_iter().filter_map(|(case, ended)| Some(format!("{case:?}: {}", ended.err()?))).collect();
    assert!(failed.is_empty(), "{} fail:\n{}", failed.len(), failed.join("\n"));
}

macro_rules! types {
    ($($name:ident: $kind:ident,)*) => {
        $(#[tokio::test]
        async fn $name() {
            all(ConnectorType::$kind).await;
        })*

        #[test]
        fn every_type_that_speaks_http_is_in_the_table() {
            let tested = [$(ConnectorType::$kind),*];
            for kind in ConnectorType::ALL {
                assert_eq!(tested.contains(&kind), speaks_http(kind), "{kind:?}");
            }
        }
    };
}

types! {
    a_custom_service_may_fail_in_every_way: Custom,
    salesforce_may_fail_in_every_way: Salesforce,
    hubspot_may_fail_in_every_way: Hubspot,
    slack_may_fail_in_every_way: Slack,
    jira_may_fail_in_every_way: Jira,
    servicenow_may_fail_in_every_way: Servicenow,
    amadeus_may_fail_in_every_way: Amadeus,
    snowflake_may_fail_in_every_way: Snowflake,
}
