//! A deployment: `infra/template.yaml` as it stands, with the release binaries in the account's bucket, as the
//! packaging step leaves them there.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
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

pub(crate) const FUNCTIONS: [&str; 5] =
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
        Self::start_with(&[]).await
    }

    /// The same with further parameters.
    pub(crate) async fn start_with(parameters: &[(&str, &str)]) -> Option<Self> {
        let packages = packages()?;
        let server = MiniStack::start()?;
        let (aws, mut operator) = (Aws::of(&server), Operator::new(&server));
        aws.s3_put(&format!("/{BUCKET}"), Vec::new()).await;
        for (function, package) in packages {
            aws.s3_put(&format!("/{BUCKET}/{function}.zip"), package.clone()).await;
        }
        aws.s3_put(&format!("/{BUCKET}/template.yaml"), packaged_template().into_bytes()).await;
        let keys = operator.public_keys();
        let own = [
            ("Architecture", "x86_64"),
            ("LicensePublicKeys", &keys),
            ("EgressAllow", local::identity::LOOPBACK),
            ("DeletionProtection", "false"),
        ];
        let state = deploy(&server, &aws, "CreateStack", &[&own, parameters].concat()).await;
        assert_eq!(state, "CREATE_COMPLETE", "{}\n{}", events(&aws).await, server.log());
        let outputs = pairs(&described(&aws, "DescribeStacks").await, "OutputKey", "OutputValue");
        let resources = described(&aws, "DescribeStackResources").await;
        let resources = pairs(&resources, "LogicalResourceId", "ResourceStatus");
        operator.works_with(&outputs);
        Some(Self { server, aws, operator, outputs, resources })
    }

    /// Changes one parameter; the others keep their values.
    pub(crate) async fn update(&self, name: &str, value: &str) {
        let kept = ["Architecture", "LicensePublicKeys", "EgressAllow", "DeletionProtection"];
        let kept = kept.into_iter().filter(|kept| *kept != name).map(|kept| (kept, ""));
        let parameters: Vec<_> = kept.chain([(name, value)]).collect();
        let state = deploy(&self.server, &self.aws, "UpdateStack", &parameters).await;
        assert_eq!(state, "UPDATE_COMPLETE", "{}", events(&self.aws).await);
    }

    /// How Lambda has a function, by the output that tells its name.
    pub(crate) async fn configuration(&self, function: &str) -> Value {
        let name = self.output(&format!("{function}Function"));
        let path = format!("/2015-03-31/functions/{name}/configuration");
        self.aws.get("lambda", &path).await.expect(200).json()
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

/// Creates or updates the stack, waits until it rests, and gives its state.
async fn deploy(server: &MiniStack, aws: &Aws, action: &str, parameters: &[(&str, &str)]) -> String {
    let template = format!("{}/{BUCKET}/template.yaml", server.endpoint());
    let mut fields = vec![
        ("Action".to_owned(), action.to_owned()),
        ("StackName".to_owned(), STACK.to_owned()),
        ("TemplateURL".to_owned(), template),
        ("Capabilities.member.1".to_owned(), "CAPABILITY_IAM".to_owned()),
        ("Capabilities.member.2".to_owned(), "CAPABILITY_AUTO_EXPAND".to_owned()),
    ];
    for (n, (name, value)) in parameters.iter().enumerate() {
        let parameter = |part: &str| format!("Parameters.member.{}.{part}", n + 1);
        fields.push((parameter("ParameterKey"), (*name).to_owned()));
        // A value that is not told is to stay.
        if value.is_empty() {
            fields.push((parameter("UsePreviousValue"), "true".to_owned()));
        } else {
            fields.push((parameter("ParameterValue"), (*value).to_owned()));
        }
    }
    aws.form("cloudformation", &fields).await.expect(200);
    for _ in 0..PATIENCE {
        let asked = described(aws, "DescribeStacks").await;
        let state = between(&asked, "<StackStatus>", "</StackStatus>").next().unwrap_or_default();
        if !state.ends_with("_IN_PROGRESS") {
            return state.to_owned();
        }
        tokio::time::sleep(PAUSE).await;
    }
    panic!("the stack does not come to rest: {}", server.log());
}

async fn described(aws: &Aws, action: &str) -> String {
    let fields =
        [("Action", action), ("StackName", STACK)].map(|(name, value)| (name.to_owned(), value.to_owned()));
    aws.form("cloudformation", &fields).await.expect(200).text
}

async fn events(aws: &Aws) -> String {
    described(aws, "DescribeStackEvents").await
}

/// The template with the place of each function's package, as `sam package` would write it.
fn packaged_template() -> String {
    let template = fs::read_to_string(workspace().join("infra/template.yaml")).unwrap();
    FUNCTIONS.iter().fold(template, |template, function| {
        let source = format!("CodeUri: ../functions/{function}\n");
        assert_eq!(template.matches(&source).count(), 1, "{function}'s code has another place");
        template.replace(&source, &format!("CodeUri: s3://{BUCKET}/{function}.zip\n"))
    })
}

/// A function and what is uploaded of it.
type Package = (&'static str, Vec<u8>);

/// The functions' packages, read once, before any test has `cargo lambda deploy` write them anew.
fn packages() -> Option<&'static [Package]> {
    static PACKAGES: OnceLock<Option<Vec<Package>>> = OnceLock::new();
    PACKAGES.get_or_init(read_packages).as_deref()
}

/// The packages, where they are there and no older than what they are built from.
fn read_packages() -> Option<Vec<Package>> {
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
        packages.push((function, fs::read(package).unwrap()));
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

pub(crate) fn workspace() -> PathBuf {
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
