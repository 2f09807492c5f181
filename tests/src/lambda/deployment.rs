//! A system whose functions are separate programs, and the events AWS sends them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use easy_crm_local::{LocalApp, LocalOptions};
use easy_crm_shared::routes;
use easy_crm_shared::status::ProcessingStatus;
use easy_crm_shared::upload::UploadResponse;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{AwsEndpoint, Function, Variables, programs, template_variables};
use crate::functions;
use crate::template::{Known, of_type, read};

/// Tables, bucket and queue of a local system on a loopback port, and the functions as programs.
pub struct Deployment {
    /// The system; it delivers nothing on its own.
    pub local: Arc<LocalApp>,
    /// Where the functions reach it.
    pub endpoint: AwsEndpoint,
    /// The functions' programs.
    pub programs: BTreeMap<String, PathBuf>,
    /// The values of the template's parameters and resources.
    pub known: Known,
    _folder: TempDir,
}

impl Deployment {
    /// Starts the system and builds the functions if needed.
    ///
    /// # Errors
    /// When either fails.
    pub async fn start() -> Result<Self> {
        let folder = TempDir::new()?;
        let mut options = LocalOptions::new(folder.path());
        options.queues.deliver = false;
        let local = Arc::new(LocalApp::start(options).await?);
        let secrets = [("arn:deployment", "a secret of the test"), ("arn:key", "sk-test")];
        let secrets = secrets.map(|(arn, text)| (arn.to_owned(), text.to_owned())).into();
        let endpoint = AwsEndpoint::start(Arc::clone(&local), secrets).await?;
        let settings = &local.describe()["settings"];
        let named = [
            ("Environment", "ENVIRONMENT"),
            ("LeadsTableName", "LEADS_TABLE"),
            ("StatusTableName", "STATUS_TABLE"),
            ("AppStateTableName", "APP_STATE_TABLE"),
            ("FilesBucketName", "FILES_BUCKET"),
            ("BatchQueueUrl", "BATCH_QUEUE_URL"),
            ("MaxFileSize", "MAX_FILE_SIZE"),
            ("UpdatePolicy", "UPDATE_POLICY"),
        ]
        .map(|(parameter, variable)| (parameter, settings[variable].as_str().unwrap_or_default()));
        let made_up = [
            ("DeploymentSecret", "arn:deployment"),
            ("DeepSeekSecret", "arn:key"),
            ("DeepSeekBaseUrl", "https://model.invalid"),
            ("DeepSeekModel", "none"),
            ("AiDataPolicy", "off"),
        ];
        let known = named.into_iter().chain(made_up);
        let known = known.map(|(parameter, value)| (parameter.to_owned(), value.to_owned())).collect();
        let names: Vec<&str> = functions::all().into_iter().map(|function| function.name).collect();
        Ok(Self { programs: programs(&names).await?, local, endpoint, known, _folder: folder })
    }

    /// The variables a function gets.
    #[must_use]
    pub fn variables(&self, name: &str) -> Variables {
        let mut variables = template_variables(name, &self.known);
        variables.extend(self.endpoint.variables().clone());
        variables
    }

    /// Starts a function.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn function(&self, name: &str) -> Result<Function> {
        Function::start(&self.programs[name], name, &self.variables(name)).await
    }
}

fn event(name: &str) -> Result<Value> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("runtime/events/{name}.json"));
    Ok(serde_json::from_slice(&std::fs::read(path)?)?)
}

/// A request as API Gateway passes it to a function.
///
/// # Errors
/// When the recorded event cannot be read.
pub fn request(
    method: &str,
    route: &str,
    parameters: Value,
    query: Value,
    body: Option<&Value>,
) -> Result<Value> {
    let mut event = event("api_gateway")?;
    let mut path = route.to_owned();
    for (name, value) in parameters.as_object().into_iter().flatten() {
        path = path.replace(&format!("{{{name}}}"), value.as_str().unwrap_or_default());
    }
    event["resource"] = json!(route);
    event["path"] = json!(path);
    event["httpMethod"] = json!(method);
    event["requestContext"]["resourcePath"] = json!(route);
    event["requestContext"]["path"] = json!(format!("/prod{path}"));
    event["requestContext"]["httpMethod"] = json!(method);
    event["pathParameters"] = parameters;
    let lists = query
        .as_object()
        .map(|query| query.iter().map(|(name, value)| (name.clone(), json!([value]))).collect());
    event["queryStringParameters"] = query;
    event["multiValueQueryStringParameters"] = lists.map_or(Value::Null, Value::Object);
    event["body"] = body.map_or(Value::Null, |body| Value::String(body.to_string()));
    Ok(event)
}

