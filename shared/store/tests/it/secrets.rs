//! Secrets Manager as a script answers it.

use std::{sync::Arc, time::Duration};

use aws_sdk_secretsmanager::Client;
use boot::aws::Clients;
use model::{clock::Clock, secret_arn::SecretArn};
use serde_json::{Value, json};
use store::{SecretError, SecretOwner, SecretReader, SecretsManager};

use crate::{
    support::{CANARY, TestClock, after_ms, arn, partition, soon},
    wire::{Step, Wire},
};

/// Secrets Manager behind a script, with the addresses that AWS has.
pub(crate) async fn world() -> (SecretsManager, Wire) {
    let home = Clients::local("http://unused.invalid", "us-east-1").unwrap().secrets;
    let wire = Wire::over(home.config().http_client().unwrap()).await;
    let mut config = home.config().to_builder().http_client(wire.clone()).retry_partition(partition());
    config.set_endpoint_url(None);
    (SecretsManager::new(Client::from_conf(config.build()), Arc::new(TestClock)), wire)
}

pub(crate) fn text(_request: &Value) -> Value {
    json!({"ARN": arn().expose(), "SecretString": "{\"token\":\"t\"}"})
}

fn binary(_request: &Value) -> Value {
    json!({"ARN": arn().expose(), "SecretBinary": "AAEC"})
}

pub(crate) fn tagged(_request: &Value) -> Value {
    let tags = [
        json!({"Key": "team", "Value": "tenant-x"}),
        json!({"Key": "axonflow:tenant_id", "Value": "tenant-a"}),
    ];
    json!({"ARN": arn().expose(), "Tags": tags})
}

fn shared(_request: &Value) -> Value {
    json!({"Tags": [{"Key": "axonflow:tenant_id", "Value": "*"}]})
}

fn otherwise_tagged(_request: &Value) -> Value {
    json!({"Tags": [{"Key": "AxonFlow:Tenant_Id", "Value": "tenant-a"}, {"Key": "tenant_id", "Value": "tenant-a"}]})
}

fn untagged(_request: &Value) -> Value {
    json!({"ARN": arn().expose()})
}

/// The failure of both reads under a step.
async fn failures(step: Step) -> [SecretError; 2] {
    let (secrets, wire) = world().await;
    wire.always(step);
    let errors = [
        secrets.describe(&arn(), soon()).await.unwrap_err(),
        secrets.value(&arn(), soon()).await.err().unwrap(),
    ];
    for error in &errors {
        let text = format!("{error} {error:?}");
        assert!(!text.contains(CANARY) && !text.contains("arn:"), "{text}");
    }
    errors
}

#[tokio::test]
async fn a_secrets_text_is_read_by_its_whole_arn_in_one_request() {
    let (secrets, wire) = world().await;
    wire.script(&[Step::Answer(text)]);
    assert_eq!(secrets.value(&arn(), soon()).await.unwrap().expose(), "{\"token\":\"t\"}");
    let sent = wire.sent();
    assert_eq!((sent.len(), sent[0].operation.as_str()), (1, "GetSecretValue"));
    assert_eq!(sent[0].body, json!({"SecretId": arn().expose()}));
}

#[tokio::test]
async fn the_owner_is_the_tag_of_exactly_our_name() {
    for (step, owner) in [
        (Step::Answer(tagged), SecretOwner::Tagged("tenant-a".into())),
        (Step::Answer(shared), SecretOwner::Tagged("*".into())),
        (Step::Answer(otherwise_tagged), SecretOwner::Untagged),
        (Step::Answer(untagged), SecretOwner::Untagged),
    ] {
        let (secrets, wire) = world().await;
        wire.script(&[step]);
        assert_eq!(secrets.describe(&arn(), soon()).await.map(|described| described.owner), Ok(owner));
        let sent = wire.sent();
        assert_eq!((sent.len(), sent[0].operation.as_str()), (1, "DescribeSecret"));
        assert_eq!(sent[0].body, json!({"SecretId": arn().expose()}));
    }
}

#[tokio::test]
async fn a_description_names_the_very_secret_so_that_its_value_can_be_no_others() {
    let exact = "arn:aws:secretsmanager:us-east-1:123456789012:secret:axonflow/crm-AbC123";
    let (secrets, wire) = world().await;
    wire.script(&[Step::Answer(
        |_| json!({"ARN": "arn:aws:secretsmanager:us-east-1:123456789012:secret:axonflow/crm-AbC123"}),
    )]);
    assert_eq!(secrets.describe(&arn(), soon()).await.unwrap().arn.expose(), exact);
    let (secrets, wire) = world().await;
    wire.script(&[Step::Answer(shared)]);
    assert_eq!(secrets.describe(&arn(), soon()).await.unwrap().arn.expose(), arn().expose());
}

