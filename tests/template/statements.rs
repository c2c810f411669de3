//! What the roles permit besides tables and secrets: keys, logs, network. Nothing else, and nothing by a wildcard.

use serde_json::{Value, json};

use crate::stack::{Function, Stack, list, referred, where_it_holds};

const OWN_SECRETS: &str =
    "arn:${AWS::Partition}:secretsmanager:*:${AWS::AccountId}:secret:${SecretNamePrefix}*";

/// The statement of a name; a role has it once at most.
fn statement<'a>(stack: &'a Stack, function: &Function<'_>, sid: &str) -> Option<&'a Value> {
    let mut found = stack.statements(function).into_iter().filter(|statement| statement["Sid"] == sid);
    let first = found.next();
    assert!(found.next().is_none(), "{} has {sid} twice", function.program);
    first
}

#[test]
fn statements_of_other_services_are_these() {
    let stack = Stack::read();
    for function in stack.functions() {
        let of_others = stack.statements(&function).into_iter().filter(|statement| {
            let service = list(&statement["Action"])[0].as_str().unwrap().split(':').next().unwrap();
            !["dynamodb", "secretsmanager"].contains(&service)
        });
        let mut found: Vec<_> = of_others.map(|statement| statement["Sid"].as_str().unwrap()).collect();
        found.sort_unstable();
        let mut expected = vec!["Logs", "TablesKey"];
        if ["agent-invoke", "portal-test"].contains(&function.program) {
            expected.extend(["Network", "NetworkByLambdaOnly", "SecretsKeys"]);
        }
        expected.sort_unstable();
        assert_eq!(found, expected, "{}", function.program);
    }
}

#[test]
fn no_action_is_permitted_by_a_wildcard_and_only_the_network_has_no_resource() {
    let stack = Stack::read();
    for function in stack.functions() {
        for statement in stack.statements(&function) {
            let (sid, allow) = (statement["Sid"].as_str().unwrap(), statement["Effect"] == "Allow");
            let actions = list(&statement["Action"]).into_iter().map(|action| action.as_str().unwrap());
            assert!(!allow || actions.into_iter().all(|action| !action.contains('*')), "{sid}");
            let everything = list(&statement["Resource"]).iter().any(|resource| **resource == "*");
            // Interfaces have no name before they are made, and those who describe them name none.
            assert_eq!(everything, ["Network", "NetworkByLambdaOnly"].contains(&sid), "{sid}");
        }
    }
}

#[test]
fn a_function_writes_to_its_own_log_and_to_no_other() {
    let stack = Stack::read();
    for function in stack.functions() {
        let logs = statement(&stack, &function, "Logs").unwrap();
        assert_eq!(logs["Action"], json!(["logs:CreateLogStream", "logs:PutLogEvents"]));
        let own = referred(&function.properties["LoggingConfig"]["LogGroup"]).unwrap();
        assert_eq!(own, format!("{}Logs", function.id));
        assert_eq!(logs["Resource"], json!({"Fn::GetAtt": [own, "Arn"]}), "{}", function.program);
    }
}

#[test]
fn the_tables_key_is_used_through_dynamodb_alone() {
    let stack = Stack::read();
    for function in stack.functions() {
        let key = statement(&stack, &function, "TablesKey").unwrap();
        assert_eq!(
            (&key["Action"], &key["Resource"]),
            (&json!("kms:Decrypt"), &json!({"Fn::GetAtt": ["Key", "Arn"]}))
        );
        let through = json!({"Fn::Sub": "dynamodb.${AWS::Region}.${AWS::URLSuffix}"});
        assert_eq!(key["Condition"], json!({"StringEquals": {"kms:ViaService": through}}));
    }
}

#[test]
fn keys_of_secrets_are_used_through_secrets_manager_for_the_deployments_secrets_alone() {
    let stack = Stack::read();
    for function in stack.functions() {
        if let Some(keys) = statement(&stack, &function, "SecretsKeys") {
            assert_eq!(
                (&keys["Action"], &keys["Resource"]),
                (&json!("kms:Decrypt"), &json!({"Ref": "SecretKeyArns"}))
            );
            let through = json!({"Fn::Sub": "secretsmanager.*.${AWS::URLSuffix}"});
            let secrets = json!({"Fn::Sub": OWN_SECRETS});
            let like = json!({"kms:ViaService": through, "kms:EncryptionContext:SecretARN": secrets});
            assert_eq!(keys["Condition"], json!({"StringLike": like}));
        }
    }
}

#[test]
fn the_network_is_lambdas_business_and_only_where_there_is_a_vpc() {
    let stack = Stack::read();
    for function in stack.functions() {
        let Some(network) = statement(&stack, &function, "Network") else { continue };
        assert!(list(&network["Action"]).iter().all(|action| action.as_str().unwrap().starts_with("ec2:")));
        let deny = statement(&stack, &function, "NetworkByLambdaOnly").unwrap();
        assert_eq!((&deny["Effect"], &deny["Action"]), (&json!("Deny"), &json!("ec2:*")));
        assert_eq!(deny["Condition"], json!({"Null": {"lambda:SourceFunctionArn": "false"}}));
    }
    let policy = stack.resource("UpstreamsPolicy");
    for statement in list(&policy["Properties"]["PolicyDocument"]["Statement"]) {
        let condition = &statement["Fn::If"][0];
        let expected = match where_it_holds(statement)["Sid"].as_str().unwrap() {
            "Secrets" => json!(null),
            "SecretsKeys" => json!("HasSecretKeys"),
            _ => json!("InVpc"),
        };
        assert_eq!(*condition, expected);
    }
}

#[test]
fn lambda_alone_takes_a_role() {
    for (id, role) in Stack::read().of_type("AWS::IAM::Role") {
        let trust = &role["AssumeRolePolicyDocument"]["Statement"];
        let only = json!([{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]);
        assert_eq!(*trust, only, "{id}");
    }
}
