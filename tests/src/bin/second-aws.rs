//! The import against a second implementation of the AWS APIs besides the embedded one, on the tables, the bucket and
//! the queue that CloudFormation created there from the templates: `second-aws ENDPOINT OUTPUTS`, where OUTPUTS are the
//! outputs of `storage.yaml` as JSON. `scripts/test-stacks.sh` runs it against moto.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail, ensure};
use easy_crm_local::functions::app::{App, Clients};
use easy_crm_local::functions::clock::SystemClock;
use easy_crm_local::functions::config::{Config, DEFAULT_BATCH_ROWS, Secret};
use easy_crm_local::functions::deadline::Deadline;
use easy_crm_local::functions::handlers::{
    deepseek_caller, file_upload, lead_reader, lead_splitter, status_reader,
};
use easy_crm_local::functions::http_client;
use easy_crm_shared::export::MAX_DIRECT_ROWS;
use easy_crm_shared::query::ListLeadsResponse;
use easy_crm_shared::status::{ProcessingStatus, UploadStatus};
use easy_crm_shared::upload::UploadResponse;
use lambda_http::{Body, Request, Response};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// The region in which moto creates the stacks, and everything in them.
const REGION: &str = "ap-southeast-1";

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(endpoint), Some(outputs)) = (arguments.next(), arguments.next()) else {
        bail!(
            "usage: second-aws ENDPOINT OUTPUTS, e.g. second-aws http://127.0.0.1:5000 '{{\"LeadsTableName\": …}}'"
        );
    };
    let world = World::new(&endpoint, &serde_json::from_str(&outputs)?)?;
    world.files_become_leads().await?;
    world.claim_checks().await?;
    world.cancelling().await?;
    world.repeated_deliveries().await?;
    say("all checks passed");
    Ok(())
}

#[allow(clippy::print_stdout, reason = "a program that reports to its user")]
fn say(text: &str) {
    println!("{text}");
}

struct World {
    app: App,
    clients: Clients,
}

impl World {
    fn new(endpoint: &str, outputs: &HashMap<String, String>) -> Result<Self> {
        let output = |name: &str| outputs.get(name).cloned().with_context(|| format!("no output {name}"));
        let credentials = aws_sdk_s3::config::Credentials::new("test", "test", None, None, "second-aws");
        let region = aws_sdk_s3::config::Region::from_static(REGION);
        let http_client = http_client::for_aws();
        macro_rules! config {
            ($service:ident) => {
                $service::Config::builder()
                    .behavior_version_latest()
                    .http_client(http_client.clone())
                    .credentials_provider(credentials.clone())
                    .region(region.clone())
                    .endpoint_url(endpoint)
            };
        }
        let clients = Clients {
            dynamodb: aws_sdk_dynamodb::Client::from_conf(config!(aws_sdk_dynamodb).build()),
            s3: aws_sdk_s3::Client::from_conf(config!(aws_sdk_s3).force_path_style(true).build()),
            sqs: aws_sdk_sqs::Client::from_conf(config!(aws_sdk_sqs).build()),
        };
        let config = Config {
            leads_table: output("LeadsTableName")?,
            status_table: output("ProcessingStatusTableName")?,
            app_state_table: output("AppStateTableName")?,
            files_bucket: output("FilesBucketName")?,
            batch_queue_url: output("BatchQueueUrl")?,
            environment: "second".to_owned(),
            deployment_secret: Secret::new("a secret of this run"),
            max_file_size: 50 << 20,
            update_policy: Default::default(),
            batch_rows: DEFAULT_BATCH_ROWS,
            direct_export_rows: MAX_DIRECT_ROWS,
            rate_limits: Default::default(),
            model: Default::default(),
        };
        let app = App::new(config, clients.clone(), Arc::new(SystemClock)).with_metric_sink(Arc::new(|_| ()));
        Ok(Self { app, clients })
    }

