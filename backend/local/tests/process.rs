//! The `easy-crm` program as a separate process: killed in the middle of an import, and what it writes to its log.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking, also in its helpers")]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use easy_crm_tests::eventually;
use serde_json::{Value, json};

const PROGRAM: &str = env!("CARGO_BIN_EXE_easy-crm");

/// The running server program; killed when the test ends, however that happens.
struct Serving {
    process: Child,
    url: String,
    token: String,
}

impl Serving {
    fn start(data: &Path, log: &Path) -> Self {
        let log = std::fs::OpenOptions::new().create(true).append(true).open(log).unwrap();
        let mut process = Command::new(PROGRAM)
            .args(["serve", "--port", "0", "--data"])
            .arg(data)
            .env("RUST_LOG", "info,easy_crm::metrics=debug")
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let url =
            lines.find_map(|line| line.unwrap().trim().strip_prefix("Page").map(|url| url.trim().to_owned()));
        let token = Command::new(PROGRAM).args(["token", "--data"]).arg(data).output().unwrap();
        let token = String::from_utf8(token.stdout).unwrap().trim().to_owned();
        Self { process, url: url.expect("the program says where the page is"), token }
    }

    async fn call(&self, method: reqwest::Method, path: &str, body: Option<Value>) -> Value {
        let request = reqwest::Client::new().request(method, format!("{}/api{path}", self.url));
        let request = request.bearer_auth(&self.token);
        let request = if let Some(body) = body { request.json(&body) } else { request };
        request.send().await.unwrap().json().await.unwrap()
    }

    async fn upload(&self, name: &str, text: String) -> String {
        let body = json!({ "fileName": name, "fileType": "text/csv", "fileSize": text.len() });
        let announced = self.call(reqwest::Method::POST, "/upload", Some(body)).await;
        let mut put = reqwest::Client::new().put(announced["uploadUrl"].as_str().unwrap()).body(text);
        for (name, value) in announced["headers"].as_object().unwrap() {
            put = put.header(name, value.as_str().unwrap());
        }
        assert_eq!(put.send().await.unwrap().status(), 200);
        announced["uploadId"].as_str().unwrap().to_owned()
    }

    async fn status(&self, upload_id: &str) -> Value {
        self.call(reqwest::Method::GET, &format!("/status/{upload_id}"), None).await
    }

    /// Polls until the upload has counted that many batches or is settled.
    async fn until(&self, upload_id: &str, batches: u64) -> Value {
        let looked = eventually("batches end", async || {
            let status = self.status(upload_id).await;
            let progress = &status["progress"];
            let is_far_enough =
                progress["completedBatches"].as_u64() >= Some(batches) || progress["settled"] == true;
            Ok(is_far_enough.then_some(status))
        });
        looked.await.unwrap()
    }
}

impl Drop for Serving {
    /// `kill -9`.
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

fn file(rows: u32, title: &str) -> String {
    let mut text = "Name,Email,Phone,Job Title\n".to_owned();
    for n in 0..rows {
        text.push_str(&format!("Marked Person{n},marked{n}@secret.example,+1 555 {n:07},{title}\n"));
    }
    text
}

#[tokio::test]
async fn a_killed_import_goes_on_and_logs_no_values() {
    let folder = tempfile::tempdir().unwrap();
    let (data, log) = (folder.path().join("data"), folder.path().join("log"));
    let rows = 2_000;
    let mut serving = Serving::start(&data, &log);
    let upload_id = serving.upload("people.csv", file(rows, "Clerk")).await;
    for batches in [0, 1, 4] {
        serving.until(&upload_id, batches).await;
        drop(serving);
        serving = Serving::start(&data, &log);
    }
    let status = serving.until(&upload_id, u64::MAX).await;
    assert_eq!((&status["status"], &status["progress"]["createdLeads"]), (&json!("completed"), &json!(rows)));
    let list = serving.call(reqwest::Method::GET, "/leads?pageSize=1", None).await;
    assert_eq!(list["pagination"]["totalCount"], json!(rows));

    // The same people with another title: every change is logged.
    let upload_id = serving.upload("promoted.csv", file(20, "Director")).await;
    let status = serving.until(&upload_id, u64::MAX).await;
    assert_eq!(status["progress"]["updatedLeads"], 20);
    drop(serving);

    let log = std::fs::read_to_string(&log).unwrap();
    for marked in ["secret.example", "Person1", "+1 555", "Director"] {
        assert!(!log.contains(marked), "{marked} is in the log");
    }
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let audit: Vec<_> = lines.iter().filter(|line| line["target"] == "audit").collect();
    assert_eq!(audit.len(), 20);
    for record in &audit {
        assert_eq!(record["action"], "lead_updated");
        assert_eq!(record["emailHash"].as_str().map(str::len), Some(64));
        assert!(record["leadId"].is_string() && record["timestamp"].is_string());
        assert_eq!(
            (&record["previousSourceFile"], &record["newSourceFile"]),
            (&json!("people.csv"), &json!("promoted.csv"))
        );
        assert_eq!(
            (&record["fieldsChanged"], &record["batchId"]),
            (&json!("title"), &json!(format!("{upload_id}/0")))
        );
    }
    let measured = |name: &str| -> f64 {
        let lines = lines.iter().filter(|line| line["target"] == "easy_crm::metrics");
        let values = lines.map(|line| serde_json::from_str::<Value>(line["line"].as_str().unwrap()).unwrap());
        let with = values.filter(|metric| metric.get(name).is_some());
        with.map(|metric| {
            let directive = &metric["_aws"]["CloudWatchMetrics"][0];
            assert_eq!(directive["Namespace"], "EasyCRM");
            assert!(directive["Metrics"].as_array().unwrap().iter().any(|defined| defined["Name"] == name));
            metric[name].as_f64().unwrap()
        })
        .sum()
    };
    assert_eq!((measured("LeadsUpdated"), measured("DuplicateLeadsDetected")), (20.0, 20.0));
    // Batches that had been counted when a kill came may not have been measured: up to 40 in progress are cut off each
    // time. No lead is measured twice.
    let created = measured("LeadsCreated");
    assert!((1.0..=f64::from(rows)).contains(&created), "{created}");
    assert!(measured("StatusPollingRequests") > 0.0 && measured("DuplicateDetectionLatency") > 0.0);
}
