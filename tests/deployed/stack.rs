//! A deployment: `infra/template.yaml` as it stands, with the release binaries in the account's bucket, as the
//! packaging step leaves them there.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use end_to_end::Call;
use serde_json::{Value, json};
use test_servers::{MiniStack, lacking};
use tokio::sync::OnceCell;

use crate::{
    aws::{Aws, between},
    operator::Operator,
};

const FUNCTIONS: [&str; 5] =
    ["agent-invoke", "agent-refresh", "cache-stats", "portal-connectors", "portal-test"];
const BUCKET: &str = "deployments";
const STACK: &str = "connectors";
/// How often the stack is asked for its state.
const PAUSE: Duration = Duration::from_millis(200);
/// How many times at most: two minutes.
const PATIENCE: usize = 600;

/// What is deployed, and where.
pub(crate) struct Deployment {
    pub(crate) server: MiniStack,
    pub(crate) aws: Aws,
    pub(crate) operator: Operator,
    pub(crate) outputs: BTreeMap<String, String>,
    /// What `CloudFormation` made: logical name and state.
    pub(crate) resources: BTreeMap<String, String>,
}

impl Deployment {
    /// The deployment that tests share which don't mind each other's calls.
    pub(crate) async fn shared() -> Option<&'static Self> {
        static SHARED: OnceCell<Option<Deployment>> = OnceCell::const_new();
        SHARED.get_or_init(Self::start).await.as_ref()
    }

    /// A deployment of a test's own.
    pub(crate) async fn start() -> Option<Self> {
        let packages = packages()?;
        let server = MiniStack::start()?;
        let (aws, mut operator) = (Aws::of(&server), Operator::new(&server));
        aws.s3_put(&format!("/{BUCKET}"), Vec::new()).await;
        for (function, package) in packages {
            aws.s3_put(&format!("/{BUCKET}/{function}.zip"), fs::read(package).unwrap()).await;
        }
        aws.s3_put(&format!("/{BUCKET}/template.yaml"), packaged_template().into_bytes()).await;
        create(&server, &aws, &operator.public_keys()).await;
        let described = aws.form("cloudformation", &[("Action", "DescribeStacks"), ("StackName", STACK)]);
        let described = described.await.expect(200).text;
        let outputs = pairs(&described, "OutputKey", "OutputValue");
        let resources =
            aws.form("cloudformation", &[("Action", "DescribeStackResources"), ("StackName", STACK)]);
        let resources = pairs(&resources.await.expect(200).text, "LogicalResourceId", "ResourceStatus");
        operator.works_with(&outputs);
        Some(Self { server, aws, operator, outputs, resources })
    }

    pub(crate) fn output(&self, name: &str) -> &str {
        self.outputs.get(name).unwrap_or_else(|| panic!("the output {name}: {:?}", self.outputs))
    }

    /// The host name of an API, as the gateway knows it.
    pub(crate) fn host(&self, output: &str) -> String {
        let url = self.output(output);
        let name = url.split("://").nth(1).and_then(|rest| rest.split('.').next());
        self.server.api_host(name.unwrap_or_else(|| panic!("a URL: {url}")))
    }

    /// A call of the portal API.
    pub(crate) fn portal(&self, method: &str, path: &str) -> Call {
        self.call("PortalUrl", method, path)
    }

    /// A call of the agent API.
    pub(crate) fn agent(&self, method: &str, path: &str) -> Call {
        self.call("AgentUrl", method, path)
    }

    fn call(&self, output: &str, method: &str, path: &str) -> Call {
        let url = format!("{}{path}", self.server.endpoint());
        Call::new(method, url).header("host", &self.host(output))
    }

    /// Stores a tenant's secret and gives its ARN.
    pub(crate) async fn secret(&self, name: &str, tenant: &str, value: &str) -> String {
        let tags = json!([{"Key": store::TENANT_TAG, "Value": tenant}]);
        let token = format!("{name:-<40}").replace('/', "-");
        let request = json!({"Name": name, "SecretString": value, "Tags": tags, "ClientRequestToken": token});
        let made: Value = self.aws.json("secretsmanager", "secretsmanager.CreateSecret", &request).await;
        made["ARN"].as_str().expect("an ARN").to_owned()
    }
}