    /// Announces a file, sends it through its presigned URL and has it split.
    async fn send(&self, name: &str, text: &str) -> Result<String> {
        let body = json!({ "fileName": name, "fileType": "", "fileSize": text.len() });
        let request = request("POST", "/upload", None, "", Some(body))?;
        let announced: UploadResponse = read(file_upload::handle(&self.app, request).await)?;
        let mut put = reqwest::Client::new().put(&announced.upload_url).body(text.to_owned());
        for (name, value) in &announced.headers {
            put = put.header(name, value);
        }
        ensure!(put.send().await?.status() == 200, "the presigned PUT was refused");
        self.split(&announced.upload_id).await?;
        Ok(announced.upload_id)
    }

    async fn split(&self, upload_id: &str) -> Result<()> {
        let key = format!("uploads%2F{upload_id}");
        let event = json!({ "Records": [{
            "eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": REGION,
            "eventTime": "2026-01-01T00:00:00.000Z", "eventName": "ObjectCreated:Put",
            "userIdentity": {}, "requestParameters": {}, "responseElements": {},
            "s3": { "bucket": { "name": self.app.config().files_bucket }, "object": { "key": key, "size": 1 } }
        }]});
        let handled = lead_splitter::handle(&self.app, serde_json::from_value(event)?).await;
        handled.map_err(|error| anyhow!("lead-splitter: {error}"))
    }

    /// Delivers the messages in the queue, each as often as requested.
    async fn deliver(&self, times: usize) -> Result<usize> {
        let queue_url = &self.app.config().batch_queue_url;
        let mut delivered = 0;
        loop {
            let received = self.clients.sqs.receive_message().queue_url(queue_url).max_number_of_messages(10);
            let messages = received.send().await.context("ReceiveMessage")?.messages.unwrap_or_default();
            if messages.is_empty() {
                return Ok(delivered);
            }
            let records: Vec<_> = messages
                .iter()
                .map(|message| json!({ "messageId": message.message_id, "body": message.body, "attributes": {} }))
                .collect();
            for _ in 0..times {
                let event = serde_json::from_value(json!({ "Records": records }))?;
                let deadline = Deadline::after(Duration::from_secs(120));
                let answer = deepseek_caller::handle(&self.app, event, deadline).await;
                let answer = answer.map_err(|error| anyhow!("deepseek-caller: {error}"))?;
                ensure!(answer.batch_item_failures.is_empty(), "some batches failed");
            }
            delivered += messages.len();
            for message in messages {
                let receipt = message.receipt_handle.unwrap_or_default();
                let delete = self.clients.sqs.delete_message().queue_url(queue_url);
                delete.receipt_handle(receipt).send().await.context("DeleteMessage")?;
            }
        }
    }

    async fn status(&self, upload_id: &str) -> Result<ProcessingStatus> {
        let request = request("GET", "/status", Some(upload_id), "", None)?;
        read(status_reader::handle(&self.app, request).await)
    }

    async fn list(&self, parameters: &str) -> Result<ListLeadsResponse> {
        let as_of = self.app.now();
        let request = request("GET", "/leads", None, &format!("asOf={as_of}&{parameters}"), None)?;
        read(lead_reader::handle(&self.app, request).await)
    }

    async fn files_become_leads(&self) -> Result<()> {
        let text = "Name,Email,Phone,City\nAda Lovelace,ada@x.example,+44 20 7946 0001,London\n\
                    Jürgen Müller,j@y.example,,Köln\nAda King,ADA@x.example,,Ockham\nNobody,,020 7946 0002,\n";
        for (file, expected) in [("a.csv", [3, 0, 0, 1]), ("b.csv", [0, 0, 3, 1])] {
            let upload_id = self.send(file, text).await?;
            self.deliver(1).await?;
            let status = self.status(&upload_id).await?;
            let progress = &status.progress;
            let counts = [
                progress.created_leads,
                progress.updated_leads,
                progress.unchanged_leads,
                progress.duplicate_leads,
            ];
            ensure!(counts == expected && status.status == UploadStatus::Completed, "{file}: {status:#?}");
        }
        let list = self.list("sortBy=email&sortOrder=asc&filter_company=x").await?;
        ensure!(list.leads.len() == 1 && list.leads[0].last_name == "King", "{list:#?}");
        ensure!(self.list("").await?.pagination.total_count == 3, "three leads");
        say("files become leads, once; the list finds them");
        Ok(())
    }

