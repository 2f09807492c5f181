//! The import history: the outcome of each file, how its columns were interpreted, and the rows that failed.

use anyhow::{Result, ensure};
use easy_crm_tests::System;
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
