//! The import history: the outcome of each file, how its columns were interpreted, and the rows that failed.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, ensure};
use easy_crm_local::{Call, Fault, Faults};
use easy_crm_tests::{System, eventually};
use thirtyfour::prelude::*;

use crate::chromium::Browser;
use crate::main_job::{sign_in, upload};

/// A file with three good rows and one far above the row size limit.
fn mixed_file(folder: &std::path::Path) -> Result<std::path::PathBuf> {
    let path = folder.join("mixed.csv");
    let rows = ["Ada,ada@a.example", "Grace,grace@b.example", "Ada Lovelace,ADA@a.example"];
    let long = "x".repeat(300_000);
    let text = format!("Full Name,Work Email\n{}\n{long},long@c.example\n", rows.join("\n"));
    std::fs::write(&path, text)?;
    Ok(path)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_shows_counts_plan_and_problem_report() -> Result<()> {
    let system = System::start_with_page().await?;
    let folder = tempfile::TempDir::new()?;
    let browser = Browser::open(1440, 900).await?;
    sign_in(&browser, &system).await?;

    browser.find("nav-imports").await?.click().await?;
    browser.wait_for_text("imports-empty", "No imports").await?;
    browser.check_axe("imports, empty").await?;
    ensure!(browser.driver.current_url().await?.path() == "/imports", "the history has an address");

    upload(&browser, &mixed_file(folder.path())?).await?;
    browser.wait_for_text("status-stage", "Imported, with problems").await?;
    let counter = |key: &str| format!("[data-counter='{key}']");
    for (key, expected) in [("created", "2 new"), ("duplicate", "1 duplicate merged"), ("failed", "1 failed")]
    {
        let shown = browser.driver.query(By::Css(counter(key))).first().await?.text().await?;
        let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
        ensure!(shown == expected, "{key}: {shown}");
    }

    // A reload fetches it from the server again: the history is not kept in the page.
    browser.driver.refresh().await?;
    browser.wait_for_text("import-panel", "mixed.csv").await?;
    browser.driver.query(By::Css("[data-testid='status-plan'] summary")).first().await?.click().await?;
    browser.wait_for_text("status-plan", "Work Email").await?;
    browser.wait_for_text("status-plan", "Email").await?;
    browser.check_axe("imports").await?;
    browser.screenshot("imports").await?;

    browser.find("problem-report").await?.click().await?;
    browser.wait_for_download("mixed_problems.csv").await?;

    // The list keeps its filters while the history is shown.
    browser.find("nav-leads").await?.click().await?;
    browser.wait_for_text("range", "of 2").await?;
    browser.ensure_clean_console().await?;
    browser.close().await
}

/// Keeps all batches but the first from being begun; a batch of a cancelled upload needs not be.
struct OnlyFirstBatchBegins;

impl Faults for OnlyFirstBatchBegins {
    fn of(&self, call: Call<'_>) -> Fault {
        // The key of a batch's marker: `batch#` and eight digits.
        let is_later = |part: &[u8]| {
            part.strip_prefix(b"batch#".as_slice()).is_some_and(|index| {
                index.iter().all(u8::is_ascii_digit) && index.iter().any(|digit| *digit != b'0')
            })
        };
        if call.operation == "UpdateItem" && call.body.windows(14).any(is_later) {
            Fault::Break { carried_out: false }
        } else {
            Fault::None
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_import_says_how_many_leads_it_stored_and_shows_them() -> Result<()> {
    let system = System::start_with_page_and(|options| {
        options.faults = Some(Arc::new(OnlyFirstBatchBegins));
        options.batch_rows = 100;
        options.queues.retry_delay = Duration::from_millis(200);
        options.queues.batch_max_receives = 1_000;
    })
    .await?;
    let browser = Browser::open(360, 640).await?;
    sign_in(&browser, &system).await?;
    let folder = tempfile::TempDir::new()?;
    // The name is longer than the screen is wide.
    let path = folder.path().join(format!("{}.csv", "visitors_of_the_trade_fair_".repeat(4)));
    let rows: String = (0..300).map(|n| format!("Ada,Stone,p{n}@x.example\n")).collect();
    std::fs::write(&path, format!("First Name,Last Name,Email\n{rows}"))?;
    upload(&browser, &path).await?;
    browser.wait_for_text("status-facts", "100 of 300 leads done").await?;
    browser.find("status-cancel").await?.click().await?;
    browser.wait_for_text("status-stage", "Cancelled").await?;
    let stored = "100 of 300 leads were stored.";
    browser.wait_for_text("status-facts", stored).await?;

    // The history says the same, and leads to these leads.
    browser.find("nav-imports").await?.click().await?;
    browser.driver.refresh().await?;
    browser.wait_for_text("status-facts", stored).await?;
    browser.wait_for_text("status-stage", "Cancelled").await?;
    browser.check_axe("a cancelled import").await?;
    ensure_no_overflow(&browser, "a cancelled import").await?;
    browser.find("imported-leads").await?.click().await?;
    browser.wait_for_text("range", "of 100").await?;
    browser.wait_for_text("filter-chip", "one import").await?;
    browser.ensure_clean_console().await?;
    browser.close().await
}

/// Fails if the page is wider than the window.
async fn ensure_no_overflow(browser: &Browser, screen: &str) -> Result<()> {
    let script = "return document.documentElement.scrollWidth - innerWidth";
    let excess: i64 = browser.driver.execute(script, Vec::new()).await?.convert()?;
    ensure!(excess <= 0, "{screen} is {excess} px too wide");
    Ok(())
}

/// Notes the announcements of uploads.
const WATCH_ANNOUNCEMENTS: &str = "const send = window.fetch; window.announced = ''; window.fetch = request => { \
    if (request.url.endsWith('/upload')) request.clone().text().then(text => window.announced += text); \
    return send(request); }";

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_to_existing_leads_is_chosen_once_and_sent_with_every_file() -> Result<()> {
    let system = System::start_with_page().await?;
    for width in [1440, 360] {
        let browser = Browser::open(width, 800).await?;
        sign_in(&browser, &system).await?;
        let folder = tempfile::TempDir::new()?;
        upload(&browser, &mixed_file(folder.path())?).await?;
        browser.wait_for_text("range", "of 2").await?;
        browser.find("import-open").await?.click().await?;
        browser.find("import-dialog").await?;
        browser.check_axe("import dialog").await?;
        ensure_no_overflow(&browser, "import dialog").await?;
        browser.pictures("import-dialog").await?;
        ensure!(browser.find("update-update").await?.is_selected().await?, "not the gentle choice");
        browser.find("update-skip").await?.click().await?;

        browser.driver.refresh().await?;
        browser.wait_for_text("range", "of 2").await?;
        browser.find("import-open").await?.click().await?;
        ensure!(browser.find("update-skip").await?.is_selected().await?, "the choice is forgotten");
        browser.driver.execute(WATCH_ANNOUNCEMENTS, Vec::new()).await?;
        upload(&browser, &mixed_file(folder.path())?).await?;
        // The dialog has done its work.
        browser.wait_until_gone("update-choice").await?;
        eventually("the choice is sent", async || {
            let sent = browser.driver.execute("return window.announced", Vec::new()).await?;
            Ok(sent.convert::<String>()?.contains(r#""updatePolicy":"skip""#).then_some(()))
        })
        .await?;
        browser.ensure_clean_console().await?;
        browser.close().await?;
    }
    Ok(())
}
