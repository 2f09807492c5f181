//! `POST /leads/erase`: afterwards nothing of the person is left, only a later import brings them back, and all other
//! leads are unchanged.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use easy_crm_local::Deadline;
use easy_crm_local::handlers::{deepseek_caller, lead_splitter};
use easy_crm_local::model::DataPolicy;
use easy_crm_shared::erasure::{EraseResponse, EraseState};
use easy_crm_shared::routes;
use easy_crm_shared::status::{ProblemReportResponse, UploadStatus};
use easy_crm_tests::fake_deepseek::{FakeDeepSeek, Reply};
use easy_crm_tests::{ALICE, BOB, System, Upload};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::recovery::object_created;

/// Values that occur only in the person's data.
const MARKS: [&str; 7] = [
    "zebulon",
    "quirrelmark",
    "zq.first@mark.example",
    "zq.second@mark.example",
    "1715550199",
    "marked-remark",
    "marked-title",
];

async fn erase(system: &System, user: &str, body: Value) -> Result<EraseResponse> {
    let (status, answer) = system.api(user, Method::POST, routes::LEADS_ERASE, Some(body)).await?;
    ensure!(status == StatusCode::OK, "{status}: {answer}");
    let answer: EraseResponse = serde_json::from_value(answer)?;
    ensure!(answer.state == EraseState::Done, "{answer:?}");
    Ok(answer)
}

/// All files below a folder.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    Ok(files)
}

/// Which marks are in which files, case-insensitively.
fn marked(folder: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for path in files(folder)? {
        let bytes = std::fs::read(&path)?.to_ascii_lowercase();
        for mark in MARKS {
            if bytes.windows(mark.len()).any(|window| window == mark.as_bytes()) {
                found.push(format!("{mark} in {}", path.display()));
            }
        }
    }
    Ok(found)
}

async fn count(system: &System, parameters: &str) -> Result<u64> {
    Ok(system.list(parameters).await?.pagination.total_count)
}