/// Creates the stack and waits until it stands.
async fn create(server: &MiniStack, aws: &Aws, keys: &str) {
    let template = format!("{}/{BUCKET}/template.yaml", server.endpoint());
    let mut fields = vec![
        ("Action", "CreateStack"),
        ("StackName", STACK),
        ("TemplateURL", &template),
        ("Capabilities.member.1", "CAPABILITY_IAM"),
        ("Capabilities.member.2", "CAPABILITY_AUTO_EXPAND"),
    ];
    let parameters = [
        ("Architecture", "x86_64"),
        ("LicensePublicKeys", keys),
        ("EgressAllow", local::identity::LOOPBACK),
        ("DeletionProtection", "false"),
    ];
    let named: Vec<[String; 2]> = (1..=parameters.len())
        .map(|n| ["Key", "Value"].map(|part| format!("Parameters.member.{n}.Parameter{part}")))
        .collect();
    for ([key, value], (name, content)) in named.iter().zip(parameters) {
        fields.extend([(key.as_str(), name), (value.as_str(), content)]);
    }
    aws.form("cloudformation", &fields).await.expect(200);
    for _ in 0..PATIENCE {
        let asked = aws.form("cloudformation", &[("Action", "DescribeStacks"), ("StackName", STACK)]).await;
        match between(&asked.text, "<StackStatus>", "</StackStatus>").next() {
            Some("CREATE_COMPLETE") => return,
            Some("CREATE_IN_PROGRESS") => tokio::time::sleep(PAUSE).await,
            state => {
                let events = [("Action", "DescribeStackEvents"), ("StackName", STACK)];
                let events = aws.form("cloudformation", &events).await.text;
                panic!("{state:?}\n{events}\n{}", server.log());
            }
        }
    }
    panic!("the stack does not end: {}", server.log());
}

/// The template with the place of each function's package, as `sam package` would write it.
fn packaged_template() -> String {
    let template = fs::read_to_string(workspace().join("infra/template.yaml")).unwrap();
    let (mut packaged, mut binary, mut places) = (String::new(), "", 0);
    for line in template.lines() {
        if let Some(name) = between(line, "Binary: ", " }").next() {
            binary = name;
        }
        if line.trim() == "CodeUri: .." {
            assert!(FUNCTIONS.contains(&binary), "{binary}");
            packaged += &line.replace("..", &format!("s3://{BUCKET}/{binary}.zip"));
            places += 1;
        } else {
            packaged += line;
        }
        packaged += "\n";
    }
    assert_eq!(places, FUNCTIONS.len(), "a function's code has another form");
    packaged
}

/// The functions' packages, where they are there and no older than what they are built from.
fn packages() -> Option<Vec<(&'static str, PathBuf)>> {
    let build = format!("cargo lambda build --release --output-format zip -p {}", FUNCTIONS.join(" -p "));
    let newest = ["functions", "shared"].into_iter().filter_map(|folder| newest(&workspace().join(folder)));
    let newest = newest.max();
    let mut packages = Vec::new();
    for function in FUNCTIONS {
        let package = workspace().join(format!("target/lambda/{function}/bootstrap.zip"));
        let made = fs::metadata(&package).and_then(|file| file.modified()).ok();
        if made.is_none() || made < newest {
            lacking(&format!("{function} as it is now in target/lambda ({build})"));
            return None;
        }
        packages.push((function, package));
    }
    Some(packages)
}

/// When a source file below a folder was last changed.
fn newest(folder: &Path) -> Option<SystemTime> {
    let entries = fs::read_dir(folder).ok()?.filter_map(Result::ok);
    let changed = entries.filter_map(|entry| {
        let path = entry.path();
        // Tests are not in the binaries.
        if path.is_dir() {
            return if path.ends_with("tests") { None } else { newest(&path) };
        }
        let source = path.extension().is_some_and(|extension| extension == "rs" || extension == "toml");
        if source { entry.metadata().ok()?.modified().ok() } else { None }
    });
    changed.max()
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The pairs of two elements of a list in XML.
fn pairs(xml: &str, key: &str, value: &str) -> BTreeMap<String, String> {
    let element = |member: &str, name: &str| {
        let text = between(member, &format!("<{name}>"), &format!("</{name}>")).next().map(str::to_owned);
        text.map(|text| text.replace("&amp;", "&"))
    };
    between(xml, "<member>", "</member>")
        .filter_map(|member| Some((element(member, key)?, element(member, value)?)))
        .collect()
}
