//! The real deployment: the template deployed by `CloudFormation`, the release binaries run by Lambda behind HTTP APIs,
//! on an AWS that this project did not write (`MiniStack`). Signatures are checked and each function has the rights
//! of its role alone, so what passes here passes with the template's policies.
//!
//! What this tier does not show: conditions on keys of items and on services (`dynamodb:LeadingKeys`,
//! `kms:ViaService`) are not judged by the emulator; cookies come as a header, where AWS sends an array; `%2F` in a path
//! is 404 of its own; there are no networks. Event shapes of AWS are tested by `events`.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that can't be set up, or meets what it did not expect, has failed"
)]

mod aws;
mod invpc;
mod keys;
mod meeting;
mod one_by_one;
mod operator;
mod portal_writes;
mod refresh;
mod routes;
mod stack;
mod template;
mod walk;
