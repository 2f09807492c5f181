//! The list: by keyboard, its filters and columns, what was pasted, and every screen's accessibility.

use anyhow::{Result, ensure};
use easy_crm_tests::System;
use thirtyfour::prelude::*;

use crate::chromium::Browser;
use crate::main_job::{fixture, sign_in, upload};

/// Puts a text on the page as if it were pasted.
const PASTE: &str = "const data = new DataTransfer(); data.setData('text/plain', arguments[0]); \
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }));";

#[tokio::test(flavor = "multi_thread")]
async fn rows_copied_from_a_spreadsheet_are_imported_after_a_question() -> Result<()> {
    let system = System::start_with_page().await?;
    let browser = Browser::open(1440, 900).await?;
    sign_in(&browser, &system).await?;
    let copied = "Name\tEmail\nAda Lovelace\tada@x.example\nGrace Hopper\tgrace@x.example\n";
    browser.driver.execute(PASTE, vec![serde_json::json!(copied)]).await?;
    browser.wait_for_text("paste-dialog", "3 rows").await?;
    browser.check_axe("paste dialog").await?;
    browser.screenshot("paste").await?;
    browser.find("paste-import").await?.click().await?;
    browser.wait_for_text("range", "of 2").await?;
    browser.driver.execute(PASTE, vec![serde_json::json!("just some words")]).await?;
    browser.wait_for_text("toast", "That is no table").await?;
    browser.ensure_clean_console().await?;
    browser.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_worked_with_by_keyboard_alone() -> Result<()> {
    let system = System::start_with_page().await?;
    let browser = Browser::open(1440, 900).await?;
    sign_in(&browser, &system).await?;
    browser.find("list-empty").await?;
    browser.check_axe("first steps").await?;
    upload(&browser, &fixture("contacts.xlsx")).await?;
    browser.wait_for_text("range", "of 5").await?;
    let fresh = browser.driver.query(By::Css(".table-row.is-fresh")).all_from_selector().await?;
    ensure!(fresh.len() == 5, "the import's leads are marked: {}", fresh.len());
    browser.check_axe("list").await?;

    browser.press("/").await?;
    browser.press("liskov").await?;
    browser.wait_for_text("filter-chip", "Search: liskov").await?;
    browser.wait_for_text("range", "of 1").await?;
    browser.press(Key::Enter + Key::Tab).await?;
    browser.find("filter-chip").await?.send_keys(Key::Enter).await?;
    browser.wait_for_text("range", "of 5").await?;

    browser.press("?").await?;
    browser.wait_for_text("help", "Search all leads").await?;
    browser.check_axe("help").await?;
    browser.press(Key::Escape).await?;

    browser.find("columns").await?.click().await?;
    browser.find("column-phone").await?.click().await?;
    browser.check_axe("columns").await?;
    ensure!(!browser.driver.find(By::Css("th[data-field='phone']")).await?.is_displayed().await?, "hidden");
    browser.driver.refresh().await?;
    browser.wait_for_text("range", "of 5").await?;
    ensure!(
        !browser.driver.find(By::Css("th[data-field='phone']")).await?.is_displayed().await?,
        "still hidden"
    );

    browser.press(Key::Down + Key::Down + Key::Up + Key::End + Key::Home).await?;
    browser.press(Key::Enter).await?;
    browser.find("lead-name").await?;
    browser.check_axe("details").await?;
    browser.press(Key::Escape).await?;
    browser.ensure_own_host_only().await?;
    browser.ensure_clean_console().await?;
    browser.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_screen_is_accessible_on_a_phone_too() -> Result<()> {
    let system = System::start_with_page().await?;
    let browser = Browser::open(390, 844).await?;
    browser.driver.goto(system.local.base_url()).await?;
    browser.find("sign-in").await?;
    browser.check_axe("sign-in").await?;
    browser.driver.goto(format!("{}/nowhere", system.local.base_url())).await?;
    browser.find("not-found").await?;
    browser.check_axe("not found").await?;
    sign_in(&browser, &system).await?;
    upload(&browser, &fixture("contacts.ods")).await?;
    browser.wait_for_text("range", "of 3").await?;
    browser.check_axe("cards").await?;
    let script = "return document.documentElement.scrollWidth - innerWidth";
    let excess: i64 = browser.driver.execute(script, Vec::new()).await?.convert()?;
    ensure!(excess <= 0, "the page is {excess} px too wide");
    browser.screenshot("cards-390").await?;
    browser.find("nav-imports").await?.click().await?;
    browser.find("status-card").await?;
    browser.screenshot("imports-390").await?;
    browser.check_axe("imports").await?;
    browser.ensure_clean_console().await?;
    browser.close().await
}
