//! The roles against the calls the functions make: every call is allowed, and every allowed action is used.
//!
//! The calls are recorded at the HTTP layer of the AWS SDK while a system does everything the functions can do.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use anyhow::{Result, ensure};
use easy_crm_local::RecordedCall;
use easy_crm_local::handlers::lead_splitter;
use easy_crm_local::model::DataPolicy;
use easy_crm_shared::routes;
use easy_crm_shared::status::{ProblemReportResponse, UploadErrorCode, UploadStatus};
use easy_crm_tests::fake_deepseek::{FakeDeepSeek, Reply};
use easy_crm_tests::{ALICE, System, Upload};
use reqwest::Method;
use serde_json::{Value, json};

use crate::code::function_name;
use easy_crm_tests::template::{Known, fits, of_type, read, resolve};

/// One action on one kind of resource.
type Permission = (String, String);

/// Local names of the templates' parameters and resources.
fn local_names() -> Known {
    [
        ("LeadsTableArn", "table/easy-crm-leads-local"),
        ("StatusTableArn", "table/ProcessingStatus-local"),
        ("AppStateTableArn", "table/easy-crm-app-state-local"),
        ("FilesBucketArn", "easy-crm-files-local"),
        ("BatchQueueArn", "easy-crm-batches-local"),
        ("BatchDeadLetterQueueArn", "easy-crm-batches-local-dlq"),
        ("ObjectCreatedDeadLetterQueueArn", "easy-crm-object-created-local-dlq"),
        ("Environment", "local"),
        ("AWS::Partition", "aws"),
        ("AWS::Region", "us-east-1"),
        ("AWS::AccountId", "000000000000"),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect()
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(values) => values.iter().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

/// The permissions of each function's role.
fn allowed(template: &Value) -> BTreeMap<String, BTreeSet<Permission>> {
    let roles = of_type(template, "AWS::IAM::Role");
    roles
        .into_iter()
        .map(|(logical, role)| {
            let role = resolve(role, &local_names());
            let mut permissions = BTreeSet::new();
            for policy in role["Policies"].as_array().into_iter().flatten() {
                for statement in policy["PolicyDocument"]["Statement"].as_array().into_iter().flatten() {
                    assert_eq!(statement["Effect"], "Allow", "{logical}");
                    for action in texts(&statement["Action"]) {
                        for resource in texts(&statement["Resource"]) {
                            permissions.insert((action.clone(), resource));
                        }
                    }
                }
            }
            (function_name(logical.trim_end_matches("Role")), permissions)
        })
        .collect()
}

/// The calls that Lambda makes with a function's role because of its triggers, and those a function makes when it
/// starts.
fn made_by_lambda(template: &Value) -> BTreeSet<RecordedCall> {
    let names = local_names();
    let mut calls = BTreeSet::new();
    let mut add = |function: &str, action: &str, resource: &Value| {
        calls.insert(RecordedCall {
            function: function_name(function),
            action: action.to_owned(),
            resource: resource.as_str().unwrap_or_default().to_owned(),
        });
    };
    let target =
        |properties: &Value| properties["FunctionName"]["Ref"].as_str().unwrap_or_default().to_owned();
    for mapping in of_type(template, "AWS::Lambda::EventSourceMapping").into_values() {
        for action in ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"] {
            add(&target(mapping), action, &resolve(&mapping["EventSourceArn"], &names));
        }
    }
    for config in of_type(template, "AWS::Lambda::EventInvokeConfig").into_values() {
        let destination = resolve(&config["DestinationConfig"]["OnFailure"]["Destination"], &names);
        add(&target(config), "sqs:SendMessage", &destination);
    }
    for (logical, function) in of_type(template, "AWS::Lambda::Function") {
        let logs = resolve(&function["LoggingConfig"]["LogGroup"], &names);
        let arn = Value::String(format!("{}.Arn>", logs.as_str().unwrap_or_default().trim_end_matches('>')));
        add(logical, "logs:CreateLogStream", &arn);
        add(logical, "logs:PutLogEvents", &arn);
        let variables = resolve(&function["Environment"]["Variables"], &names);
        for (name, value) in variables.as_object().into_iter().flatten() {
            if name.ends_with("_ARN") {
                add(logical, "secretsmanager:GetSecretValue", value);
            }
        }
    }
    calls
}

/// Who signed a browser's request.
fn signer(resource: &str) -> &'static str {
    match resource.split('/').nth(1) {
        Some("uploads") => "file-upload",
        Some("reports") => "status-reader",
        Some("exports") => "lead-exporter",
        other => panic!("nobody signs requests for {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_is_allowed_and_every_allowed_action_is_used() -> Result<()> {
    let template = read("lambda");
    let allowed = allowed(&template);
    let mut calls = made_by_lambda(&template);
    for mut call in everything().await? {
        // Calls that the tests themselves make with the system's clients.
        if call.function == "presigned" {
            call.function = signer(&call.resource).to_owned();
        }
        calls.insert(call);
    }
    let mut wrong = Vec::new();
    let mut used: BTreeSet<(&str, &Permission)> = BTreeSet::new();
    for call in &calls {
        let of_function = allowed.get(&call.function);
        let allowing: Vec<_> = of_function
            .into_iter()
            .flatten()
            .filter(|(action, resource)| *action == call.action && fits(resource, &call.resource))
            .collect();
        if allowing.is_empty() {
            wrong.push(format!("not allowed: {call:?}"));
        }
        used.extend(allowing.into_iter().map(|permission| (call.function.as_str(), permission)));
    }
    // A function that is not written yet uses nothing.
    let written: BTreeSet<&str> = calls
        .iter()
        .filter(|call| call.action.starts_with("dynamodb:"))
        .map(|call| call.function.as_str())
        .collect();
    for (function, permissions) in allowed.iter().filter(|(function, _)| written.contains(function.as_str()))
    {
        for permission in permissions {
            if !used.contains(&(function.as_str(), permission)) {
                wrong.push(format!("not used: {function} {permission:?}"));
            }
        }
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

/// Makes systems do everything the functions can do; returns the calls they made.
async fn everything() -> Result<BTreeSet<RecordedCall>> {
    let mut calls = imports().await?;
    calls.extend(cards().await?);
    calls.extend(known_leads().await?);
    calls.extend(manual_edits().await?);
    calls.extend(exports().await?);
    calls.extend(erasures().await?);
    calls.extend(cancelled_and_given_up().await?);
    calls.extend(never_received().await?);
    Ok(calls)
}

async fn start(change: impl FnOnce(&mut easy_crm_local::LocalOptions)) -> Result<System> {
    System::start_with(|options| {
        options.record_calls = true;
        change(options);
    })
    .await
}

/// Imports of every kind, problem reports, the list, and all operations on leads.
async fn imports() -> Result<BTreeSet<RecordedCall>> {
    let model = FakeDeepSeek::start(|_, _| Reply::json(&json!({ "columns": [] }))).await?;
    let config = model.config(DataPolicy::Masked);
    let system = start(|options| options.model = config).await?;
    let plain =
        Upload::text("plain.csv", "Name,Email\nAda Lovelace,ada@x.example\nGrace Hopper,grace@x.example\n");
    for _ in 0..2 {
        let status = system.import(ALICE, &plain).await?;
        ensure!(status.status == UploadStatus::Completed, "{status:?}");
    }
    // Addresses are looked up in batches; this one is alone.
    system.import(ALICE, &Upload::text("alone.csv", "Name,Email\nMary Somerville,mary@x.example\n")).await?;
    // The model is asked about the layout.
    let strange = "QX1,QX2,QX3,QX4\nAda,Lovelace,ada@y.example,Poet of numbers\nAlan,Turing,alan@y.example,Breaker of codes\n";
    system.import(ALICE, &Upload::text("strange.csv", strange)).await?;
    // A row that the splitter rejects, one that DynamoDB rejects, and batches too large for a message.
    let headers: String = (0..1_990).map(|n| format!(";Address {n} ({})", "x".repeat(200))).collect();
    let mut text = format!("Name;Email;Phone;Note{headers}\n");
    text.push_str(&format!("Bob Stone;bob@x.example;+44 20 7946 0002;{}\n", ";v".repeat(1_990)));
    text.push_str(&format!("Zoe Ortiz;zoe@x.example;;{}\n", "y".repeat(300_000)));
    for n in 0..20 {
        text.push_str(&format!("Person{n} Large;large{n}@x.example;;{}\n", "z".repeat(30_000)));
    }
    let status = system.import(ALICE, &Upload::text("large.csv", &text)).await?;
    ensure!(status.progress.failed_leads == 2, "{:?}", status.progress);
    let report: ProblemReportResponse =
        system.get(ALICE, &routes::status_problems(&status.upload_id)).await?;
    ensure!(reqwest::get(&report.download_url).await?.status().is_success());

    let leads = system.leads().await?;
    let _: Value = system.get(ALICE, &routes::lead(&leads[0].lead_id)).await?;
    let _: Value = system.get(ALICE, routes::STATUS_LIST).await?;
    let mut calls = system.local.recorded_calls();

    // A cold start begins with a snapshot.
    let system = system.crash_and_restart().await?;
    system.local.app().write_snapshot().await?;
    let system = system.crash_and_restart_with(|options| options.record_calls = true).await?;
    ensure!(system.leads().await?.len() == leads.len());
    calls.extend(system.local.recorded_calls());
    let system = system.crash_and_restart_with(|options| options.record_calls = true).await?;
    let question = json!({ "query": "How many leads are there?" });
    let (status, answer) = system.api(ALICE, Method::POST, routes::CHAT, Some(question)).await?;
    ensure!(status == 200, "{status}: {answer}");
    calls.extend(system.local.recorded_calls());
    Ok(calls)
}

/// Cards read by the model, and the erasure of a person who was on one.
async fn cards() -> Result<BTreeSet<RecordedCall>> {
    let answer = |material: &Value, _| {
        let rows = material["rows"].as_array().into_iter().flatten();
        let rows =
            rows.map(|row| json!({ "id": row["id"], "lastName": "Lovelace", "title": "Poet of numbers" }));
        Reply::json(&json!({ "rows": rows.collect::<Vec<_>>() }))
    };
    let model = FakeDeepSeek::start(answer).await?;
    let config = model.config(DataPolicy::Rows);
    let system = start(|options| options.model = config).await?;
    let card =
        "\"Difference & Sons\nPoet of numbers\nAda Lovelace\nTel: +44 20 7946 0001\nada@cards.example\"";
    let status =
        system.import(ALICE, &Upload::text("cards.csv", &format!("Business card\n{card}\n"))).await?;
    ensure!(status.progress.created_leads == 1 && status.warnings.is_empty(), "{status:?}");
    let lead = system.leads().await?.remove(0);
    ensure!(lead.title == "Poet of numbers", "the model did not read the card: {lead:?}");
    let body = json!({ "leadId": lead.lead_id });
    let (status, answer) = system.api(ALICE, Method::POST, routes::LEADS_ERASE, Some(body)).await?;
    ensure!(status == 200 && answer["removedRows"] == 1, "{status}: {answer}");
    Ok(system.local.recorded_calls())
}

/// Leads that an import finds other than by their address: from an export of ours, and by an earlier address.
async fn known_leads() -> Result<BTreeSet<RecordedCall>> {
    let system = start(|_| {}).await?;
    let people = Upload::text(
        "people.csv",
        "Name,Email,Phone\nAda Lovelace,ada@x.example,\nAlan Turing,,+44 20 7946 0003\n",
    );
    system.import(ALICE, &people).await?;
    let (status, answer) = system.api(ALICE, Method::POST, routes::EXPORT, Some(json!({}))).await?;
    ensure!(status.is_success(), "{status}: {answer}");
    let file = reqwest::get(answer["downloadUrl"].as_str().unwrap_or_default()).await?.text().await?;
    let status = system.import(ALICE, &Upload::text("export.csv", &file)).await?;
    ensure!(status.progress.created_leads == 0, "{:?}", status.progress);
    let lead = system.list("filter_email=ada").await?.leads.remove(0);
    let edit = json!({ "updatedAt": lead.updated_at, "fields": { "email": "ada@y.example" } });
    let (status, answer) = system.api(ALICE, Method::PATCH, &routes::lead(&lead.lead_id), Some(edit)).await?;
    ensure!(status == 200, "{answer}");
    system.import(ALICE, &people).await?;
    Ok(system.local.recorded_calls())
}

/// Leads edited, deleted and restored, and saved views, beginning with a cold start.
async fn manual_edits() -> Result<BTreeSet<RecordedCall>> {
    let mut rows = "Name,Email\n".to_owned();
    for n in 0..40 {
        rows.push_str(&format!("Person Number{n},person{n}@x.example\n"));
    }
    let system = start(|_| {}).await?;
    system.import(ALICE, &Upload::text("people.csv", &rows)).await?;
    let leads = system.leads().await?;
    let system = system.crash_and_restart().await?;
    system.local.app().write_snapshot().await?;
    let system = system.crash_and_restart_with(|options| options.record_calls = true).await?;
    let change = async |method: Method, path: &str, body: Value| {
        let (status, answer) = system.api(ALICE, method, path, Some(body)).await?;
        ensure!(status.is_success(), "{path}: {status} {answer}");
        Ok(answer)
    };
    let all = json!({ "query": {} });
    let mut job = change(Method::POST, routes::LEADS_DELETE, all).await?;
    while job["state"] != "done" {
        job = system.get(ALICE, &routes::job(job["jobId"].as_str().unwrap_or_default())).await?;
    }
    change(Method::POST, routes::LEADS_RESTORE, json!({ "jobId": job["jobId"] })).await?;
    let _: Value = system.get(ALICE, &routes::job(job["jobId"].as_str().unwrap_or_default())).await?;
    for (lead, fields) in
        leads.iter().zip([json!({ "email": "new@x.example" }), json!({ "company": "Engines Ltd" })])
    {
        let seen: Value = system.get(ALICE, &routes::lead(&lead.lead_id)).await?;
        let edit = json!({ "updatedAt": seen["lead"]["updatedAt"], "fields": fields });
        change(Method::PATCH, &routes::lead(&lead.lead_id), edit).await?;
    }
    change(Method::PUT, &routes::view("a"), json!({ "name": "Mine", "state": 1 })).await?;
    let _: Value = system.get(ALICE, routes::VIEWS).await?;
    change(Method::DELETE, &routes::view("a"), Value::Null).await?;
    Ok(system.local.recorded_calls())
}

/// The scheduled snapshot and an export, each beginning with a cold start.
async fn exports() -> Result<BTreeSet<RecordedCall>> {
    let system = start(|_| {}).await?;
    system.import(ALICE, &Upload::text("people.csv", "Name,Email\nAda Lovelace,ada@x.example\n")).await?;
    // Enough to make it remove the oldest.
    for _ in 0..2 {
        system.local.app().write_snapshot().await?;
    }
    let mut system = system.crash_and_restart_with(|options| options.record_calls = true).await?;
    let ran = system.local.run_schedule().await;
    ran.map_err(|error| anyhow::anyhow!("{error}"))?;
    let mut calls = system.local.recorded_calls();
    // Within a request, and by a job.
    for direct_export_rows in [10, 0] {
        let restarted = |options: &mut easy_crm_local::LocalOptions| {
            options.record_calls = true;
            options.direct_export_rows = direct_export_rows;
        };
        system = system.crash_and_restart_with(restarted).await?;
        let (status, mut answer) = system.api(ALICE, Method::POST, routes::EXPORT, Some(json!({}))).await?;
        ensure!(status.is_success(), "{status}: {answer}");
        if let Some(job_id) = answer["jobId"].as_str() {
            let path = routes::job(job_id);
            while answer["file"].is_null() {
                answer = system.api(ALICE, Method::GET, &path, None).await?.1;
                ensure!(answer["state"] != "failed", "{answer}");
            }
            answer = answer["file"].take();
        }
        let file = reqwest::get(answer["downloadUrl"].as_str().unwrap_or_default()).await?;
        ensure!(file.status().is_success());
        calls.extend(system.local.recorded_calls());
    }
    Ok(calls)
}

/// The erasure of everything stored about a person.
async fn erasures() -> Result<BTreeSet<RecordedCall>> {
    let system = start(|options| options.direct_export_rows = 0).await?;
    let headers: String = (0..1_300).map(|n| format!(";Address {n} ({})", "x".repeat(200))).collect();
    let text = format!(
        "Name;Email;Note{headers}\nZoe Ortiz;zoe@x.example;{}\nAda Lovelace;ada@x.example;\nZoe Ortiz;zoe@y.example;\n",
        "y".repeat(300_000)
    );
    let status = system.import(ALICE, &Upload::text("large.csv", &text)).await?;
    ensure!(status.progress.failed_leads == 1, "{:?}", status.progress);
    let _: Value = system.get(ALICE, &routes::status_problems(&status.upload_id)).await?;
    let task = json!({ "q": "zoe@y.example" });
    system.api(ALICE, Method::POST, routes::EXPORT, Some(task)).await?;
    system.local.wait_idle().await?;
    system.local.app().write_snapshot().await?;
    let system = system.crash_and_restart_with(|options| options.record_calls = true).await?;
    for address in ["zoe@y.example", "zoe@x.example"] {
        let body = json!({ "email": address });
        let (status, answer) = system.api(ALICE, Method::POST, routes::LEADS_ERASE, Some(body)).await?;
        ensure!(status == 200, "{status}: {answer}");
    }
    Ok(system.local.recorded_calls())
}

/// Batches of a cancelled upload, and a file that was given up.
async fn cancelled_and_given_up() -> Result<BTreeSet<RecordedCall>> {
    let system = start(|options| options.queues.deliver = false).await?;
    let file = Upload::text("plain.csv", "Name,Email\nAda Lovelace,ada@x.example\n");
    let given_up = system.send(ALICE, &file).await?;
    let event = json!({ "Records": [{
        "eventTime": "2026-01-01T00:00:00.000Z", "userIdentity": {}, "requestParameters": {},
        "s3": { "bucket": { "name": "b" }, "object": { "key": format!("uploads/{given_up}") } },
    }]});
    let failure =
        json!({ "Records": [{ "messageId": "m", "body": json!({ "requestPayload": event }).to_string() }] });
    let answer = lead_splitter::invoke(system.local.app(), serde_json::from_value(failure)?).await;
    answer.map_err(|error| anyhow::anyhow!("{error}"))?;
    let status = system.status(ALICE, &given_up).await?;
    ensure!(status.status == UploadStatus::Error, "{status:?}");

    let cancelled = system.send(ALICE, &file).await?;
    let event = json!({ "Records": [{
        "eventTime": "2026-01-01T00:00:00.000Z", "userIdentity": {}, "requestParameters": {},
        "s3": { "bucket": { "name": "b" }, "object": { "key": format!("uploads/{cancelled}") } },
    }]});
    let answer = lead_splitter::invoke(system.local.app(), serde_json::from_value(event)?).await;
    answer.map_err(|error| anyhow::anyhow!("{error}"))?;
    system.api(ALICE, Method::POST, &routes::status_cancel(&cancelled), None).await?;
    system.local.start_deliveries();
    system.local.wait_idle().await?;
    let status = system.status(ALICE, &cancelled).await?;
    ensure!(status.status == UploadStatus::Cancelled && status.progress.settled, "{status:?}");
    // Calls that the test itself made in place of the splitter belong to no function.
    Ok(system.local.recorded_calls().into_iter().filter(|call| call.function != "presigned").collect())
}

/// An upload whose file never arrived.
async fn never_received() -> Result<BTreeSet<RecordedCall>> {
    let clock = Arc::new(MovedClock::default());
    let shared = Arc::clone(&clock);
    let system = start(|options| options.clock = shared).await?;
    let announced = system.announce(ALICE, &Upload::text("plain.csv", "Name\n")).await?;
    clock.move_by_hours(2);
    let status = system.status(ALICE, &announced.upload_id).await?;
    ensure!(status.error.map(|error| error.code) == Some(UploadErrorCode::UploadNotReceived));
    Ok(system.local.recorded_calls())
}

/// The machine's clock, moved forward.
#[derive(Default)]
struct MovedClock(Mutex<i64>);

impl MovedClock {
    fn move_by_hours(&self, hours: i64) {
        *self.0.lock().unwrap() += hours;
    }
}

impl easy_crm_local::clock::Clock for MovedClock {
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::now() + jiff::SignedDuration::from_hours(*self.0.lock().unwrap())
    }
}