#[tokio::test]
async fn what_is_wrong_with_a_secret_is_told_apart_and_nothing_else_is_told() {
    for (code, expected) in [
        ("ResourceNotFoundException", SecretError::Missing("ResourceNotFoundException".into())),
        ("InvalidRequestException", SecretError::Missing("InvalidRequestException".into())),
        ("AccessDeniedException", SecretError::Denied("AccessDeniedException".into())),
        ("DecryptionFailure", SecretError::Denied("DecryptionFailure".into())),
        ("ThrottlingException", SecretError::Unavailable("ThrottlingException".into())),
        ("InternalServiceError", SecretError::Unavailable("InternalServiceError".into())),
        ("ExpiredTokenException", SecretError::Unavailable("ExpiredTokenException".into())),
    ] {
        assert_eq!(failures(Step::Refuse(code)).await, [expected.clone(), expected]);
    }
    let lost = SecretError::Unavailable("connection failed".into());
    assert_eq!(failures(Step::NoConnection).await, [lost.clone(), lost]);
}

#[tokio::test]
async fn a_binary_secret_is_told_as_one() {
    let (secrets, wire) = world().await;
    wire.script(&[Step::Answer(binary)]);
    assert_eq!(secrets.value(&arn(), soon()).await.err(), Some(SecretError::Binary));
}

#[tokio::test]
async fn throttling_passes() {
    let (secrets, wire) = world().await;
    wire.script(&[Step::Refuse("ThrottlingException"), Step::NoConnection, Step::Answer(text)]);
    assert!(secrets.value(&arn(), soon()).await.is_ok());
    assert_eq!(wire.sent().len(), 3);
}

#[tokio::test]
async fn a_secret_is_fetched_from_the_region_it_lies_in() {
    let (secrets, wire) = world().await;
    for (partition, region, host) in [
        ("aws", "us-east-1", "secretsmanager.us-east-1.amazonaws.com"),
        ("aws", "eu-west-1", "secretsmanager.eu-west-1.amazonaws.com"),
        ("aws-cn", "cn-north-1", "secretsmanager.cn-north-1.amazonaws.com.cn"),
        ("aws-us-gov", "us-gov-west-1", "secretsmanager.us-gov-west-1.amazonaws.com"),
        ("aws", "us-east-1", "secretsmanager.us-east-1.amazonaws.com"),
    ] {
        let arn = format!("arn:{partition}:secretsmanager:{region}:123456789012:secret:crm-AbCdEf");
        let arn = SecretArn::parse(&arn).unwrap();
        wire.script(&[Step::Answer(tagged), Step::Answer(text)]);
        secrets.describe(&arn, soon()).await.unwrap();
        secrets.value(&arn, soon()).await.unwrap();
        for sent in wire.sent() {
            assert_eq!(sent.uri, format!("https://{host}/"));
            assert!(
                sent.authorization.contains(&format!("/{region}/secretsmanager/aws4_request")),
                "{sent:?}"
            );
        }
        assert_eq!(wire.sent().len(), 2);
    }
}

#[tokio::test]
async fn a_call_whose_time_is_over_sends_nothing() {
    let (secrets, wire) = world().await;
    assert!(matches!(secrets.describe(&arn(), after_ms(0)).await, Err(SecretError::Deadline)));
    assert!(matches!(secrets.value(&arn(), after_ms(0)).await.err(), Some(SecretError::Deadline)));
    assert_eq!(wire.sent().len(), 0);
}

#[tokio::test]
async fn silence_ends_with_the_deadline() {
    let (secrets, wire) = world().await;
    tokio::time::pause();
    for step in [Step::Silence, Step::Refuse("ThrottlingException")] {
        let throttled = matches!(step, Step::Refuse(_));
        wire.always(step);
        let began = TestClock.now();
        let arn = arn();
        let asked = secrets.value(&arn, after_ms(5_000));
        let outcome = tokio::time::timeout(Duration::from_hours(1), asked).await.expect("it ends");
        match outcome.err() {
            Some(SecretError::Unavailable(_)) => assert!(throttled),
            Some(SecretError::Deadline) => {}
            other => panic!("{other:?}"),
        }
        assert!(TestClock.now().ticks.duration_since(began.ticks) <= Duration::from_millis(5_001));
    }
}
