//! The main job: sign in, drop a file, watch the import, look at the leads.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use easy_crm_tests::System;
use thirtyfour::prelude::*;

use crate::chromium::Browser;

pub(crate) async fn sign_in(browser: &Browser, system: &System) -> Result<()> {
    browser.driver.goto(system.local.base_url()).await?;
    sign_in_here(browser, system).await
}

/// Signs in from the sign-in screen, which is shown.
pub(crate) async fn sign_in_here(browser: &Browser, system: &System) -> Result<()> {
    let user = system.local.sign_ins()?.users.remove(0);
    browser.find("sign-in").await?.click().await?;
    browser.driver.query(By::Id("username")).first().await?.send_keys(&user.email).await?;
    browser.driver.query(By::Id("password")).first().await?.send_keys(&user.password).await?;
    browser.driver.query(By::Css("button[type=submit]")).first().await?.click().await?;
    browser.find("workspace").await?;
    Ok(())
}

pub(crate) async fn upload(browser: &Browser, path: &Path) -> Result<()> {
    let input = browser.driver.query(By::Css("[data-testid='file-input']")).first().await?;
    input.send_keys(path.display().to_string()).await?;
    Ok(())
}

pub(crate) fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_in_upload_filter_sort_and_details() -> Result<()> {
    let system = System::start_with_page().await?;
    let browser = Browser::open(1440, 900).await?;
    sign_in(&browser, &system).await?;
    browser.find("list-empty").await?;

    upload(&browser, &fixture("contacts.xlsx")).await?;
    browser.wait_for_text("import-panel", "contacts.xlsx").await?;
    browser.wait_for_text("range", "of 5").await?;
    browser.screenshot("uploaded").await?;

    browser.find("sort-lastName").await?.click().await?;
    browser.wait_for_text("leads-body", "Hopper").await?;
    let rows = browser
        .driver
        .query(By::Css("[data-testid='lead-row'] [data-field='lastName']"))
        .all_from_selector()
        .await?;
    let mut names = Vec::new();
    for row in &rows {
        names.push(row.text().await?);
    }
    ensure!(names == ["Hopper", "Liskov", "Lovelace", "Ortiz", "Thompson"], "{names:?}");

    browser.find("filter-company").await?.send_keys("ortiz E").await?;
    browser.wait_for_text("range", "of 1").await?;
    let url = browser.driver.current_url().await?;
    ensure!(url.query().is_some_and(|query| query.contains("company")), "filters are in the URL: {url}");

    browser.driver.query(By::Css("[data-testid='lead-row'] .row-open")).first().await?.click().await?;
    browser.wait_for_text("lead-name", "Zoë Ortiz").await?;
    browser.screenshot("details").await?;
    browser.driver.action_chain().send_keys(Key::Escape).perform().await?;
    browser.find("clear-filters").await?.click().await?;
    browser.wait_for_text("range", "of 5").await?;

    browser.find("sign-out").await?.click().await?;
    browser.find("sign-in").await?;
    browser.ensure_clean_console().await?;
    browser.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_file_gets_a_message_and_the_page_goes_on() -> Result<()> {
    let system = System::start_with_page().await?;
    let browser = Browser::open(390, 844).await?;
    sign_in(&browser, &system).await?;
    upload(&browser, &fixture("password.xlsx")).await?;
    browser.wait_for_text("status-error", "password").await?;
    browser.screenshot("password-390").await?;
    // A file that the client can reject on its own is never sent.
    upload(&browser, &fixture("README.md")).await?;
    browser.wait_for_text("import-panels", "README.md").await?;
    browser.ensure_clean_console().await?;
    browser.close().await
}
