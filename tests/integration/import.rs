//! Files in, leads out.

use anyhow::{Result, ensure};
use easy_crm_shared::status::{Progress, Stage, UploadListResponse, UploadStatus};
use easy_crm_shared::{example, routes};
use easy_crm_tests::{ALICE, BOB, System, Upload};
use reqwest::{Method, StatusCode};

const CONTACTS: &str = "\
First Name,Last Name,Job Title,Company,Work Email,Phone,City
Ada,Lovelace,Analyst,Engines Ltd,ada@engines.example,0044 20 7946 0001,London
Jürgen,Müller,Einkäufer,Müller GmbH,Juergen@Mueller.example,+49 30 901820,Köln
Ada,King,Countess,Engines Ltd,ADA@engines.example,0044 20 7946 0002,Ockham
Zoë,Ortiz,,,zoe@ortiz.example,,
";

fn counts(progress: &Progress) -> [u64; 6] {
    [
        progress.created_leads,
        progress.updated_leads,
        progress.unchanged_leads,
        progress.duplicate_leads,
        progress.failed_leads,
        progress.cancelled_leads,
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_becomes_leads_and_a_second_import_changes_nothing() -> Result<()> {
    let system = System::start().await?;
    let first = system.import(ALICE, &Upload::text("contacts.csv", CONTACTS)).await?;
    assert_eq!((first.status, first.stage), (UploadStatus::Completed, Stage::Completed));
    assert_eq!(first.progress.total_leads, 4);
    assert_eq!(counts(&first.progress), [3, 0, 0, 1, 0, 0]);
    assert!(first.progress.settled);
    assert_eq!(first.progress.percentage, 100.0);
    assert_eq!(first.metadata.file_name, "contacts.csv");
    assert!(
        first.plan[0].columns.iter().any(|column| column.header == "Work Email" && column.role == "email")
    );

    let leads = system.leads().await?;
    assert_eq!(leads.len(), 3);
    let ada = &leads[0];
    assert_eq!(
        [&ada.first_name, &ada.last_name, &ada.title, &ada.company, &ada.email, &ada.phone, &ada.remarks],
        [
            "Ada",
            "King",
            "Countess",
            "Engines Ltd",
            "ada@engines.example",
            "0044 20 7946 0002",
            "City: Ockham"
        ]
    );
    assert_eq!(ada.source_file, "contacts.csv");
    assert_eq!(leads[1].email, "juergen@mueller.example");
    assert_eq!((leads[2].title.as_str(), leads[2].phone.as_str()), ("N/A", "N/A"));

    let second = system.import(ALICE, &Upload::text("again.csv", CONTACTS)).await?;
    assert_eq!(counts(&second.progress), [0, 0, 3, 1, 0, 0]);
    let again = system.leads().await?;
    for (before, after) in leads.iter().zip(&again) {
        assert_eq!((&before.lead_id, &before.created_at), (&after.lead_id, &after.created_at));
        assert_eq!(before.updated_at, after.updated_at, "nothing changed");
        assert_eq!(after.source_file, "again.csv");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_file_replaces_every_field_and_keeps_id_and_creation() -> Result<()> {
    let system = System::start().await?;
    system.import(ALICE, &Upload::text("a.csv", CONTACTS)).await?;
    let before = system.leads().await?;
    let newer = "Email,First Name,Title\nada@ENGINES.example,Augusta,\n";
    let status = system.import(BOB, &Upload::text("b.csv", newer)).await?;
    assert_eq!(counts(&status.progress), [0, 1, 0, 0, 0, 0]);
    let after = system.leads().await?;
    assert_eq!(after.len(), 3);
    assert_eq!(after[0].lead_id, before[0].lead_id);
    assert_eq!(after[0].created_at, before[0].created_at);
    assert!(after[0].updated_at > before[0].updated_at);
    assert_eq!((after[0].first_name.as_str(), after[0].title.as_str()), ("Augusta", "N/A"));
    assert_eq!(after[0].phone, "N/A", "missing values overwrite");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_on_the_sign_in_screen_becomes_the_lead_it_shows() -> Result<()> {
    let system = System::start().await?;
    let status = system.import(ALICE, &Upload::text(example::FILE_NAME, example::FILE)).await?;
    ensure!(counts(&status.progress) == [1, 0, 0, 2, 0, 0], "{status:?}");
    let leads = system.leads().await?;
    let [lead] = &leads[..] else { anyhow::bail!("{leads:?}") };
    assert_eq!(
        [&lead.first_name, &lead.last_name, &lead.title, &lead.company, &lead.email],
        [example::FIRST_NAME, example::LAST_NAME, example::TITLE, example::COMPANY, example::EMAIL]
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_without_an_address_stay_apart_and_are_met_again() -> Result<()> {
    let system = System::start().await?;
    let text =
        "Name,Phone\nAda Lovelace,020 7946 0001\nAda Lovelace,020 7946 0001\nGrace Hopper,020 7946 0002\n";
    let first = system.import(ALICE, &Upload::text("phones.csv", text)).await?;
    assert_eq!(counts(&first.progress), [3, 0, 0, 0, 0, 0]);
    let second = system.import(ALICE, &Upload::text("phones.csv", text)).await?;
    assert_eq!(counts(&second.progress), [0, 0, 3, 0, 0, 0]);
    assert_eq!(system.leads().await?.len(), 3);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_visible_sheet_of_every_kind_of_workbook_is_read() -> Result<()> {
    for (file, expected) in [("contacts.xlsx", 5), ("contacts.xls", 3), ("contacts.ods", 3)] {
        let system = System::start().await?;
        let status = system.import(ALICE, &Upload::fixture(file)).await?;
        assert_eq!(status.status, UploadStatus::Completed, "{file}: {:?}", status.error);
        assert_eq!(status.progress.created_leads, expected, "{file}");
        let leads = system.leads().await?;
        assert_eq!(leads.len() as u64, expected, "{file}");
        let ada = &leads[0];
        assert_eq!(
            [&ada.first_name, &ada.last_name, &ada.email, &ada.phone],
            ["Ada", "Lovelace", "ada@engines.example", "6591234567"],
            "{file}"
        );
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn history_lists_own_uploads_only_newest_first() -> Result<()> {
    let system = System::start().await?;
    let first = system.import(ALICE, &Upload::text("one.csv", CONTACTS)).await?;
    let second = system.import(ALICE, &Upload::text("two.csv", CONTACTS)).await?;
    let mine: UploadListResponse = system.get(ALICE, routes::STATUS_LIST).await?;
    let ids: Vec<_> = mine.uploads.iter().map(|upload| &upload.upload_id).collect();
    assert_eq!(ids, [&second.upload_id, &first.upload_id]);
    let others: UploadListResponse = system.get(BOB, routes::STATUS_LIST).await?;
    assert!(others.uploads.is_empty());
    for (method, path) in [
        (Method::GET, routes::status(&first.upload_id)),
        (Method::POST, routes::status_cancel(&first.upload_id)),
        (Method::GET, routes::status("550e8400-e29b-41d4-a716-446655440000")),
    ] {
        let (status, body) = system.api(BOB, method, &path, None).await?;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(body["error"]["code"], "NOT_FOUND");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_upload_cannot_be_cancelled() -> Result<()> {
    let system = System::start().await?;
    let ended = system.import(ALICE, &Upload::text("one.csv", CONTACTS)).await?;
    let (status, body) =
        system.api(ALICE, Method::POST, &routes::status_cancel(&ended.upload_id), None).await?;
    assert_eq!((status, body["error"]["code"].as_str()), (StatusCode::CONFLICT, Some("CONFLICT")));
    let after = system.status(ALICE, &ended.upload_id).await?;
    assert_eq!(after.status, UploadStatus::Completed);
    Ok(())
}
