//! Crashes, repeated events and cancelling.

use anyhow::Result;
use easy_crm_local::handlers::{deepseek_caller, lead_splitter};
use easy_crm_shared::routes;
use easy_crm_shared::status::{Stage, UploadErrorCode, UploadStatus};
use easy_crm_tests::{ALICE, System, Upload};
use reqwest::Method;
use serde_json::json;

fn many(rows: u32) -> Upload {
    let mut text = "Name,Email,Phone\n".to_owned();
    for n in 0..rows {
        text.push_str(&format!("Person Number{n},person{n}@many.example,+1 555 {n:07}\n"));
    }
    Upload::text("many.csv", &text)
}

fn object_created(upload_id: &str) -> serde_json::Value {
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
    // Let it get a little further each time before it is stopped dead.
    for batches in [0, 2, 5, 9] {
        loop {
            let status = system.status(ALICE, &upload_id).await?;
            if status.progress.completed_batches >= batches || status.status.is_final() {
                break;
            }
            tokio::task::yield_now().await;
        }
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
    let answer = deepseek_caller::handle(system.local.app(), event)
        .await
        .map_err(|error| anyhow::anyhow!("{error}"))?;
    let failed: Vec<_> =
        answer.batch_item_failures.iter().map(|failure| failure.item_identifier.as_str()).collect();
    assert_eq!(failed, ["poison"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_accounts_for_every_row() -> Result<()> {
    let system = System::start_with(|options| options.queues.deliver = false).await?;
    let upload_id = system.send(ALICE, &many(1_000)).await?;
    // The splitter has run, the batches wait: cancel now.
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
        let event = serde_json::from_value(object_created(&upload_id))?;
        lead_splitter::give_up(system.local.app(), event)
            .await
            .map_err(|error| anyhow::anyhow!("{error}"))?;
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
            { "messageId": "dead", "body": batch.body, "attributes": { "ApproximateReceiveCount": "9" } },
        ]}))?;
        let answer = deepseek_caller::handle_dead_letters(system.local.app(), event).await;
        let answer = answer.map_err(|error| anyhow::anyhow!("{error}"))?;
        assert!(answer.batch_item_failures.is_empty());
    }
    let status = system.status(ALICE, &upload_id).await?;
    assert_eq!((status.status, status.progress.created_leads), (UploadStatus::Completed, 10));
    assert_eq!(status.progress.completed_batches, 1);
    Ok(())
}
