//! Exports over HTTP: what the files contain, and that re-importing one changes nothing.

use anyhow::{Result, ensure};
use easy_crm_local::handlers::lead_exporter;
use easy_crm_shared::changes::JobState;
use easy_crm_shared::export::{ExportJob, ExportResponse};
use easy_crm_shared::lead::{Lead, LeadField};
use easy_crm_shared::routes;
use easy_crm_tests::{ALICE, BOB, System, Upload, eventually};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use strum::IntoEnumIterator as _;

async fn export(system: &System, body: Value) -> Result<(ExportResponse, Vec<u8>)> {
    let (status, body) = system.api(ALICE, Method::POST, routes::EXPORT, Some(body)).await?;
    ensure!(status == StatusCode::OK, "{status} {body}");
    let export: ExportResponse = serde_json::from_value(body)?;
    let file = reqwest::get(&export.download_url).await?;
    ensure!(file.status() == StatusCode::OK, "{}", file.status());
    let bytes = file.bytes().await?.to_vec();
    Ok((export, bytes))
}

/// Leads with values that a file format could lose in every known way.
fn difficult() -> Upload {
    let rows = [
        r#"Jürgen,Müller,Geschäftsführer,"Müller, Söhne & Co.",juergen@x.example,+49 30 901820,=1+1"#,
        r#"花子,山田,部長,株式会社🙂,hanako@x.example,+81 3 1234 5678,"one ""two""
three; Note: four""#,
        r"O'Neil,'t Hooft,,-5 Ltd,,+1 555 0100 200,@home",
        r"No,Mail,CEO,Total,,,",
        r"No,Mail,CEO,Total,,,",
        r"Phone,Only,,,,020 7946 0001,N/A",
    ];
    Upload::text(
        "difficult.csv",
        &format!("First Name,Last Name,Job Title,Company,Email,Phone,Remarks\n{}\n", rows.join("\n")),
    )
}

