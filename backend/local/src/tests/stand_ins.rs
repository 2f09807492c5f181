//! DynamoDB, SQS and S3 as the AWS SDK sees them.

use std::time::{Duration, SystemTime};

use aws_sdk_dynamodb::types::{
    AttributeValue, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use aws_sdk_s3::presigning::{PresignedRequest, PresigningConfig};
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use easy_crm_lambdas::aws::tables;

use super::*;

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

#[tokio::test]
async fn dynamodb_checks_conditions_and_fills_indexes() {
    let Fixture { local, folder: _folder, .. } = start().await;
    let (dynamodb, table) = (&local.clients().dynamodb, &local.app().config().leads_table);
    let put = || {
        dynamodb
            .put_item()
            .table_name(table)
            .item("leadId", text("l1"))
            .item("email", text("ann@example.com"))
            .item("feedShard", text("s1"))
            .item("changedAt", text("2026-01-01"))
            .condition_expression("attribute_not_exists(leadId)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    };
    put().send().await.unwrap();
    let refused = put().send().await.unwrap_err().into_service_error();
    let aws_sdk_dynamodb::operation::put_item::PutItemError::ConditionalCheckFailedException(refused) =
        refused
    else {
        panic!("another error: {refused}")
    };
    assert_eq!(refused.item().unwrap()["email"], text("ann@example.com"));
    for (index, key, value) in
        [(tables::EMAIL_INDEX, "email", "ann@example.com"), (tables::CHANGE_FEED_INDEX, "feedShard", "s1")]
    {
        let found = dynamodb
            .query()
            .table_name(table)
            .index_name(index)
            .key_condition_expression("#key = :value")
            .expression_attribute_names("#key", key)
            .expression_attribute_values(":value", text(value))
            .send()
            .await
            .unwrap();
        assert_eq!(found.items()[0]["leadId"], text("l1"), "{index}");
    }
    let missing = dynamodb.get_item().table_name("nothing").key("leadId", text("l1")).send().await;
    assert!(missing.unwrap_err().into_service_error().is_resource_not_found_exception());
}

#[tokio::test]
async fn dynamodb_counts_a_batch_once_in_one_transaction() {
    let Fixture { local, folder: _folder, .. } = start().await;
    let config = local.app().config();
    let dynamodb = &local.clients().dynamodb;
    dynamodb
        .put_item()
        .table_name(&config.status_table)
        .item("uploadId", text("u1"))
        .item("progress", AttributeValue::M([("done".to_owned(), AttributeValue::N("0".to_owned()))].into()))
        .send()
        .await
        .unwrap();
    let count = || {
        let marker = Put::builder()
            .table_name(&config.app_state_table)
            .item("pk", text("batch#u1"))
            .item("sk", text("0"))
            .condition_expression("attribute_not_exists(pk)")
            .build()
            .unwrap();
        let counter = Update::builder()
            .table_name(&config.status_table)
            .key("uploadId", text("u1"))
            .update_expression("SET progress.done = progress.done + :one")
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
            .build()
            .unwrap();
        dynamodb
            .transact_write_items()
            .transact_items(TransactWriteItem::builder().put(marker).build())
            .transact_items(TransactWriteItem::builder().update(counter).build())
            .send()
    };
    count().await.unwrap();
    let again = count().await.unwrap_err().into_service_error();
    assert!(again.is_transaction_canceled_exception(), "{again}");
    let status =
        dynamodb.get_item().table_name(&config.status_table).key("uploadId", text("u1")).send().await;
    let progress = status.unwrap().item.unwrap()["progress"].as_m().unwrap().clone();
    assert_eq!(progress["done"], AttributeValue::N("1".to_owned()));
}

#[tokio::test]
async fn sqs_hides_redelivers_and_gives_up() {
    let Fixture { local, clock, folder } = start().await;
    let (sqs, url) = (&local.clients().sqs, &local.app().config().batch_queue_url);
    let receive = || async {
        let answer = sqs
            .receive_message()
            .queue_url(url)
            .max_number_of_messages(10)
            .visibility_timeout(30)
            .send()
            .await
            .unwrap();
        let mut bodies: Vec<_> =
            answer.messages().iter().map(|message| message.body().unwrap().to_owned()).collect();
        bodies.sort();
        (bodies, answer)
    };
    let entry = |id: &str| {
        SendMessageBatchRequestEntry::builder().id(id).message_body(format!("body {id}")).build().unwrap()
    };
    let sent =
        sqs.send_message_batch().queue_url(url).entries(entry("a")).entries(entry("b")).send().await.unwrap();
    assert_eq!(sent.successful().len(), 2);

    let (bodies, first) = receive().await;
    assert_eq!(bodies, ["body a", "body b"]);
    assert_eq!(receive().await.0.len(), 0, "in flight");
    assert_eq!(local.batch_queue_depth().await.unwrap().in_flight, 2);
    let deleted = first.messages().iter().find(|message| message.body() == Some("body a")).unwrap();
    sqs.delete_message()
        .queue_url(url)
        .receipt_handle(deleted.receipt_handle().unwrap())
        .send()
        .await
        .unwrap();
    clock.advance(29);
    assert_eq!(receive().await.0.len(), 0, "still in flight");
    clock.advance(1);
    let (bodies, second) = receive().await;
    assert_eq!(bodies, ["body b"]);
    let message = &second.messages()[0];
    assert_eq!(message.attributes().unwrap()[&"ApproximateReceiveCount".into()], "2");

    // A crash: the message is redelivered at once, and this was its last delivery.
    drop(local);
    let local = restart(&folder, &clock).await;
    let (sqs, url) = (&local.clients().sqs, &local.app().config().batch_queue_url);
    let answer = sqs.receive_message().queue_url(url).send().await.unwrap();
    assert_eq!(answer.messages().len(), 0);
    let dead = local.dead_letters().await.unwrap();
    assert_eq!(dead.iter().map(|message| message.body.as_str()).collect::<Vec<_>>(), ["body b"]);
    local.wait_idle().await.unwrap();
}

/// The port differs, the data is the same.
async fn restart(folder: &TempDir, clock: &Arc<TestClock>) -> LocalApp {
    loop {
        // The lock is released with the last task of the old system, which is dropped in its own time.
        match LocalApp::start(options(folder, clock)).await {
            Err(crate::LocalError::DataFolder(crate::DataFolderError::InUse(_))) => {
                tokio::task::yield_now().await
            }
            started => return started.unwrap(),
        }
    }
}

#[tokio::test]
async fn sqs_long_poll_ends_with_the_first_message() {
    let Fixture { local, folder: _folder, .. } = start().await;
    let (sqs, url) = (local.clients().sqs.clone(), local.app().config().batch_queue_url.clone());
    let waiting = tokio::spawn({
        let (sqs, url) = (sqs.clone(), url.clone());
        async move { sqs.receive_message().queue_url(url).wait_time_seconds(20).send().await.unwrap() }
    });
    let started = std::time::Instant::now();
    sqs.send_message().queue_url(&url).message_body("x").send().await.unwrap();
    assert_eq!(waiting.await.unwrap().messages().len(), 1);
    assert!(started.elapsed() < Duration::from_secs(15));
    let unknown = sqs.send_message().queue_url("http://x/0/nothing").message_body("x").send().await;
    assert!(unknown.unwrap_err().into_service_error().is_queue_does_not_exist());
}

const KEY: &str = "uploads/0198c0de-0000-7000-8000-000000000001";

async fn presign(local: &LocalApp, starts_at: SystemTime) -> PresignedRequest {
    let validity = PresigningConfig::builder()
        .start_time(starts_at)
        .expires_in(Duration::from_secs(900))
        .build()
        .unwrap();
    local
        .clients()
        .s3
        .put_object()
        .bucket(&local.app().config().files_bucket)
        .key(KEY)
        .content_type("text/csv")
        .content_length(5)
        .metadata("file-name", "K%C3%BCche.csv")
        .if_none_match("*")
        .presigned(validity)
        .await
        .unwrap()
}

/// PUTs as a browser would, with changes.
async fn put(
    request: &PresignedRequest,
    change_url: impl Fn(&str) -> String,
    change_header: impl Fn(&str, &str) -> Option<String>,
    body: &str,
) -> u16 {
    let mut put = client().put(change_url(request.uri()));
    for (name, value) in request.headers() {
        if name.eq_ignore_ascii_case("content-length") {
            continue;
        }
        if let Some(value) = change_header(name, value) {
            put = put.header(name, value);
        }
    }
    put.body(body.to_owned()).send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_presigned_put_is_bound_to_what_was_signed() {
    let Fixture { local, folder: _folder, .. } = start().await;
    let good = presign(&local, SystemTime::now()).await;
    let expired = presign(&local, SystemTime::now() - Duration::from_secs(901)).await;
    let url = |url: &str| url.to_owned();
    let keep = |_: &str, value: &str| Some(value.to_owned());
    let without = |left_out: &'static str| {
        move |name: &str, value: &str| (!name.eq_ignore_ascii_case(left_out)).then(|| value.to_owned())
    };
    let other_type =
        |name: &str, value: &str| Some(if name == "content-type" { "text/html" } else { value }.to_owned());
    let other_name = |name: &str, value: &str| {
        Some(if name == "x-amz-meta-file-name" { "x.csv" } else { value }.to_owned())
    };
    let bucket = local.app().config().files_bucket.clone();

    assert_eq!(put(&good, url, keep, "longer").await, 403, "longer");
    assert_eq!(put(&good, url, keep, "a").await, 403, "shorter");
    assert_eq!(put(&good, url, other_type, "a,b\nc").await, 403, "type");
    assert_eq!(put(&good, url, without("content-type"), "a,b\nc").await, 403, "no type");
    assert_eq!(put(&good, url, other_name, "a,b\nc").await, 403, "metadata");
    assert_eq!(put(&good, url, without("if-none-match"), "a,b\nc").await, 403, "overwriting");
    assert_eq!(put(&good, |url| url.replace("0001?", "0002?"), keep, "a,b\nc").await, 403, "key");
    assert_eq!(
        put(&good, |url| url.replace("Expires=900", "Expires=9000"), keep, "a,b\nc").await,
        403,
        "validity"
    );
    assert_eq!(
        put(&good, |url| url.split('?').next().unwrap().to_owned(), keep, "a,b\nc").await,
        403,
        "unsigned"
    );
    assert_eq!(put(&good, |url| url.replace("127.0.0.1", "localhost"), keep, "a,b\nc").await, 403, "host");
    assert_eq!(
        put(
            &good,
            |url| url.replace(&format!("{bucket}/uploads"), &format!("{bucket}/uploads%2F..%2F..")),
            keep,
            "x"
        )
        .await,
        400,
        "dot segments"
    );
    let copied = client().put(good.uri()).header("x-amz-copy-source", format!("{bucket}/uploads/x"));
    assert_eq!(copied.send().await.unwrap().status(), 501, "the bytes of another object");
    assert_eq!(put(&expired, url, keep, "a,b\nc").await, 403, "expired");
    assert_eq!(local.stand_ins_depth().await, 0, "nothing was announced");

    assert_eq!(put(&good, url, keep, "a,b\nc").await, 200);
    assert_eq!(put(&good, url, keep, "a,b\nc").await, 412, "already used");
    assert_eq!(local.stand_ins_depth().await, 1, "announced before the response, once");
    let object = local.clients().s3.get_object().bucket(&bucket).key(KEY).send().await.unwrap();
    assert_eq!(object.content_type(), Some("text/csv"));
    assert_eq!(object.metadata().unwrap()["file-name"], "K%C3%BCche.csv");
    assert_eq!(object.body.collect().await.unwrap().to_vec(), b"a,b\nc");
}

#[tokio::test]
async fn an_object_without_an_event_gets_one_at_the_next_start() {
    let Fixture { local, clock, folder } = start().await;
    let bucket = local.app().config().files_bucket.clone();
    let body = aws_sdk_s3::primitives::ByteStream::from_static(b"a,b\n1,2\n");
    local.clients().s3.put_object().bucket(&bucket).key(KEY).body(body).send().await.unwrap();
    assert_eq!(local.stand_ins_depth().await, 1);
    let data = local.data_dir().to_owned();
    local.shutdown().await;
    // As if the process had been killed between the two steps, and again in the middle of a PUT.
    let queues = rusqlite::Connection::open(data.join("queues.sqlite")).unwrap();
    queues.execute_batch("DELETE FROM messages; DELETE FROM announced_objects;").unwrap();
    let unfinished = data.join("objects").join(&bucket).join("uploads/unfinished");
    std::fs::write(&unfinished, "a,").unwrap();

    let local = restart(&folder, &clock).await;
    assert_eq!(local.stand_ins_depth().await, 1);
    assert!(!unfinished.exists());
    local.shutdown().await;
    let local = restart(&folder, &clock).await;
    assert_eq!(local.stand_ins_depth().await, 1, "not announced twice");
}

#[tokio::test]
async fn objects_go_when_they_are_old_and_leave_nothing_behind() {
    let Fixture { local, clock, folder: _folder } = start().await;
    let bucket = local.app().config().files_bucket.clone();
    let put = async |key: &str| {
        let put = local.clients().s3.put_object().bucket(&bucket).key(key).metadata("file-name", "a.csv");
        put.send().await.unwrap();
    };
    for key in ["uploads/a", "exports/b.csv", "jobs/exports/c", "jobs/d", "snapshots/e", "problems/f/0.json"]
    {
        put(key).await;
    }
    let left = || {
        let mut left = Vec::new();
        let mut folders = vec![local.data_dir().join("objects")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
                if entry.file_type().unwrap().is_dir() {
                    folders.push(entry.path());
                } else if !entry.file_name().to_str().unwrap().starts_with(".bucket-") {
                    left.push(entry.file_name().into_string().unwrap());
                } else {
                    left.push("beside".to_owned());
                }
            }
        }
        left.sort();
        left
    };
    let s3 = local.stand_ins_s3();
    for (days, expected) in [(0, 6), (2, 4), (8, 2), (33, 1)] {
        let now = clock.now() + jiff::SignedDuration::from_hours(24 * days);
        s3.expire(now).await.unwrap();
        let left = left();
        let objects = left.iter().filter(|name| *name != "beside").count();
        assert_eq!((objects, left.len()), (expected, expected * 3), "after {days} days: {left:?}");
    }
    assert!(left().contains(&"e".to_owned()), "snapshots stay");
    local.clients().s3.delete_object().bucket(&bucket).key("snapshots/e").send().await.unwrap();
    assert!(left().is_empty(), "{:?}", left());
}

#[tokio::test]
async fn calls_are_counted() {
    let Fixture { local, folder: _folder, .. } = start().await;
    local
        .clients()
        .sqs
        .send_message()
        .queue_url(&local.app().config().batch_queue_url)
        .message_body("x")
        .send()
        .await
        .unwrap();
    let missing = local
        .clients()
        .s3
        .head_object()
        .bucket(&local.app().config().files_bucket)
        .key("uploads/none")
        .send()
        .await;
    assert!(missing.unwrap_err().into_service_error().is_not_found());
    let calls = local.call_counters().snapshot();
    assert_eq!(calls[&("SQS", "SendMessage".to_owned())].calls, 1);
    assert_eq!(calls[&("S3", "HEAD".to_owned())].errors, 1);
}

#[tokio::test]
async fn nothing_is_written_after_a_crash() {
    let Fixture { local, folder: _folder, .. } = start().await;
    let clients = local.clients().clone();
    let url = local.app().config().batch_queue_url.clone();
    drop(local);
    assert!(clients.sqs.send_message().queue_url(url).message_body("x").send().await.is_err());
}
