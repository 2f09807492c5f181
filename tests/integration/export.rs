//! Exports over HTTP: what is in the files, and that importing one again changes nothing.

use anyhow::{Result, ensure};
use easy_crm_shared::export::ExportResponse;
use easy_crm_shared::lead::{Lead, LeadField};
use easy_crm_shared::routes;
use easy_crm_tests::{ALICE, System, Upload};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

async fn export(system: &System, body: Value) -> Result<(ExportResponse, Vec<u8>)> {
    let (status, body) = system.api(ALICE, Method::POST, routes::EXPORT, Some(body)).await?;
    ensure!(status == StatusCode::OK, "{status} {body}");
    let export: ExportResponse = serde_json::from_value(body)?;
    let file = reqwest::get(&export.download_url).await?;
    ensure!(file.status() == StatusCode::OK, "{}", file.status());
    let bytes = file.bytes().await?.to_vec();
    Ok((export, bytes))
}

/// Leads whose values try every way in which a file can lose them.
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
        let fields = LeadField::ALL.iter().map(|field| field.of(lead).to_owned()).collect();
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
    // More than a part holds.
    assert!(bytes.len() > 8 * 1024 * 1024, "{}", bytes.len());
    let text = String::from_utf8(bytes)?;
    assert_eq!(text.trim_end().split("\r\n").count(), 71);
    assert!((0..70).all(|n| text.contains(&format!(",p{n}@x.example,"))));
    // Excel could not show it whole.
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
        let file = Upload { name: answer.file_name, bytes };
        // Twice: the second export is of leads that the first one came back to.
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

    // Where the leads are gone, the file makes them anew, once.
    let elsewhere = System::start().await?;
    for expected in [6, 0] {
        let progress = elsewhere.import(ALICE, &Upload::text(&answer.file_name, &text)).await?.progress;
        assert_eq!(progress.created_leads, expected, "{progress:?}");
    }
    assert_eq!(elsewhere.leads().await?.len(), 6);
    Ok(())
}
