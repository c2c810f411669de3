//! What connectors to HTTP services share: what an answer's status says, who calls, and the tokens that show it.

pub(crate) mod answer;
pub(crate) mod auth;
pub(crate) mod body;
pub(crate) mod follow;
pub(crate) mod jwt;
pub(crate) mod key;
pub(crate) mod life;
pub(crate) mod link;
pub(crate) mod oauth;
pub(crate) mod proof;
pub(crate) mod token;
pub(crate) mod walk;
