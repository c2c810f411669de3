//! One request to a vendor: the credentials, the retries, what the answer says against it. A token from an earlier
//! call that is refused is fetched anew once; a refusal says that nothing was done, so a write may follow it.

use std::sync::{Mutex, PoisonError};

use egress::{Request, Response, Retries, Verdict};
use reqwest::{
    StatusCode,
    header::{ACCEPT, HeaderValue},
};

use super::{
    Vendor,
    api::Api,
    draft::Draft,
    op::Effect,
    said::{Refused, Said},
};
use crate::{
    ConnectorError, Credentials,
    http::{
        answer::{is_page, unanswered},
        proof::{Given, Proof},
    },
    request::Context,
};

/// How a request was answered.
struct Answered {
    response: Response,
    refused: Option<Refused>,
    /// Whether the vendor may have taken an attempt before the last, with whatever token.
    taken_before: bool,
}

impl Api {
    /// Sends a request and gives its answer, where it is one.
    pub(crate) async fn call(
        &self,
        draft: &Draft,
        effect: Effect,
        context: Context,
    ) -> Result<Response, ConnectorError> {
        let given = self.way.auth.give(context).await?;
        let first = self.attempt(draft, &given, effect, context, false).await?;
        if first.refused.as_ref().is_none_or(|refused| refused.said != Said::Credentials) {
            return self.judged(first, effect, &given);
        }
        let taken_before = first.taken_before;
        let renewed = match self.way.auth.renew(&given, context).await {
            Ok(Some(renewed)) => renewed,
            // Without a new token it stays refused, and what came before that stays open.
            Err(error) if !(taken_before && effect == Effect::Keyed) => return Err(error),
            Ok(None) | Err(_) => return self.judged(first, effect, &given),
        };
        let second = self.attempt(draft, &renewed, effect, context, taken_before).await?;
        self.judged(second, effect, &renewed)
    }

    fn judged(&self, answered: Answered, effect: Effect, given: &Given) -> Result<Response, ConnectorError> {
        let Answered { response, refused, taken_before } = answered;
        let Some(refused) = refused else { return Ok(response) };
        // A repetition that is refused takes nothing back of what came before it.
        if taken_before && effect == Effect::Keyed {
            let (vendor, status) = (self.vendor.name, response.status.as_u16());
            let why = format!(
                "{vendor} refused a repetition (status {status}), and may have taken the request before it"
            );
            return Err(ConnectorError::OutcomeUnknown(why));
        }
        match self.error(&refused, &response, given) {
            ConnectorError::Upstream(why) if effect != Effect::None && refused.said == Said::Failed => {
                let why = format!("{why}; the change may have taken effect: look before you repeat it");
                Err(ConnectorError::Upstream(why))
            }
            // Something else answered, and nobody knows what it did with the request before.
            ConnectorError::Upstream(why)
                if effect != Effect::None
                    && refused.said == Said::Foreign
                    && response.status.is_success() =>
            {
                Err(ConnectorError::OutcomeUnknown(why))
            }
            error => Err(error),
        }
    }

    async fn attempt(
        &self,
        draft: &Draft,
        given: &Given,
        effect: Effect,
        context: Context,
        taken_before: bool,
    ) -> Result<Answered, ConnectorError> {
        let base = given.proof.as_ref().and_then(|proof| proof.base()).unwrap_or(&self.way.base);
        let client = self.client_for(base)?;
        let mut headers = self.way.headers.clone();
        headers.entry(ACCEPT).or_insert(HeaderValue::from_static("application/json"));
        headers.extend(draft.headers.iter().map(|(name, value)| (name.clone(), value.clone())));
        let body = draft.body(&mut headers)?;
        let mut request = Request::new(draft.method.clone(), draft.url(base)?);
        (request.headers, request.body, request.trace) = (headers, body, context.trace);
        if let Some(proof) = &given.proof {
            proof.add(&mut request.headers)?;
        }
        // What the retries went by is what the last answer meant.
        let last = Mutex::new(None);
        let judge = |response: &Response| {
            let refused = refusal(self.vendor, response);
            let verdict = refused.as_ref().map_or(Verdict::Final, |refused| refused.said.verdict());
            *last.lock().unwrap_or_else(PoisonError::into_inner) = refused;
            verdict
        };
        let max = self.record.max_retries;
        let retries =
            if effect == Effect::Once { Retries::once_taken(max) } else { Retries::repeatable(max) };
        let sent = client.send_with_retries(&request, retries.judged(&judge), context.deadline).await;
        let taken_before = taken_before || sent.taken_before;
        let response =
            sent.answer.map_err(|error| unanswered(error, effect != Effect::None, taken_before))?;
        let refused = last.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(Answered { response, refused, taken_before })
    }

    fn error(&self, refused: &Refused, response: &Response, given: &Given) -> ConnectorError {
        let proof = given.proof.as_deref().map(Proof::secret);
        let secrets: Vec<&str> = Credentials::values(&self.credentials).chain(proof).collect();
        refused.error(response, self.vendor.name, &secrets)
    }
}

/// What an answer says against its request, if anything. A page where the vendor answers in JSON is none of the vendor's,
/// unless the vendor's file knows better.
fn refusal(vendor: &Vendor, response: &Response) -> Option<Refused> {
    let own = (vendor.refusal)(response);
    let unexplained = (response.status.is_success() || response.status == StatusCode::NOT_FOUND)
        && own.as_ref().is_none_or(|own| own.said == Said::Rejected);
    if unexplained && is_page(response) { Some(Refused::new(Said::Foreign, "", "")) } else { own }
}