fn values(leads: &[Lead]) -> Vec<(String, Vec<String>, String, String)> {
    let of = |lead: &Lead| {
        let fields = LeadField::iter().map(|field| field.of(lead).to_owned()).collect();
        (lead.lead_id.clone(), fields, lead.created_at.clone(), lead.updated_at.clone())
    };
    let mut values: Vec<_> = leads.iter().map(of).collect();
    values.sort();
    values
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_the_list_in_its_order() -> Result<()> {
    let system = System::start().await?;
    let rows: String =
        (0..60).map(|n| format!("P{},Q,Firm {},p{n}@x.example\n", n * 37 % 60, n % 3)).collect();
    system
        .import(ALICE, &Upload::text("a.csv", &format!("First Name,Last Name,Company,Email\n{rows}")))
        .await?;
    let list = system.list("pageSize=500&sortBy=firstName&sortOrder=asc&filter_company=firm%201").await?;
    let query = json!({
        "filters": { "company": "firm 1" }, "sorting": { "sortBy": "firstName", "sortOrder": "asc" }
    });
    let (answer, bytes) = export(&system, query).await?;
    assert_eq!(answer.row_count, list.pagination.total_count);
    assert!(answer.file_name.starts_with("leads_export_") && answer.file_name.ends_with(".csv"));
    let text = String::from_utf8(bytes)?;
    let lines: Vec<&str> = text.trim_end().split("\r\n").collect();
    assert_eq!(
        lines[0],
        "\u{feff}leadId,firstName,lastName,title,company,email,phone,remarks,sourceFile,createdAt,updatedAt"
    );
    let ids: Vec<&str> = lines[1..].iter().filter_map(|line| line.split(',').next()).collect();
    let listed: Vec<&str> = list.leads.iter().map(|lead| lead.lead_id.as_str()).collect();
    assert_eq!(ids, listed);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_file_is_stored_in_parts() -> Result<()> {
    let system = System::start().await?;
    let long = "long ".repeat(30_000);
    let rows: String = (0..70).map(|n| format!("P{n},p{n}@x.example,{n} {long}\n")).collect();
    system.import(ALICE, &Upload::text("a.csv", &format!("Name,Email,Remarks\n{rows}"))).await?;
    let (answer, bytes) = export(&system, json!({})).await?;
    assert_eq!(answer.row_count, 70);
    // Larger than one part.
    assert!(bytes.len() > 8 * 1024 * 1024, "{}", bytes.len());
    let text = String::from_utf8(bytes)?;
    assert_eq!(text.trim_end().split("\r\n").count(), 71);
    assert!((0..70).all(|n| text.contains(&format!(",p{n}@x.example,"))));
    // Excel could not show it completely.
    let (status, body) =
        system.api(ALICE, Method::POST, routes::EXPORT, Some(json!({ "format": "xlsx" }))).await?;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(body["error"]["message"].as_str().unwrap_or_default().contains("as CSV"), "{body}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_to_export_is_said_and_no_file_is_made() -> Result<()> {
    let system = System::start().await?;
    for (body, message) in
        [(json!({ "q": "nobody" }), "nothing to export"), (json!({ "format": "pdf" }), "unknown variant")]
    {
        let (status, answer) = system.api(ALICE, Method::POST, routes::EXPORT, Some(body)).await?;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{answer}");
        assert!(answer["error"]["message"].as_str().unwrap_or_default().contains(message), "{answer}");
    }
    let clients = system.local.clients();
    let bucket = &system.local.app().config().files_bucket;
    let listed = clients.s3.list_objects_v2().bucket(bucket).prefix("exports/").send().await?;
    assert!(listed.contents.unwrap_or_default().is_empty());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn importing_an_export_changes_nothing() -> Result<()> {
    for format in ["csv", "xlsx"] {
        let system = System::start().await?;
        system.import(ALICE, &difficult()).await?;
        let before = system.leads().await?;
        assert_eq!(before.len(), 6);
        let (answer, bytes) = export(&system, json!({ "format": format })).await?;
        let file = Upload { name: answer.file_name, bytes, policy: None };
        // Twice: the second export is of leads that the first one was re-imported to.
        for _ in 0..2 {
            let status = system.import(ALICE, &file).await?;
            assert_eq!(
                (status.progress.unchanged_leads, status.progress.total_leads),
                (6, 6),
                "{format}: {:?}",
                status.progress
            );
        }
        assert_eq!(values(&system.leads().await?), values(&before), "{format}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_was_edited_updates_leads_and_loses_no_row() -> Result<()> {
    let system = System::start().await?;
    system.import(ALICE, &difficult()).await?;
    let (answer, bytes) = export(&system, json!({})).await?;
    let text =
        String::from_utf8(bytes)?.replace("Geschäftsführer", "CEO").replacen("No,Mail,CEO", "No,Mail,CFO", 1);
    let progress = system.import(ALICE, &Upload::text(&answer.file_name, &text)).await?.progress;
    assert_eq!((progress.updated_leads, progress.unchanged_leads), (2, 4), "{progress:?}");
    assert_eq!(system.leads().await?.len(), 6);

    // If the leads are gone, the file recreates them, once.
    let elsewhere = System::start().await?;
    for expected in [6, 0] {
        let progress = elsewhere.import(ALICE, &Upload::text(&answer.file_name, &text)).await?.progress;
        assert_eq!(progress.created_leads, expected, "{progress:?}");
    }
    assert_eq!(elsewhere.leads().await?.len(), 6);
    Ok(())
}

/// Enough for a job if the system is started with a limit of 50.
fn many() -> Upload {
    let rows: String = (0..120).map(|n| format!("P{n},Q,p{n}@x.example,\n")).collect();
    Upload::text("many.csv", &format!("First Name,Last Name,Email,Remarks\n{rows}"))
}

/// Starts an export that runs as a job.
async fn begin(system: &System, body: Value) -> Result<ExportJob> {
    let (status, body) = system.api(ALICE, Method::POST, routes::EXPORT, Some(body)).await?;
    ensure!(status == StatusCode::ACCEPTED, "{status} {body}");
    let job: ExportJob = serde_json::from_value(body)?;
    ensure!(job.state == JobState::Running && job.total == 120, "{job:?}");
    Ok(job)
}

/// Polls until the job has ended.
async fn end(system: &System, job_id: &str) -> Result<ExportJob> {
    eventually("the job ends", async || {
        let (status, body) = system.api(ALICE, Method::GET, &routes::job(job_id), None).await?;
        let job: ExportJob = serde_json::from_value(body)?;
        let is_running = job.state == JobState::Running;
        ensure!(status == if is_running { StatusCode::ACCEPTED } else { StatusCode::OK }, "{status}");
        Ok((!is_running).then_some(job))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn large_exports_are_jobs_with_the_same_file() -> Result<()> {
    let system = System::start_with(|options| options.direct_export_rows = 50).await?;
    system.import(ALICE, &many()).await?;
    let sorting = json!({ "sortBy": "firstName", "sortOrder": "asc" });
    // Exports within a request are unchanged: 50 rows.
    let (small, _) = export(&system, json!({ "limit": 50, "sorting": sorting })).await?;
    assert_eq!(small.row_count, 50);
    for format in ["csv", "xlsx"] {
        let begun = begin(&system, json!({ "format": format, "sorting": sorting })).await?;
        // A job is only visible to its owner.
        let (status, _) = system.api(BOB, Method::GET, &routes::job(&begun.job_id), None).await?;
        assert_eq!(status, StatusCode::NOT_FOUND);
        let job = end(&system, &begun.job_id).await?;
        assert_eq!(
            (job.state, job.total, job.done, job.message.as_deref()),
            (JobState::Done, 120, 120, None)
        );
        let made = job.file.ok_or_else(|| anyhow::anyhow!("no file"))?;
        assert_eq!(made.row_count, 120);
        let bytes = reqwest::get(&made.download_url).await?.error_for_status()?.bytes().await?;
        let file = Upload { name: made.file_name, bytes: bytes.to_vec(), policy: None };
        assert_eq!(system.import(ALICE, &file).await?.progress.unchanged_leads, 120);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_outlives_a_crash_and_says_why_it_failed() -> Result<()> {
    let with = |deliver: bool| {
        move |options: &mut easy_crm_local::LocalOptions| {
            options.direct_export_rows = 50;
            options.queues.deliver = deliver;
        }
    };
    let system = System::start_with(with(true)).await?;
    system.import(ALICE, &many()).await?;
    let system = system.crash_and_restart_with(with(false)).await?;
    let waiting = begin(&system, json!({})).await?;
    let system = system.crash_and_restart_with(with(true)).await?;
    assert_eq!(end(&system, &waiting.job_id).await?.file.map(|file| file.row_count), Some(120));

    // Excel could not show one of the cells completely.
    let long = format!("First Name,Email,Remarks\nP0,p0@x.example,{}\n", "x".repeat(33_000));
    system.import(ALICE, &Upload::text("long.csv", &long)).await?;
    let failed = begin(&system, json!({ "format": "xlsx" })).await?;
    let failed = end(&system, &failed.job_id).await?;
    assert_eq!((failed.state, failed.file), (JobState::Failed, None));
    assert!(failed.message.unwrap_or_default().contains("as CSV"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_whose_event_comes_more_than_once_ends_once() -> Result<()> {
    let system = System::start().await?;
    system.import(ALICE, &many()).await?;
    let system = system
        .crash_and_restart_with(|options| {
            options.direct_export_rows = 50;
            options.queues.deliver = false;
        })
        .await?;
    let begun = begin(&system, json!({})).await?;
    let event = json!({ "Records": [{
        "eventTime": "2026-01-01T00:00:00.000Z", "userIdentity": {}, "requestParameters": {},
        "s3": { "bucket": { "name": "b" }, "object": { "key": format!("jobs/exports/{}", begun.job_id) } },
    }]});
    let app = system.local.app();
    let work = || lead_exporter::handle_event(app, event.clone());
    let (first, second) = tokio::join!(work(), work());
    let ended = end(&system, &begun.job_id).await?;
    let third = work().await;
    for outcome in [first, second, third] {
        outcome.map_err(|error| anyhow::anyhow!("{error}"))?;
    }
    assert_eq!((ended.state, ended.done, ended.total), (JobState::Done, 120, 120));
    assert_eq!(end(&system, &begun.job_id).await?, ended);
    Ok(())
}
