//! A call as it comes to the upstream: whose it is, by which state of its record, and with which secret.

/// How the upstream took one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// It answered, perhaps after a while.
    Answered,
    /// 401: the token is none that counts any more.
    Unauthorized,
    /// 429, and nothing was done.
    Limited,
    /// 409, and nothing was done.
    Refused,
    /// 500; who knows.
    Failed,
    /// 503; who knows.
    Unavailable,
    /// It took the request and hung up.
    HungUp,
    /// Its answer's body ended too early.
    Cut,
    /// It never answered.
    Hung,
}

/// One call as it came in.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    pub(crate) tenant: String,
    pub(crate) connector: String,
    /// The number of the record's state.
    pub(crate) state: usize,
    /// The number of the secret.
    pub(crate) token: Option<usize>,
    pub(crate) manner: Manner,
}

impl Arrival {
    /// What path and headers say of the record and the secret, where they say the same; and the nonce, the empty text
    /// where there is none.
    pub(crate) fn read<'h>(
        path: &str,
        query: Option<&str>,
        header: &impl Fn(&str) -> Option<&'h str>,
    ) -> Option<(Self, String)> {
        let mut segments = path.trim_start_matches('/').split('/');
        let tenant = segments.next()?.strip_prefix("mark-")?.strip_suffix('-')?.to_owned();
        let connector = segments.next()?.to_owned();
        let state: usize = segments.next()?.parse().ok()?;
        let shown: usize = header("x-state")?.parse().ok()?;
        let token = match header("authorization") {
            None => None,
            Some(value) => {
                let number = value.rsplit('.').next()?.parse().ok()?;
                let expected = format!("Bearer {}", token(&tenant, &connector, number));
                (value == expected).then_some(Some(number))?
            }
        };
        let nonce = query.and_then(|query| query.strip_prefix("nonce=")).unwrap_or_default().to_owned();
        let arrival = Self { tenant, connector, state, token, manner: Manner::Answered };
        (shown == state).then_some((arrival, nonce))
    }

    /// Whether a write that came like this may have been done.
    pub(crate) fn may_be_taken(&self) -> bool {
        !matches!(self.manner, Manner::Unauthorized | Manner::Limited | Manner::Refused)
    }
}

/// What stands in everything that is a tenant's, and in nothing of another's.
pub(crate) fn mark(tenant: &str) -> String {
    format!("mark-{tenant}-")
}

/// A secret's token: what it is of, and its number.
pub(crate) fn token(tenant: &str, connector: &str, number: usize) -> String {
    format!("c4n4ry.{tenant}.{connector}.{number}")
}
