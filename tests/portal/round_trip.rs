//! GET → edit → PUT: a record can be sent back whole, its masked ARN too.

use end_to_end::World;
use serde_json::{Value, json};

use crate::{
    given::{ARN, MASKED, MODES, slack, snowflake, with},
    stored,
    user::User,
};

#[tokio::test]
async fn a_record_that_was_read_is_sent_back_whole_with_one_edit() {
    for mode in MODES {
        let world = World::start(mode).await;
        let user = User::of(&world, "tenant-a");
        user.created(&snowflake()).await;
        // Tested, so that every optional field is there.
        user.test("finance-snowflake").await.expect(200);
        let read = user.record("finance-snowflake").await;
        assert!(read.get("last_error").is_some() && read.get("last_health_check").is_some(), "{read}");
        let edited = with(read.clone(), "description", "edited");
        let after = user.update("finance-snowflake", &edited).await.expect(200).json();
        let expected = with(with(edited, "version", 2), "updated_at", after["updated_at"].clone());
        assert_eq!(after, expected);
        assert_eq!(stored::arn(&world, "tenant-a", "finance-snowflake").await.unwrap(), ARN);

        // The copy that was read first now differs in what the server owns.
        let reply = user.update("finance-snowflake", &read).await;
        reply.problem(422, "invalid-body");
        assert!(reply.pointers().contains(&"/version".to_owned()), "{}", reply.text);
    }
}

#[tokio::test]
async fn the_records_own_masked_arn_means_keep() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    user.created(&snowflake()).await;
    let after =
        user.update("finance-snowflake", &json!({"credentials_secret_arn": MASKED})).await.expect(200).json();
    assert_eq!(after["credentials_secret_arn"], MASKED);
    assert_eq!(stored::arn(&world, "tenant-a", "finance-snowflake").await.unwrap(), ARN);
}

#[tokio::test]
async fn any_other_masked_arn_is_refused_and_nothing_changes() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    user.created(&snowflake()).await;
    user.created(&slack("bare")).await;
    for (name, masked) in [
        ("finance-snowflake", MASKED.replace("axonflow", "other")),
        ("finance-snowflake", MASKED.replace("us-east-1", "eu-west-1")),
        ("finance-snowflake", MASKED.replace("123456789012", "999999999999")),
        ("finance-snowflake", MASKED.replace("axonflow/", "")),
        ("bare", MASKED.to_owned()),
    ] {
        let reply = user.update(name, &json!({"credentials_secret_arn": masked})).await;
        reply.problem(422, "invalid-body");
        assert_eq!(reply.pointers(), ["/credentials_secret_arn"], "{masked}");
    }
    assert_eq!(stored::arn(&world, "tenant-a", "finance-snowflake").await.unwrap(), ARN);
    assert_eq!(stored::arn(&world, "tenant-a", "bare").await, None);
}

#[tokio::test]
async fn a_full_arn_replaces_the_one_before() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    user.created(&snowflake()).await;
    let other = ARN.replace("finance", "treasury");
    let after =
        user.update("finance-snowflake", &json!({"credentials_secret_arn": other})).await.expect(200).json();
    assert_eq!(after["credentials_secret_arn"], MASKED);
    assert_eq!(stored::arn(&world, "tenant-a", "finance-snowflake").await.unwrap(), other);
    // The masks are equal, so the change is one that only the store can show.
    user.update("finance-snowflake", &json!({"credentials_secret_arn": Value::Null})).await.expect(200);
    assert_eq!(stored::arn(&world, "tenant-a", "finance-snowflake").await, None);
}

#[tokio::test]
async fn a_record_without_optional_fields_round_trips_too() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    let before = user.created(&slack("chat")).await;
    let after = user.update("chat", &before).await.expect(200).json();
    let expected = with(with(before.clone(), "version", 2), "updated_at", after["updated_at"].clone());
    assert_eq!(after, expected);
    // A client that writes absent values as null says the same.
    let nulls =
        ["description", "connection_url", "credentials_secret_arn", "last_health_check", "last_error"];
    let body = nulls.iter().fold(after, |body, field| with(body, field, Value::Null));
    user.update("chat", &body).await.expect(200);
}