/// Sends a request; returns the body of a response that must have this status.
///
/// # Errors
/// When the response has another status.
pub async fn answer(function: &mut Function, event: &Value, status: u64) -> Result<Value> {
    let response = function.invoke(event).await?;
    ensure!(response["statusCode"] == status, "{response}");
    Ok(serde_json::from_str(response["body"].as_str().context("no body")?)?)
}

/// Applies the input transformer of the rule in `lambda.yaml` to an event: `<name>` is replaced by the value at its
/// path.
fn reshaped(event: &Value) -> Result<Value> {
    let template = read("lambda");
    let rule = of_type(&template, "AWS::Events::Rule")["ObjectCreatedRule"];
    let transformer = &rule["Targets"][0]["InputTransformer"];
    let mut text = transformer["InputTemplate"].as_str().context("no template")?.to_owned();
    for (name, path) in transformer["InputPathsMap"].as_object().into_iter().flatten() {
        let pointer = path.as_str().unwrap_or_default().replacen('$', "", 1).replace('.', "/");
        let value = event.pointer(&pointer).with_context(|| format!("nothing at {path}"))?;
        text = text.replace(&format!("<{name}>"), &value.to_string());
    }
    Ok(serde_json::from_str(&text)?)
}

/// The event lead-splitter gets when S3 has notified EventBridge of an upload.
///
/// # Errors
/// When the rule does not match the event.
pub fn object_created(upload_id: &str) -> Result<Value> {
    let mut event = event("object_created")?;
    event["detail"]["object"]["key"] = json!(format!("uploads/{upload_id}"));
    reshaped(&event)
}

/// A message as SQS delivers it.
///
/// # Errors
/// When the recorded event cannot be read.
pub fn message(body: &str, queue: &str) -> Result<Value> {
    messages([body], queue)
}

/// Several messages, as SQS delivers them together.
///
/// # Errors
/// When the recorded event cannot be read.
pub fn messages<'a>(bodies: impl IntoIterator<Item = &'a str>, queue: &str) -> Result<Value> {
    let mut event = event("sqs")?;
    let recorded = event["Records"][0].clone();
    let record = |(n, body): (usize, &str)| {
        let mut record = recorded.clone();
        let id = recorded["messageId"].as_str().unwrap_or_default();
        // The first has the recorded id, the others get their own.
        record["messageId"] = json!(if n == 0 { id.to_owned() } else { format!("{id}-{n}") });
        record["body"] = json!(body);
        record["eventSourceARN"] = json!(format!("arn:aws:sqs:ap-southeast-1:123456789012:{queue}"));
        record
    };
    event["Records"] = bodies.into_iter().enumerate().map(record).collect();
    Ok(event)
}

/// Announces a CSV file and sends it; returns the upload's id.
///
/// # Errors
/// When either is refused.
pub async fn upload(file_upload: &mut Function, content: &str) -> Result<String> {
    upload_file(file_upload, "leads.csv", content.to_owned().into_bytes()).await
}

/// Announces a file and sends it; returns the upload's id.
///
/// # Errors
/// When either is refused.
pub async fn upload_file(file_upload: &mut Function, name: &str, content: Vec<u8>) -> Result<String> {
    let body = json!({ "fileName": name, "fileType": "", "fileSize": content.len() });
    let announce = request("POST", routes::UPLOAD, Value::Null, Value::Null, Some(&body))?;
    let announced: UploadResponse = serde_json::from_value(answer(file_upload, &announce, 200).await?)?;
    let mut put = reqwest::Client::new().put(&announced.upload_url).body(content);
    for (name, value) in &announced.headers {
        put = put.header(name, value);
    }
    let put = put.send().await?;
    ensure!(put.status().is_success(), "{}: {}", put.status(), put.text().await?);
    Ok(announced.upload_id)
}

/// A request for an upload's status.
///
/// # Errors
/// When the recorded event cannot be read.
pub fn status_request(upload_id: &str) -> Result<Value> {
    request("GET", routes::STATUS, json!({ "uploadId": upload_id }), Value::Null, None)
}

/// The status of an upload.
///
/// # Errors
/// When it is refused.
pub async fn status(status_reader: &mut Function, upload_id: &str) -> Result<ProcessingStatus> {
    Ok(serde_json::from_value(answer(status_reader, &status_request(upload_id)?, 200).await?)?)
}
