//! Crashes, repeated events and cancellation.

use std::time::Duration;

use anyhow::Result;
use easy_crm_local::Deadline;
use easy_crm_local::handlers::{deepseek_caller, lead_splitter};
use easy_crm_shared::routes;
use easy_crm_shared::status::{ProblemReportResponse, Stage, UploadErrorCode, UploadStatus};
use easy_crm_tests::{ALICE, BOB, System, Upload, eventually};
use reqwest::Method;
use serde_json::json;

fn many(rows: u32) -> Upload {
    let mut text = "Name,Email,Phone\n".to_owned();
    for n in 0..rows {
        text.push_str(&format!("Person Number{n},person{n}@many.example,+1 555 {n:07}\n"));
    }
    Upload::text("many.csv", &text)
}

/// The source of dead letters.
const DEAD_LETTERS: &str = "arn:aws:sqs:us-east-1:000000000000:easy-crm-batches-local-dlq";

fn soon() -> Deadline {
    Deadline::after(Duration::from_secs(60))
}

pub(crate) fn object_created(upload_id: &str) -> serde_json::Value {
    json!({ "Records": [{
        "eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "us-east-1",
        "eventTime": "2026-01-01T00:00:00.000Z", "eventName": "ObjectCreated:Put",
        "userIdentity": {}, "requestParameters": {}, "responseElements": {},
        "s3": { "bucket": { "name": "b" }, "object": { "key": format!("uploads%2F{upload_id}"), "size": 1 } }
    }]})
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_survives_crashes_at_any_time() -> Result<()> {
    let mut system = System::start().await?;
    let upload = many(3_000);
    let upload_id = system.send(ALICE, &upload).await?;
    // Lets it get a little further each time before it is killed.
    for batches in [0, 2, 5, 9] {
        eventually("batches end", async || {
            let status = system.status(ALICE, &upload_id).await?;
            let is_far_enough = status.progress.completed_batches >= batches || status.status.is_final();
            Ok(is_far_enough.then_some(()))
        })
        .await?;
        system = system.crash_and_restart().await?;
    }
    system.local.wait_idle().await?;
    let status = system.status(ALICE, &upload_id).await?;
    assert_eq!(status.status, UploadStatus::Completed, "{status:?}");
    assert_eq!(status.progress.created_leads, 3_000, "{:?}", status.progress);
    assert_eq!(system.list("").await?.pagination.total_count, 3_000);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn events_delivered_again_change_nothing() -> Result<()> {
    let system = System::start().await?;
    let ended = system.import(ALICE, &many(500)).await?;
    let before = system.leads().await?;
    let event = serde_json::from_value(object_created(&ended.upload_id))?;
    lead_splitter::handle(system.local.app(), event).await.map_err(|error| anyhow::anyhow!("{error}"))?;
    system.local.wait_idle().await?;
    assert_eq!(system.status(ALICE, &ended.upload_id).await?, ended);
    assert_eq!(system.leads().await?, before);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poisoned_message_does_not_take_the_others_with_it() -> Result<()> {
    let system = System::start().await?;
    let event = serde_json::from_value(json!({ "Records": [
        { "messageId": "poison", "body": "{", "attributes": {} },
    ]}))?;
    let answer = deepseek_caller::handle(system.local.app(), event, soon())
        .await
        .map_err(|error| anyhow::anyhow!("{error}"))?;
    let failed: Vec<_> =
        answer.batch_item_failures.iter().map(|failure| failure.item_identifier.as_str()).collect();
    assert_eq!(failed, ["poison"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_are_refused_stand_in_a_report_that_can_be_uploaded_again() -> Result<()> {
    let system = System::start().await?;
    // A row over 256 kB is not even tried. One whose remarks contain 2,000 long headers exceeds DynamoDB's 400 kB.
    let headers: String = (0..1_990).map(|n| format!(";Address {n} ({})", "x".repeat(200))).collect();
    let (large, many_notes) = ("y".repeat(300_000), ";v".repeat(1_990));
    let text = format!(
        "Name;Email;Phone;Note{headers}\nAda Lovelace;ada@x.example;+44 20 7946 0001;=1+1\n\
         Bob Stone;bob@x.example;+44 20 7946 0002;{many_notes}\nZoë Ortiz;zoe@x.example;;{large}\n"
    );
    let status = system.import(ALICE, &Upload::text("mixed.csv", &text)).await?;
    assert_eq!((status.status, status.progress.settled), (UploadStatus::Completed, true));
    assert_eq!(
        (status.progress.created_leads, status.progress.failed_leads),
        (1, 2),
        "{:?}",
        status.progress
    );
    assert_eq!(status.warnings.iter().filter(|warning| warning.code == "ROWS_FAILED").count(), 1);

    let path = routes::status_problems(&status.upload_id);
    let (code, _) = system.api(BOB, Method::GET, &path, None).await?;
    assert_eq!(code.as_u16(), 404);
    let answer: ProblemReportResponse = system.get(ALICE, &path).await?;
    assert_eq!((answer.file_name.as_str(), answer.row_count), ("mixed_problems.csv", 2));
    let response = reqwest::get(&answer.download_url).await?;
    let disposition = response.headers()["content-disposition"].to_str()?.to_owned();
    assert!(disposition.contains("mixed_problems.csv"), "{disposition}");
    let report = response.text().await?;
    let lines: Vec<_> = report.lines().collect();
    assert!(lines[0].starts_with(
        "\u{feff}Easy CRM: sheet,Easy CRM: row,Easy CRM: problem,Name,Email,Phone,Note,Address 0 (xxx"
    ));
    assert!(lines[1].starts_with(",3,") && lines[1].contains("too large"), "{}", &lines[1][..200]);
    assert!(lines[2].starts_with(",4,") && lines[2].contains("256 kB"), "{}", &lines[2][..200]);

    let corrected = report.replace(&",v".repeat(1_990), ",v").replace(&large, "short");
    let status = system.import(ALICE, &Upload::text("mixed_problems.csv", &corrected)).await?;
    assert_eq!(
        (status.progress.created_leads, status.progress.failed_leads),
        (2, 0),
        "{:?}",
        status.progress
    );
    let leads = system.leads().await?;
    assert_eq!(leads.len(), 3);
    assert_eq!((leads[0].email.as_str(), leads[0].remarks.as_str()), ("ada@x.example", "Note: =1+1"));
    assert_eq!((leads[1].first_name.as_str(), leads[1].phone.as_str()), ("Bob", "+44 20 7946 0002"));
    assert!(leads[1].remarks.starts_with("Address 0 (xxx"), "{}", leads[1].remarks);
    assert_eq!((leads[2].email.as_str(), leads[2].remarks.as_str()), ("zoe@x.example", "Note: short"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_without_failures_has_no_report() -> Result<()> {
    let system = System::start().await?;
    let status = system.import(ALICE, &many(3)).await?;
    let (code, body) =
        system.api(ALICE, Method::GET, &routes::status_problems(&status.upload_id), None).await?;
    assert_eq!((code.as_u16(), body["error"]["code"].as_str()), (404, Some("NOT_FOUND")));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn polling_too_often_is_refused_with_a_time_to_come_again() -> Result<()> {
    let system = System::start_with(|options| options.rate_limits.status = 3).await?;
    let bearer = format!("Bearer {}", system.local.token_for(ALICE)?);
    let url = format!("{}{}{}", system.local.base_url(), routes::API_BASE, routes::STATUS_LIST);
    // A window may end between two requests, but not twice.
    let mut refused = None;
    for _ in 0..8 {
        let request = reqwest::Client::new().get(&url).header("authorization", &bearer);
        let response = request.send().await?;
        if response.status() == 429 {
            refused = Some(response);
            break;
        }
        assert_eq!(response.status(), 200);
    }
    let refused = refused.expect("the fourth request of a minute is refused");
    let seconds: u64 = refused.headers()["retry-after"].to_str()?.parse()?;
    assert!((1..=60).contains(&seconds));
    let body: serde_json::Value = refused.json().await?;
    assert_eq!(body["error"]["code"], "RATE_LIMITED");
    let (code, _) = system.api(BOB, Method::GET, routes::STATUS_LIST, None).await?;
    assert_eq!(code.as_u16(), 200, "another user is not affected");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_cannot_be_read_fails_as_a_whole_and_what_is_no_batch_is_dropped() -> Result<()> {
    let system = System::start_with(|options| options.queues.deliver = false).await?;
    let upload_id = system.send(ALICE, &many(10)).await?;
    let event = serde_json::from_value(object_created(&upload_id))?;
    lead_splitter::handle(system.local.app(), event).await.map_err(|error| anyhow::anyhow!("{error}"))?;
    let lost = json!({ "batchKey": "batches/gone", "uploadId": upload_id, "batchIndex": 0, "rowCount": 10 });
    for body in ["{".to_owned(), lost.to_string()] {
        let event = serde_json::from_value(json!({ "Records": [
            { "messageId": "dead", "body": body, "attributes": {}, "eventSourceARN": DEAD_LETTERS },
        ]}))?;
        let answer = deepseek_caller::handle(system.local.app(), event, soon()).await;
        let answer = answer.map_err(|error| anyhow::anyhow!("{error}"))?;
        assert!(answer.batch_item_failures.is_empty(), "{body}");
    }
    let status = system.status(ALICE, &upload_id).await?;
    assert_eq!((status.status, status.progress.failed_leads), (UploadStatus::Error, 10));
    assert_eq!(status.error.map(|error| error.code), Some(UploadErrorCode::AllRowsFailed));
    assert!(status.progress.settled);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_accounts_for_every_row() -> Result<()> {
    let system = System::start_with(|options| options.queues.deliver = false).await?;
    let upload_id = system.send(ALICE, &many(1_000)).await?;
    // The splitter has run, the batches are waiting: cancel now.
    let event = serde_json::from_value(object_created(&upload_id))?;
    lead_splitter::handle(system.local.app(), event).await.map_err(|error| anyhow::anyhow!("{error}"))?;
    let status = system.status(ALICE, &upload_id).await?;
    assert_eq!((status.status, status.progress.total_leads), (UploadStatus::Processing, 1_000));
    let (code, body) = system.api(ALICE, Method::POST, &routes::status_cancel(&upload_id), None).await?;
    assert_eq!((code.as_u16(), body["status"].as_str()), (200, Some("cancelled")));
    assert!(!system.status(ALICE, &upload_id).await?.progress.settled);

    system.local.start_deliveries();
    system.local.wait_idle().await?;
    let status = system.status(ALICE, &upload_id).await?;
    assert_eq!((status.status, status.stage), (UploadStatus::Cancelled, Stage::Cancelled));
    assert_eq!(status.progress.cancelled_leads, 1_000);
    assert!(status.progress.settled);
    assert!(system.leads().await?.is_empty());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_before_the_file_is_read_is_final() -> Result<()> {
    let system = System::start_with(|options| options.queues.deliver = false).await?;
    let upload_id = system.send(ALICE, &many(10)).await?;
    let (code, _) = system.api(ALICE, Method::POST, &routes::status_cancel(&upload_id), None).await?;
    assert_eq!(code.as_u16(), 200);
    system.local.start_deliveries();
    system.local.wait_idle().await?;
    let status = system.status(ALICE, &upload_id).await?;
    assert_eq!((status.status, status.progress.settled), (UploadStatus::Cancelled, true));
    assert!(system.leads().await?.is_empty());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_given_up_ends_in_an_error() -> Result<()> {
    let system = System::start_with(|options| options.queues.deliver = false).await?;
    let upload_id = system.send(ALICE, &many(10)).await?;
    for _ in 0..2 {
        // As Lambda puts it in the queue after the last try.
        let failure = json!({ "requestPayload": object_created(&upload_id), "responsePayload": {} });
        let invocation = serde_json::from_value(json!({ "Records": [
            { "messageId": "failure", "body": failure.to_string(), "eventSource": "aws:sqs" },
        ]}))?;
        let answer = lead_splitter::invoke(system.local.app(), invocation).await;
        let answer = answer.map_err(|error| anyhow::anyhow!("{error}"))?.expect("failures have a response");
        assert!(answer.batch_item_failures.is_empty());
        let status = system.status(ALICE, &upload_id).await?;
        assert_eq!((status.status, status.progress.settled), (UploadStatus::Error, true));
        assert_eq!(status.error.map(|error| error.code), Some(UploadErrorCode::ProcessingFailed));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_is_settled_like_any_batch_and_once() -> Result<()> {
    let system = System::start_with(|options| options.queues.deliver = false).await?;
    let upload_id = system.send(ALICE, &many(10)).await?;
    let event = serde_json::from_value(object_created(&upload_id))?;
    lead_splitter::handle(system.local.app(), event).await.map_err(|error| anyhow::anyhow!("{error}"))?;
    let batch = system.local.waiting_batches().await?.remove(0);
    for _ in 0..2 {
        let event = serde_json::from_value(json!({ "Records": [
            {
                "messageId": "dead", "body": batch.body, "attributes": { "ApproximateReceiveCount": "9" },
                "eventSourceARN": DEAD_LETTERS,
            },
        ]}))?;
        let answer = deepseek_caller::handle(system.local.app(), event, soon()).await;
        let answer = answer.map_err(|error| anyhow::anyhow!("{error}"))?;
        assert!(answer.batch_item_failures.is_empty());
    }
    let status = system.status(ALICE, &upload_id).await?;
    assert_eq!((status.status, status.progress.created_leads), (UploadStatus::Completed, 10));
    assert_eq!(status.progress.completed_batches, 1);
    Ok(())
}
