//! The built functions as Lambda runs them: separate programs behind the Runtime API, with the template's variables and
//! the events of API Gateway, EventBridge (transformed by the template's rule) and SQS.

use anyhow::Result;
use easy_crm_shared::routes;
use easy_crm_shared::status::{UploadErrorCode, UploadStatus};
use easy_crm_tests::lambda::Function;
use easy_crm_tests::lambda::deployment::{
    Deployment, answer, message, object_created, request, status, upload,
};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn the_built_functions_import_a_file_and_list_it() -> Result<()> {
    let deployment = Deployment::start().await?;
    let mut file_upload = deployment.function("file-upload").await?;
    let mut status_reader = deployment.function("status-reader").await?;
    let content =
        "Name,Email\nAda Lovelace,ada@x.example\nGrace Hopper,grace@x.example\nAda King,ADA@x.example\n";
    let upload_id = upload(&mut file_upload, content).await?;
    assert_eq!(status(&mut status_reader, &upload_id).await?.status, UploadStatus::Uploading);

    let mut lead_splitter = deployment.function("lead-splitter").await?;
    assert_eq!(lead_splitter.invoke(&object_created(&upload_id)?).await?, Value::Null);
    let split = status(&mut status_reader, &upload_id).await?;
    assert_eq!((split.status, split.progress.total_leads), (UploadStatus::Processing, 3));

    let mut deepseek_caller = deployment.function("deepseek-caller").await?;
    let batches = deployment.local.waiting_batches().await?;
    assert_eq!(batches.len(), 1);
    for _ in 0..2 {
        let answer = deepseek_caller.invoke(&message(&batches[0].body, "easy-crm-batches-prod")?).await?;
        assert_eq!(answer, json!({ "batchItemFailures": [] }));
    }
    let ended = status(&mut status_reader, &upload_id).await?;
    assert_eq!(ended.status, UploadStatus::Completed, "{ended:?}");
    assert_eq!((ended.progress.created_leads, ended.progress.duplicate_leads), (2, 1));

    let mut lead_reader = deployment.function("lead-reader").await?;
    let query = json!({ "filter_lastName": "king", "pageSize": "10" });
    let page =
        answer(&mut lead_reader, &request("GET", routes::LEADS, Value::Null, query, None)?, 200).await?;
    assert_eq!(
        (page["pagination"]["totalCount"].as_u64(), page["leads"][0]["email"].as_str()),
        (Some(1), Some("ada@x.example"))
    );
    let lead_id = page["leads"][0]["leadId"].clone();
    let one = request("GET", routes::LEAD, json!({ "leadId": lead_id }), Value::Null, None)?;
    assert_eq!(answer(&mut lead_reader, &one, 200).await?["lead"]["leadId"], lead_id);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_built_functions_report_failures_as_lambda_wants_them() -> Result<()> {
    let deployment = Deployment::start().await?;
    let mut deepseek_caller = deployment.function("deepseek-caller").await?;
    let poison = message("{", "easy-crm-batches-prod")?;
    let answer_to_poison = deepseek_caller.invoke(&poison).await?;
    let failed = json!({ "batchItemFailures": [{ "itemIdentifier": poison["Records"][0]["messageId"] }] });
    assert_eq!(answer_to_poison, failed);
    // What can never be read is dropped from the dead-letter queue.
    let dead = message("{", "easy-crm-batches-prod-dlq")?;
    assert_eq!(deepseek_caller.invoke(&dead).await?, json!({ "batchItemFailures": [] }));

    let mut file_upload = deployment.function("file-upload").await?;
    let mut status_reader = deployment.function("status-reader").await?;
    let upload_id = upload(&mut file_upload, "Name\nAda Lovelace\n").await?;
    let mut lead_splitter = deployment.function("lead-splitter").await?;
    let failure = json!({
        "version": "1.0",
        "timestamp": "2026-01-31T09:36:00.000Z",
        "requestContext": { "requestId": "r", "functionArn": "f", "condition": "RetriesExhausted", "approximateInvokeCount": 3 },
        "requestPayload": object_created(&upload_id)?,
        "responseContext": { "statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled" },
        "responsePayload": { "errorType": "Unhandled" },
    });
    let given_up = message(&failure.to_string(), "easy-crm-object-created-prod-dlq")?;
    assert_eq!(lead_splitter.invoke(&given_up).await?, json!({ "batchItemFailures": [] }));
    let ended = status(&mut status_reader, &upload_id).await?;
    assert_eq!(ended.error.map(|error| error.code), Some(UploadErrorCode::ProcessingFailed));

    let mut stranger = request("GET", routes::STATUS_LIST, Value::Null, Value::Null, None)?;
    stranger["requestContext"]["authorizer"] = Value::Null;
    assert_eq!(answer(&mut status_reader, &stranger, 401).await?["error"]["code"], "UNAUTHORIZED");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_without_its_settings_does_not_start() -> Result<()> {
    let deployment = Deployment::start().await?;
    let mut variables = deployment.variables("status-reader");
    variables.insert("DEPLOYMENT_SECRET_ARN".to_owned(), "arn:unknown".to_owned());
    let program = &deployment.programs["status-reader"];
    assert!(Function::start(program, "status-reader", &variables).await.is_err());
    variables.remove("DEPLOYMENT_SECRET_ARN");
    assert!(Function::start(program, "status-reader", &variables).await.is_err());
    Ok(())
}
