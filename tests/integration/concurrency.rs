//! Many writers of one lead, simultaneous uploads, and an index that does not work.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Result;
use aws_sdk_dynamodb::types::AttributeValue;
use easy_crm_local::handlers::{deepseek_caller, lead_splitter};
use easy_crm_local::{Call, Deadline, Fault, Faults};
use easy_crm_shared::status::UploadStatus;
use easy_crm_tests::{ALICE, BOB, System, Upload};
use serde_json::json;

use crate::recovery::object_created;

/// `EmailIndex` that never responds, or is always empty.
struct BrokenIndex {
    answer: (u16, &'static str),
}

impl Faults for BrokenIndex {
    fn of(&self, call: Call<'_>) -> Fault {
        let asks = ["Query", "ExecuteStatement"].contains(&call.operation)
            && call.body.windows(10).any(|window| window == b"EmailIndex");
        let (status, body) = self.answer;
        if asks { Fault::Answer { status, body: body.to_owned(), carried_out: false } } else { Fault::None }
    }
}

const STALE: (u16, &str) = (200, r#"{"Items":[],"Count":0,"ScannedCount":0}"#);
const MISSING: (u16, &str) = (
    400,
    r#"{"__type":"com.amazonaws.dynamodb.v20120810#ValidationException","message":"The table does not have the specified index"}"#,
);
const THROTTLED: (u16, &str) = (
    400,
    r#"{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":"slow down"}"#,
);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn thirty_two_writers_of_one_address_make_one_lead() -> Result<()> {
    // The index shows none of them, as when all are written within a moment.
    let system = System::start_with(|options| {
        options.queues.deliver = false;
        options.faults = Some(Arc::new(BrokenIndex { answer: STALE }));
    })
    .await?;
    let mut uploads = Vec::new();
    for n in 0..32 {
        let text = format!("Name,Email,Job Title\nAda Lovelace,ada@one.example,Title {n}\n");
        let upload_id = system.send(ALICE, &Upload::text(&format!("{n}.csv"), &text)).await?;
        let event = serde_json::from_value(object_created(&upload_id))?;
        lead_splitter::handle(system.local.app(), event).await.map_err(|error| anyhow::anyhow!("{error}"))?;
        uploads.push(upload_id);
    }
    let writers: Vec<_> = system
        .local
        .waiting_batches()
        .await?
        .into_iter()
        .map(|batch| {
            let app = system.local.app().clone();
            tokio::spawn(async move {
                let record = json!({ "messageId": "m", "body": batch.body, "attributes": {} });
                let event = serde_json::from_value(json!({ "Records": [record] })).unwrap();
                deepseek_caller::handle(&app, event, Deadline::after(Duration::from_secs(60))).await.unwrap()
            })
        })
        .collect();
    assert_eq!(writers.len(), 32);
    for writer in writers {
        assert!(writer.await?.batch_item_failures.is_empty());
    }
    let leads = system.leads().await?;
    assert_eq!(leads.len(), 1);
    assert_eq!((leads[0].title.as_str(), leads[0].source_file.as_str()), ("Title 31", "31.csv"));
    let mut created = 0;
    for upload_id in &uploads {
        let status = system.status(ALICE, upload_id).await?;
        assert_eq!((status.status, status.progress.settled), (UploadStatus::Completed, true));
        created += status.progress.created_leads;
    }
    assert_eq!(created, 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_uploads_at_once_the_later_ones_rows_win() -> Result<()> {
    let system = System::start().await?;
    let file = |title: &str, from: u32| {
        let rows: String =
            (from..from + 600).map(|n| format!("Ada Lovelace,p{n}@two.example,{title}\n")).collect();
        Upload::text(&format!("{title}.csv"), &format!("Name,Email,Job Title\n{rows}"))
    };
    let first = system.send(ALICE, &file("First", 0)).await?;
    let second = system.send(BOB, &file("Second", 300)).await?;
    system.local.wait_idle().await?;
    let (first, second) = (system.status(ALICE, &first).await?, system.status(BOB, &second).await?);
    assert_eq!((first.status, second.status), (UploadStatus::Completed, UploadStatus::Completed));
    assert_eq!(first.progress.created_leads + second.progress.created_leads, 900);
    let count = async |filter: &str| anyhow::Ok(system.list(filter).await?.pagination.total_count);
    assert_eq!((count("").await?, count("filter_title=first").await?), (900, 300));
    assert_eq!(count("filter_title=second").await?, 600);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_index_makes_no_duplicates_and_is_measured() -> Result<()> {
    for answer in [MISSING, THROTTLED] {
        let lines = Arc::new(Mutex::new(Vec::<String>::new()));
        let sink = Arc::clone(&lines);
        let system = System::start_with(move |options| {
            options.faults = Some(Arc::new(BrokenIndex { answer }));
            options.metric_sink = Arc::new(move |line| sink.lock().unwrap().push(line.to_owned()));
        })
        .await?;
        let file = |title: &str| {
            Upload::text(
                "a.csv",
                &format!("Name,Email,Job Title\nAda King,a@x.example,{title}\nBob Stone,b@x.example,\n"),
            )
        };
        system.import(ALICE, &file("Clerk")).await?;
        let status = system.import(ALICE, &file("Director")).await?;
        assert_eq!((status.progress.updated_leads, status.progress.unchanged_leads), (1, 1));
        let addresses: BTreeSet<_> = system.leads().await?.into_iter().map(|lead| lead.email).collect();
        assert_eq!(addresses.len(), 2);
        let errors: f64 = lines
            .lock()
            .unwrap()
            .iter()
            .filter_map(|line| {
                serde_json::from_str::<serde_json::Value>(line).ok()?["EmailIndexQueryErrors"].as_f64()
            })
            .sum();
        assert_eq!(errors, 4.0);
    }
    Ok(())
}

/// `EmailIndex` that fails for batch lookups.
struct OneByOne;

impl Faults for OneByOne {
    fn of(&self, call: Call<'_>) -> Fault {
        let (status, body) = MISSING;
        match call.operation {
            "ExecuteStatement" => Fault::Answer { status, body: body.to_owned(), carried_out: false },
            _ => Fault::None,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn leads_with_ids_of_their_own_are_met_through_the_index() -> Result<()> {
    for one_by_one in [false, true] {
        let system = System::start_with(|options| {
            options.faults = one_by_one.then(|| Arc::new(OneByOne) as Arc<dyn Faults>);
        })
        .await?;
        // As an older deployment left them; address 7 has two leads, of which the older one must be used.
        let id = |n: u32| format!("10000000-0000-4000-8000-{n:012}");
        for (n, address, created) in (0..120).map(|n| (n, n, "2025-02-02")).chain([(500, 7, "2025-01-01")]) {
            let mut put = system
                .local
                .clients()
                .dynamodb
                .put_item()
                .table_name("easy-crm-leads-local")
                .item("leadId", AttributeValue::S(id(n)));
            for (name, value) in [
                ("firstName", "Ada"),
                ("lastName", "King"),
                ("title", "Clerk"),
                ("company", "N/A"),
                ("phone", "N/A"),
                ("remarks", "N/A"),
                ("sourceFile", "old.csv"),
                ("email", &format!("p{address}@old.example")),
                ("createdAt", &format!("{created}T00:00:00Z")),
                ("updatedAt", &format!("{created}T00:00:00Z")),
            ] {
                put = put.item(name, AttributeValue::S(value.to_owned()));
            }
            put.send().await?;
        }
        let rows: String = (0..150).map(|n| format!("Ada King,p{n}@old.example,Director\n")).collect();
        let file = Upload::text("a.csv", &format!("Name,Email,Job Title\n{rows}"));
        let progress = system.import(ALICE, &file).await?.progress;
        assert_eq!((progress.updated_leads, progress.created_leads), (120, 30));
        let leads = system.leads().await?;
        let met: BTreeSet<_> = leads.iter().map(|lead| lead.lead_id.clone()).collect();
        assert_eq!((leads.len(), met.len()), (150, 150));
        assert!((0..120).filter(|n| *n != 7).chain([500]).all(|n| met.contains(&id(n))), "{met:?}");
        assert!(leads.iter().all(|lead| lead.title == "Director"));
    }
    Ok(())
}