    async fn claim_checks(&self) -> Result<()> {
        // In CSV as in JSON a quotation mark takes two bytes: 180 kB of text, 270 kB of message.
        let long = format!("\"{}\"", "a\"\"".repeat(90_000));
        let upload_id =
            self.send("long.csv", &format!("Name,Email,Note\nBob Stone,bob@x.example,{long}\n")).await?;
        self.deliver(1).await?;
        let status = self.status(&upload_id).await?;
        ensure!(status.progress.created_leads == 1, "{status:#?}");
        say("a batch too large for a message goes by way of S3");
        Ok(())
    }

    async fn cancelling(&self) -> Result<()> {
        let rows: String = (0..450).map(|n| format!("Person P{n},p{n}@z.example\n")).collect();
        let upload_id = self.send("many.csv", &format!("Name,Email\n{rows}")).await?;
        let cancel = request("POST", "/status/cancel", Some(&upload_id), "", None)?;
        let _: Value = read(status_reader::handle(&self.app, cancel).await)?;
        self.deliver(1).await?;
        let status = self.status(&upload_id).await?;
        ensure!(status.progress.cancelled_leads == 450 && status.progress.settled, "{status:#?}");
        say("a cancelled upload accounts for every row");
        Ok(())
    }

    async fn repeated_deliveries(&self) -> Result<()> {
        let rows: String = (0..450).map(|n| format!("Person P{n},p{n}@w.example\n")).collect();
        let upload_id = self.send("again.csv", &format!("Name,Email\n{rows}")).await?;
        self.split(&upload_id).await?;
        self.deliver(3).await?;
        self.split(&upload_id).await?;
        ensure!(self.deliver(1).await? == 0, "a repeated event sent batches");
        let status = self.status(&upload_id).await?;
        ensure!(
            status.status == UploadStatus::Completed && status.progress.created_leads == 450,
            "{status:#?}"
        );
        say("repeated events and messages change nothing");
        Ok(())
    }
}

/// A request as API Gateway sends it, with the claims its authorizer adds.
fn request(
    method: &str,
    path: &str,
    upload_id: Option<&str>,
    query: &str,
    body: Option<Value>,
) -> Result<Request> {
    let parameters: HashMap<&str, &str> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
    let many: HashMap<&str, [&str; 1]> = parameters.iter().map(|(name, value)| (*name, [*value])).collect();
    let event = json!({
        "resource": path, "path": path, "httpMethod": method,
        "headers": { "host": "api.example" }, "multiValueHeaders": { "host": ["api.example"] },
        "queryStringParameters": parameters, "multiValueQueryStringParameters": many,
        "pathParameters": upload_id.map(|id| json!({ "uploadId": id })), "stageVariables": null,
        "requestContext": {
            "resourcePath": path, "httpMethod": method, "path": path, "stage": "second", "accountId": "1",
            "resourceId": "r", "apiId": "a", "requestId": "r", "identity": {},
            "authorizer": { "claims": { "sub": "user-1", "token_use": "id" } },
        },
        "body": body.map(|body| body.to_string()), "isBase64Encoded": false,
    });
    lambda_http::request::from_str(&event.to_string()).context("the event is not a request")
}

fn read<T: DeserializeOwned>(answer: Result<Response<Body>, lambda_http::Error>) -> Result<T> {
    let response = answer.map_err(|error| anyhow!("{error}"))?;
    let text = match response.body() {
        Body::Text(text) => text.clone(),
        Body::Binary(bytes) => String::from_utf8(bytes.clone())?,
        _ => String::new(),
    };
    if response.status() != 200 {
        bail!("{}: {text}", response.status());
    }
    Ok(serde_json::from_str(&text)?)
}
