//! The lead list over HTTP.

use anyhow::Result;
use aws_sdk_dynamodb::types::AttributeValue;
use easy_crm_shared::lead::LeadResponse;
use easy_crm_shared::query::ListLeadsResponse;
use easy_crm_shared::routes;
use easy_crm_tests::{ALICE, System, Upload};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// 120 leads in a reproducible shuffled order; every seventh without a title.
fn file() -> Upload {
    let mut text = "First Name;Last Name;Job Title;Company;Email;Phone;Notes\n".to_owned();
    for n in 0..120_u32 {
        let jumbled = n * 37 % 120;
        let title = if jumbled % 7 == 0 { "" } else { "Head of Sales" };
        text.push_str(&format!(
            "Åsa{jumbled};Ñandú {jumbled:03};{title};Firma {};lead{jumbled}@list.example;+65 9123 {jumbled:04};{}\n",
            jumbled % 10,
            "long ".repeat(if jumbled == 5 { 200 } else { 1 })
        ));
    }
    Upload::text("list.csv", &text)
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_exact_disjoint_and_in_order() -> Result<()> {
    let system = System::start().await?;
    system.import(ALICE, &file()).await?;
    let mut names = Vec::new();
    for page in 1..=3 {
        let list = system.list(&format!("page={page}&pageSize=50&sortBy=lastName&sortOrder=asc")).await?;
        assert_eq!(list.pagination.total_count, 120);
        assert_eq!((list.pagination.total_pages, list.pagination.has_more), (3, page < 3));
        names.extend(list.leads.into_iter().map(|lead| lead.last_name));
    }
    assert_eq!(names.len(), 120);
    assert!(names.is_sorted());
    names.dedup();
    assert_eq!(names.len(), 120);
    let beyond = system.list("page=9&pageSize=50").await?;
    assert!(beyond.leads.is_empty());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn imports_are_listed_newest_first_each_in_the_order_of_its_file() -> Result<()> {
    let system = System::start().await?;
    let names = |file: &str| (0..700).map(|n| format!("{file}{n}")).collect::<Vec<_>>();
    for file in ["Old", "New"] {
        let rows: String =
            names(file).iter().map(|name| format!("{name},Same,{name}@x.example,Acme\n")).collect();
        let text = format!("First Name,Last Name,Email,Company\n{rows}");
        system.import(ALICE, &Upload::text(&format!("{file}.csv"), &text)).await?;
    }
    let listed = async |parameters: &str| -> Result<Vec<String>> {
        let mut names = Vec::new();
        for page in 1..=3 {
            let page = system.list(&format!("pageSize=500&page={page}&{parameters}")).await?;
            names.extend(page.leads.into_iter().map(|lead| lead.first_name));
        }
        Ok(names)
    };
    let expected = [names("New"), names("Old")].concat();
    assert_eq!(listed("").await?, expected);
    assert_eq!(listed("sortBy=company&sortOrder=asc").await?, expected, "ties");
    assert_eq!(listed("sortBy=title&sortOrder=desc").await?, expected, "missing values");

    // A manual edit and an update from another file leave leads where they are.
    let [first, ..] = &system.list("pageSize=1").await?.leads[..] else { anyhow::bail!("no leads") };
    let edit = serde_json::json!({ "updatedAt": first.updated_at, "fields": { "phone": "+49 171 1234567" } });
    let (status, answer) =
        system.api(ALICE, Method::PATCH, &routes::lead(&first.lead_id), Some(edit)).await?;
    assert_eq!(status, 200, "{answer}");
    let update = "First Name,Last Name,Email,Company\nOld5,Same,Old5@x.example,Bolt\n";
    system.import(ALICE, &Upload::text("update.csv", update)).await?;
    assert_eq!(listed("").await?, expected);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_ignore_case_and_accents_and_compare_phones_by_digits() -> Result<()> {
    let system = System::start().await?;
    system.import(ALICE, &file()).await?;
    for (parameters, expected) in [
        ("filter_lastName=nandu%20007", 1),
        ("filter_firstName=ASA7", 11),
        ("filter_phone=91230042", 1),
        ("filter_phone=%2B65-9123-0042", 1),
        ("q=FIRMA%20lead13@", 1),
        ("filter_company=firma%203&filter_email=lead13@", 1),
        ("filter_title=n%2Fa", 18),
        ("q=nobody", 0),
    ] {
        let list = system.list(parameters).await?;
        assert_eq!(list.pagination.total_count, expected, "{parameters}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_values_sort_last_both_ways() -> Result<()> {
    let system = System::start().await?;
    system.import(ALICE, &file()).await?;
    for order in ["asc", "desc"] {
        let list = system.list(&format!("pageSize=500&sortBy=title&sortOrder={order}")).await?;
        let missing = list.leads.iter().position(|lead| lead.title == "N/A").unwrap();
        assert!(list.leads[missing..].iter().all(|lead| lead.title == "N/A"), "{order}");
        assert_eq!(list.leads.len() - missing, 18);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_shorten_remarks_and_details_do_not() -> Result<()> {
    let system = System::start().await?;
    system.import(ALICE, &file()).await?;
    let list = system.list("filter_email=lead5@").await?;
    assert!(list.leads[0].remarks.chars().count() <= 501, "{}", list.leads[0].remarks.len());
    let detail: LeadResponse = system.get(ALICE, &routes::lead(&list.leads[0].lead_id)).await?;
    assert!(detail.lead.remarks.matches("long").count() == 200);
    Ok(())
}

fn whole_query(query: &Value) -> String {
    let encoded: String = query.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect();
    format!("query={encoded}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_query_in_one_parameter() -> Result<()> {
    let system = System::start().await?;
    let upload_id = system.import(ALICE, &file()).await?.upload_id;
    let title = |op: &str| json!({ "field": "title", "op": op });
    let firma = json!({ "field": "company", "op": "equals", "value": "FIRMA 3" });
    for (query, expected) in [
        (json!({}), 120),
        (json!({ "where": { "all": [firma, { "not": title("isEmpty") }] } }), 11),
        (json!({ "where": { "any": [firma, title("isEmpty")] } }), 29),
        (json!({ "where": { "uploadId": upload_id } }), 120),
        (json!({ "where": { "field": "createdAt", "this": "day" }, "limit": 7 }), 7),
        (json!({ "where": { "field": "createdAt", "previous": "year" } }), 0),
        (json!({ "where": { "sharedBy": "phone" } }), 0),
        (
            json!({ "where": { "field": "emailDomain", "op": "startsWith", "value": "list." }, "q": "lead7@" }),
            1,
        ),
    ] {
        let list = system.list(&whole_query(&query)).await?;
        assert_eq!(list.pagination.total_count, expected, "{query}");
    }
    for (parameters, field) in [
        (
            whole_query(&json!({ "where": { "all": [firma, { "field": "title", "op": "like" }] } })),
            "where.all[1].op",
        ),
        (
            whole_query(&json!({ "where": { "not": { "field": "createdAt", "from": "soon" } } })),
            "where.not.from",
        ),
        (whole_query(&json!({ "limit": 0 })), "limit"),
        (whole_query(&json!({ "select": "*" })), "select"),
        (format!("{}&q=x", whole_query(&json!({}))), "q"),
        ("query=%7B".to_owned(), "query"),
    ] {
        let path = format!("{}?{parameters}", routes::LEADS);
        let (status, body) = system.api(ALICE, Method::GET, &path, None).await?;
        assert_eq!((status, &body["error"]["field"]), (StatusCode::BAD_REQUEST, &json!(field)), "{body}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn unchanged_pages_are_not_sent_again() -> Result<()> {
    let system = System::start().await?;
    system.import(ALICE, &file()).await?;
    let path = format!("{}?pageSize=5", routes::LEADS);
    let first = system.get_with(ALICE, &path, &[]).await?;
    let tag = first.headers()["etag"].to_str()?.to_owned();
    assert!(tag.starts_with("W/"));
    let known = [("if-none-match", tag.as_str())];
    let again = system.get_with(ALICE, &path, &known).await?;
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    assert_eq!(again.headers()["etag"], tag.as_str());
    assert!(again.bytes().await?.is_empty());
    let other_page = system.get_with(ALICE, &format!("{path}&page=2"), &known).await?;
    assert_eq!(other_page.status(), StatusCode::OK);

    // A restarted server with the same leads gives the same tag.
    let system = system.crash_and_restart().await?;
    assert_eq!(system.get_with(ALICE, &path, &known).await?.status(), StatusCode::NOT_MODIFIED);
    system.import(ALICE, &Upload::text("more.csv", "Name,Email\nAda Byron,ada@more.example\n")).await?;
    let path = format!("{path}&asOf={}", system.local.app().now());
    let changed = system.get_with(ALICE, &path, &known).await?;
    assert_eq!(changed.status(), StatusCode::OK);
    assert_eq!(changed.json::<ListLeadsResponse>().await?.pagination.total_count, 121);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn big_answers_are_compressed_for_those_who_can_read_them() -> Result<()> {
    let system = System::start().await?;
    system.import(ALICE, &file()).await?;
    let path = format!("{}?pageSize=120", routes::LEADS);
    let plain = system.get_with(ALICE, &path, &[]).await?;
    assert!(!plain.headers().contains_key("content-encoding"));
    let plain = plain.bytes().await?;
    let packed = system.get_with(ALICE, &path, &[("accept-encoding", "gzip")]).await?;
    assert_eq!(packed.headers()["content-encoding"], "gzip");
    let packed = packed.bytes().await?;
    assert!(packed.len() * 4 < plain.len(), "{} of {} bytes", packed.len(), plain.len());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cold_start_goes_on_from_a_snapshot() -> Result<()> {
    let system = System::start().await?;
    system.import(ALICE, &file()).await?;
    let written = system.local.app().write_snapshot().await?;
    assert_eq!(written.leads, 120);
    let before = system.list("pageSize=120").await?;
    system.import(ALICE, &Upload::text("more.csv", "Name,Email\nAda Byron,ada@more.example\n")).await?;

    let system = system.crash_and_restart().await?;
    let list = system.list("pageSize=121").await?;
    assert_eq!(list.pagination.total_count, 121);
    assert_eq!(list.leads.iter().filter(|lead| before.leads.contains(lead)).count(), 120);
    assert_eq!(snapshots(&system).await?.len(), 1);

    // Writers keep the newest two.
    for _ in 0..3 {
        system.local.app().write_snapshot().await?;
    }
    let keys = snapshots(&system).await?;
    assert_eq!(keys.len(), 2);

    // A damaged one costs time, not leads.
    let clients = system.local.clients();
    let bucket = &system.local.app().config().files_bucket;
    for key in keys {
        clients.s3.put_object().bucket(bucket).key(key).body(b"EASYCRM\0?".to_vec().into()).send().await?;
    }
    let system = system.crash_and_restart().await?;
    assert_eq!(system.list("").await?.pagination.total_count, 121);
    Ok(())
}

async fn snapshots(system: &System) -> Result<Vec<String>> {
    let clients = system.local.clients();
    let bucket = &system.local.app().config().files_bucket;
    let listed = clients.s3.list_objects_v2().bucket(bucket).prefix("snapshots/").send().await?;
    Ok(listed.contents.unwrap_or_default().into_iter().filter_map(|object| object.key).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn deleted_leads_are_gone_from_list_and_details() -> Result<()> {
    let system = System::start().await?;
    system.import(ALICE, &file()).await?;
    let lead_id = system.list("pageSize=1").await?.leads.remove(0).lead_id;
    let now = system.local.app().now().strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string();
    let marked = system
        .local
        .clients()
        .dynamodb
        .update_item()
        .table_name(&system.local.app().config().leads_table)
        .key("leadId", AttributeValue::S(lead_id.clone()))
        .update_expression("SET deletedAt = :now, changedAt = :now")
        .expression_attribute_values(":now", AttributeValue::S(now));
    marked.send().await?;
    let as_of = format!("asOf={}", system.local.app().now());
    assert_eq!(system.list(&as_of).await?.pagination.total_count, 119);
    let (status, _) = system.api(ALICE, Method::GET, &routes::lead(&lead_id), None).await?;
    assert_eq!(status, StatusCode::NOT_FOUND);

    // Neither the feed from the beginning nor a snapshot brings it back.
    system.local.app().write_snapshot().await?;
    let system = system.crash_and_restart().await?;
    assert_eq!(system.list("").await?.pagination.total_count, 119);
    Ok(())
}