/// Imports the person and others in every way there is, and creates every kind of file from the data.
async fn everywhere(system: &System) -> Result<String> {
    let person = "Zebulon,Quirrelmark,zq.first@mark.example,+49 171 5550199,marked-title,marked-remark";
    let head = "First Name,Last Name,Email,Phone,Job Title,Notes";
    let file = Upload::text("a.csv", &format!("{head}\n{person}\nAda,Byron,ada@x.example,,,\n"));
    system.import(ALICE, &file).await?;
    // A manual change of the address: an alias leads from the first one to the lead.
    let lead = system.list("filter_email=zq.first").await?.leads.remove(0);
    let edit = json!({ "updatedAt": lead.updated_at, "fields": { "email": "zq.second@mark.example" } });
    let (status, body) = system.api(ALICE, Method::PATCH, &routes::lead(&lead.lead_id), Some(edit)).await?;
    ensure!(status == StatusCode::OK, "{body}");
    // A row too long for a lead, which ends up in the problem report, next to a stranger's; and a layout too large for
    // a message.
    let long = "y".repeat(300_000);
    let headers: String = (0..1_300).map(|n| format!(",Address {n} ({})", "x".repeat(200))).collect();
    let mut text = format!(
        "{head}{headers}\nZebulon,Quirrelmark,zq.second@mark.example,,,{long}\nMax,Muster,max@x.example,,,{long}\n"
    );
    for n in 0..20 {
        text.push_str(&format!("Person{n},Large,large{n}@x.example,,,{}\n", "z".repeat(30_000)));
    }
    text.push_str(&format!("{person}{}\n", "z".repeat(30_000)).replace("zq.first", "zq.second"));
    let status = system.import(BOB, &Upload::text("b.csv", &text)).await?;
    ensure!((status.progress.failed_leads, status.progress.updated_leads) == (2, 1), "{:?}", status.progress);
    let report: ProblemReportResponse = system.get(BOB, &routes::status_problems(&status.upload_id)).await?;
    let text = reqwest::get(&report.download_url).await?.text().await?;
    ensure!(text.contains("Quirrelmark") && text.contains("Muster"), "the report");
    // A card read by the model.
    let card =
        "\"Mark & Sons\nmarked-title\nZebulon Quirrelmark\nTel: +49 171 5550199\nzq.card@x.example\"\n";
    let status = system.import(ALICE, &Upload::text("card.csv", &format!("Business card\n{card}"))).await?;
    ensure!(status.status == UploadStatus::Completed, "{status:?}");
    // Exports, one of them by a job that searches for the person, and snapshots.
    for body in [json!({}), json!({ "q": "Quirrelmark" })] {
        let (status, body) = system.api(ALICE, Method::POST, routes::EXPORT, Some(body)).await?;
        ensure!(status.is_success(), "{body}");
    }
    system.local.wait_idle().await?;
    system.local.app().write_snapshot().await?;
    // A deleted lead is the person's too, and so is one whose address another lead took.
    let lead = system.list("filter_email=zq.second").await?.leads.remove(0);
    let (_, _) = system
        .api(ALICE, Method::POST, routes::LEADS_DELETE, Some(json!({ "leadIds": [lead.lead_id] })))
        .await?;
    let other = Upload::text("c.csv", &format!("{head}\n{person}\n"));
    system.import(ALICE, &other).await?;
    system.local.app().write_snapshot().await?;
    Ok(status.upload_id)
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_an_erased_person_is_left() -> Result<()> {
    let model = FakeDeepSeek::start(|material, _| {
        let rows = material["rows"].as_array().into_iter().flatten().map(|row| {
            json!({ "id": row["id"], "firstName": "Zebulon", "lastName": "Quirrelmark", "title": "marked-title",
                "company": "Mark & Sons", "phone": "+49 171 5550199" })
        });
        Reply::json(&json!({ "rows": rows.collect::<Vec<_>>() }))
    })
    .await?;
    let config = model.config(DataPolicy::Rows);
    let system = System::start_with(|options| {
        options.model = config;
        // Every export is a job.
        options.direct_export_rows = 0;
    })
    .await?;
    everywhere(&system).await?;
    let before = count(&system, "").await?;

    // Before the erasure the marks are found: in the database, and in stored files of each kind.
    let found = marked(system.local.data_dir())?;
    for place in
        ["uploads/", "batches/", "problems/", "reports/", "exports/", "jobs/exports/", "dynamodb.sqlite"]
    {
        let there = found.iter().any(|found| found.contains(place));
        ensure!(there, "{place} contains no mark: {found:?}");
    }

    let (status, body) =
        system.api(ALICE, Method::POST, routes::LEADS_ERASE, Some(json!({ "leadId": "x" }))).await?;
    ensure!(status == StatusCode::BAD_REQUEST && body["error"]["field"] == "leadId", "{body}");
    let nobody = json!({ "leadId": "550e8400-e29b-41d4-a716-446655440000" });
    let (status, _) = system.api(ALICE, Method::POST, routes::LEADS_ERASE, Some(nobody)).await?;
    ensure!(status == StatusCode::NOT_FOUND);

    // By the address of the deleted lead, then by the leads that are still listed.
    let answer = erase(&system, ALICE, json!({ "email": "ZQ.second@mark.example " })).await?;
    ensure!(answer.erased_leads == 1 && answer.waiting_uploads == 0, "{answer:?}");
    ensure!(answer.removed_files > 5 && answer.removed_rows >= 2, "{answer:?}");
    let mut erased = 1;
    let mut ids = Vec::new();
    for mark in ["zq.first", "zq.card"] {
        let lead = system.list(&format!("filter_email={mark}")).await?.leads.remove(0);
        erased += erase(&system, BOB, json!({ "leadId": lead.lead_id })).await?.erased_leads;
        // Again, as if the response had been lost.
        let again = erase(&system, BOB, json!({ "leadId": lead.lead_id })).await?;
        ensure!(again.erased_leads == 0, "{again:?}");
        ids.push(lead.lead_id);
    }
    ensure!(erased == 3);
    // The deleted one was no longer in the list.
    ensure!(count(&system, "").await? == before - 2);
    ensure!(count(&system, "q=Quirrelmark").await? == 0);

    // An erased person cannot be restored.
    let (status, body) =
        system.api(ALICE, Method::POST, routes::LEADS_RESTORE, Some(json!({ "leadIds": ids }))).await?;
    ensure!(status == StatusCode::OK && body["skipped"] == 2 && body["done"] == 0, "{body}");

    let folder = system.shut_down().await;
    let found = marked(folder.path())?;
    ensure!(found.is_empty(), "{found:#?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn others_keep_their_rows_of_the_report_and_the_list_starts_anew() -> Result<()> {
    let system = System::start().await?;
    let long = "y".repeat(300_000);
    let text = format!(
        "First Name,Last Name,Email,Notes\nZebulon,Quirrelmark,zq.first@mark.example,{long}\nMax,Muster,max@x.example,{long}\nAda,Byron,ada@x.example,\n"
    );
    let status = system.import(ALICE, &Upload::text("a.csv", &text)).await?;
    system.local.app().write_snapshot().await?;
    let answer = erase(&system, ALICE, json!({ "email": "zq.first@mark.example" })).await?;
    ensure!((answer.erased_leads, answer.removed_rows) == (0, 1), "{answer:?}");
    let report: ProblemReportResponse =
        system.get(ALICE, &routes::status_problems(&status.upload_id)).await?;
    let text = reqwest::get(&report.download_url).await?.text().await?;
    ensure!(text.contains("Muster") && !text.contains("Quirrelmark"), "{}", text.len());
    let system = system.crash_and_restart().await?;
    ensure!(count(&system, "").await? == 1);
    Ok(())
}

/// Events and messages from before the erasure, delivered after it.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_delivered_again_brings_nobody_back_and_a_later_import_does() -> Result<()> {
    let system = System::start_with(|options| options.queues.deliver = false).await?;
    let row = "Name,Email\nZebulon Quirrelmark,zq.first@mark.example\nAda Byron,ada@x.example\n";
    let file = |name: &str| Upload::text(name, row);
    // Announced but not sent; sent but not processed; split, with its batch in the queue.
    let announced = system.announce(ALICE, &file("late.csv")).await?;
    let waiting = system.send(ALICE, &file("waiting.csv")).await?;
    let cut = system.send(ALICE, &file("cut.csv")).await?;
    let event = serde_json::from_value(object_created(&cut))?;
    lead_splitter::handle(system.local.app(), event).await.map_err(|error| anyhow::anyhow!("{error}"))?;
    let batches = system.local.waiting_batches().await?;
    ensure!(batches.len() == 1);
    let deliver = async || -> Result<()> {
        let messages: Vec<Value> = batches
            .iter()
            .map(|message| json!({ "messageId": "m", "body": message.body, "attributes": {}, "messageAttributes": {} }))
            .collect();
        let event = serde_json::from_value(json!({ "Records": messages }))?;
        let deadline = Deadline::after(std::time::Duration::from_secs(60));
        let answer = deepseek_caller::handle(system.local.app(), event, deadline).await;
        let answer = answer.map_err(|error| anyhow::anyhow!("{error}"))?;
        ensure!(answer.batch_item_failures.is_empty());
        Ok(())
    };

    let answer = erase(&system, ALICE, json!({ "email": "zq.first@mark.example" })).await?;
    ensure!((answer.erased_leads, answer.waiting_uploads) == (0, 2), "{answer:?}");
    deliver().await?;
    deliver().await?;
    ensure!(system.put(&announced, row.as_bytes()).await? == StatusCode::OK);
    system.local.start_deliveries();
    system.local.wait_idle().await?;
    ensure!(count(&system, "").await? == 1, "{:?}", system.leads().await?);
    for upload_id in [&waiting, &cut, &announced.upload_id] {
        let status = system.status(ALICE, upload_id).await?;
        ensure!(status.status == UploadStatus::Completed, "{status:?}");
        ensure!(status.progress.duplicate_leads >= 1, "{:?}", status.progress);
    }
    // Their files are no longer needed by now.
    let answer = erase(&system, ALICE, json!({ "email": "zq.first@mark.example" })).await?;
    ensure!(answer.waiting_uploads == 0 && answer.removed_files == 3, "{answer:?}");

    let status = system.import(ALICE, &file("later.csv")).await?;
    ensure!(
        (status.progress.created_leads, status.progress.unchanged_leads) == (1, 1),
        "{:?}",
        status.progress
    );
    ensure!(count(&system, "").await? == 2);
    deliver().await?;
    ensure!(count(&system, "").await? == 2);
    // Erased again, and then exactly the same import again.
    ensure!(erase(&system, ALICE, json!({ "email": "zq.first@mark.example" })).await?.erased_leads == 1);
    ensure!(count(&system, "").await? == 1);
    let status = system.import(ALICE, &file("later.csv")).await?;
    ensure!(status.progress.created_leads == 1, "{:?}", status.progress);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_address_can_be_given_to_another_lead() -> Result<()> {
    let system = System::start().await?;
    let row = "Name,Email\nZebulon Quirrelmark,zq.first@mark.example\nAda Byron,ada@x.example\n";
    system.import(ALICE, &Upload::text("a.csv", row)).await?;
    let old = system.announce(ALICE, &Upload::text("old.csv", row)).await?;
    erase(&system, ALICE, json!({ "email": "zq.first@mark.example" })).await?;
    let lead = system.list("filter_email=ada").await?.leads.remove(0);
    let edit = json!({ "updatedAt": lead.updated_at, "fields": { "email": "zq.first@mark.example" } });
    let (status, body) = system.api(ALICE, Method::PATCH, &routes::lead(&lead.lead_id), Some(edit)).await?;
    ensure!(status == StatusCode::OK, "{body}");
    // An earlier row is too late for the address; a later one belongs to that lead.
    ensure!(system.put(&old, row.as_bytes()).await? == StatusCode::OK);
    system.local.wait_idle().await?;
    let with_it = system.list("filter_email=zq.first").await?.leads;
    ensure!(
        with_it.len() == 1 && with_it[0].lead_id == lead.lead_id && with_it[0].first_name == "Ada",
        "{with_it:?}"
    );
    system.import(ALICE, &Upload::text("b.csv", "Name,Email\nZoe Ortiz,zq.first@mark.example\n")).await?;
    let with_it = system.list("filter_email=zq.first").await?.leads;
    ensure!(
        with_it.len() == 1 && with_it[0].lead_id == lead.lead_id && with_it[0].first_name == "Zoe",
        "{with_it:?}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_without_an_address_is_erased_too() -> Result<()> {
    let system = System::start().await?;
    let text = "Name,Phone\nZebulon Quirrelmark,+49 171 5550199\nAda Byron,+44 20 7946 0001\n";
    system.import(ALICE, &Upload::text("a.csv", text)).await?;
    let old = system.announce(ALICE, &Upload::text("old.csv", text)).await?;
    let lead = system.list("q=Quirrelmark").await?.leads.remove(0);
    ensure!(erase(&system, ALICE, json!({ "leadId": lead.lead_id })).await?.erased_leads == 1);
    ensure!(system.put(&old, text.as_bytes()).await? == StatusCode::OK);
    system.local.wait_idle().await?;
    ensure!(count(&system, "").await? == 1);
    let status = system.import(ALICE, &Upload::text("new.csv", text)).await?;
    ensure!(
        (status.progress.created_leads, status.progress.unchanged_leads) == (1, 1),
        "{:?}",
        status.progress
    );
    Ok(())
}
