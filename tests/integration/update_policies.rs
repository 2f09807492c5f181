//! What an upload does to leads that exist: the four update policies, over HTTP.

use anyhow::{Result, ensure};
use easy_crm_shared::lead::Lead;
use easy_crm_shared::query::ListLeadsResponse;
use easy_crm_shared::routes;
use easy_crm_shared::upload::UpdatePolicy;
use easy_crm_tests::{ALICE, System, Upload};
use reqwest::{Method, StatusCode};
use serde_json::json;

const GOOD: &str = "First Name,Last Name,Job Title,Company,Email,Phone\n\
    Jürgen,Groß,Head of Sales,Acme GmbH,juergen.gross@acme.example,+49 30 1234567\n";
const NEWSLETTER: &str = "Email,Segment\njuergen.gross@acme.example,spring\n";

async fn only_lead(system: &System) -> Result<Lead> {
    let list: ListLeadsResponse = system.get(ALICE, routes::LEADS).await?;
    ensure!(list.leads.len() == 1, "{list:?}");
    Ok(list.leads[0].clone())
}

#[tokio::test]
async fn a_newsletter_list_over_good_leads() -> Result<()> {
    for (policy, title, phone, remarks) in [
        (None, "N/A", "N/A", "Segment: spring"),
        (Some(UpdatePolicy::Replace), "N/A", "N/A", "Segment: spring"),
        (Some(UpdatePolicy::Update), "Head of Sales", "+49 30 1234567", "Segment: spring"),
        (Some(UpdatePolicy::Fill), "Head of Sales", "+49 30 1234567", "Segment: spring"),
        (Some(UpdatePolicy::Skip), "Head of Sales", "+49 30 1234567", "N/A"),
    ] {
        let system = System::start().await?;
        system.import(ALICE, &Upload::text("good.csv", GOOD)).await?;
        let newsletter = Upload { policy, ..Upload::text("newsletter.csv", NEWSLETTER) };
        let status = system.import(ALICE, &newsletter).await?;
        ensure!(status.metadata.update_policy == policy.unwrap_or_default());
        let counts = (status.progress.updated_leads, status.progress.unchanged_leads);
        ensure!(counts == if policy == Some(UpdatePolicy::Skip) { (0, 1) } else { (1, 0) }, "{counts:?}");
        let lead = only_lead(&system).await?;
        // A name or company guessed from the address never takes the place of a written one.
        ensure!(
            [&lead.first_name, &lead.last_name, &lead.company] == ["Jürgen", "Groß", "Acme GmbH"],
            "{lead:?}"
        );
        ensure!([&lead.title, &lead.phone, &lead.remarks] == [title, phone, remarks], "{policy:?}: {lead:?}");
    }
    Ok(())
}

#[tokio::test]
async fn the_policy_holds_between_rows_of_one_file() -> Result<()> {
    let text = "Name,Job Title,Email,Phone\n\
        Ada Groß-King,Buyer,ada.king@x.example,\n,,ada.king@x.example,020 7946 0001\n,Director,ada.king@x.example,020 7946 0002\n";
    for (policy, title, phone) in [
        (UpdatePolicy::Replace, "Director", "020 7946 0002"),
        (UpdatePolicy::Update, "Director", "020 7946 0002"),
        (UpdatePolicy::Fill, "Buyer", "020 7946 0001"),
        (UpdatePolicy::Skip, "Buyer", "N/A"),
    ] {
        let system = System::start().await?;
        let status = system.import(ALICE, &Upload::text("a.csv", text).under(policy)).await?;
        let counts = (status.progress.created_leads, status.progress.duplicate_leads);
        ensure!(counts == (1, 2), "{policy}: {counts:?}");
        let lead = only_lead(&system).await?;
        let found = [&lead.first_name, &lead.last_name, &lead.title, &lead.phone];
        ensure!(found == ["Ada", "Groß-King", title, phone], "{policy}: {lead:?}");
    }
    Ok(())
}

#[tokio::test]
async fn the_deployment_sets_the_default() -> Result<()> {
    let system = System::start_with(|options| options.update_policy = UpdatePolicy::Update).await?;
    system.import(ALICE, &Upload::text("good.csv", GOOD)).await?;
    system.import(ALICE, &Upload::text("newsletter.csv", NEWSLETTER)).await?;
    ensure!(only_lead(&system).await?.title == "Head of Sales");
    let body = json!({ "fileName": "a.csv", "fileSize": 1, "updatePolicy": "merge" });
    let (status, body) = system.api(ALICE, Method::POST, routes::UPLOAD, Some(body)).await?;
    ensure!(status == StatusCode::BAD_REQUEST && body["error"]["field"] == "updatePolicy", "{status} {body}");
    ensure!(
        body["error"]["message"].as_str().is_some_and(|text| text.contains("replace, update, fill, skip")),
        "{body}"
    );
    Ok(())
}
