//! The lead list over HTTP.

use anyhow::Result;
use easy_crm_shared::lead::LeadResponse;
use easy_crm_shared::routes;
use easy_crm_tests::{ALICE, System, Upload};

/// 120 leads in a reproducible jumble; every seventh without a title.
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
