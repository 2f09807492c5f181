//! Complete journeys of a new user: a messy file from drop to export, and a list cleaned up with the keyboard alone.
//! The third, a number and a chart from a question, is in `chat`.

use anyhow::{Context as _, Result, ensure};
use easy_crm_tests::System;
use thirtyfour::prelude::*;

use crate::chromium::Browser;
use crate::main_job::{sign_in, upload};

/// A typical real-life list: a title above the table, unusual headers, duplicates (the last row of an address counts),
/// a formula, empty rows.
const MESSY: &str = "Kontakte Messe 2026;;;;\n;;;;\nVorname;Nachname;Firma;E-Mail;Tel.\n\
    Jürgen;Müller;Müller & Söhne;JUERGEN@mueller.example;+49 30 901820\n\
    花子;山田;株式会社🙂;hanako@yamada.example;+81 3 1234 5678\n\
    Jürgen;Müller;;juergen@mueller.example;\n\
    =1+1;Evil;\"Quote \"\"Ltd\"\"\";formula@x.example;\n\
    ;;;;\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_messy_file_from_drop_to_export() -> Result<()> {
    // Exports of any size run as jobs: the page shows the progress and downloads the file at the end.
    let system = System::start_with_page_and(|options| options.direct_export_rows = 0).await?;
    let browser = Browser::open(1440, 900).await?;
    sign_in(&browser, &system).await?;
    let folder = tempfile::TempDir::new()?;
    let path = folder.path().join("Kontakte (final).csv");
    // Saved by Excel in a Western European encoding, the Japanese name would be lost; UTF-8 with a byte order mark
    // keeps it.
    std::fs::write(&path, format!("\u{feff}{MESSY}"))?;
    upload(&browser, &path).await?;
    browser.wait_for_text("range", "of 3").await?;
    browser.wait_for_text("leads-body", "株式会社🙂").await?;
    browser.find("export").await?.click().await?;
    browser.find("export-csv").await?.click().await?;
    let file = browser.wait_for_download("leads_export_").await?;
    browser.wait_for_text("toast", "3 leads exported").await?;
    for expected in
        ["株式会社🙂", "'+81 3 1234 5678", "juergen@mueller.example", "'=1+1", "Quote \"\"Ltd\"\""]
    {
        ensure!(file.contains(expected), "{expected} is not in the export: {file}");
    }
    browser.ensure_clean_console().await?;
    browser.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_leads_are_cleaned_up_by_keyboard_alone() -> Result<()> {
    let system = System::start_with_page().await?;
    let browser = Browser::open(1440, 900).await?;
    sign_in(&browser, &system).await?;
    let folder = tempfile::TempDir::new()?;
    let path = folder.path().join("list.csv");
    let row = |n: usize| {
        let company = if n.is_multiple_of(12) { "Test GmbH" } else { "Acme" };
        format!("P{n},Q,{company},p{n}@x.example\n")
    };
    let rows: String = (0..500).map(row).collect();
    std::fs::write(&path, format!("First Name,Last Name,Company,Email\n{rows}"))?;
    upload(&browser, &path).await?;
    browser.wait_for_text("range", "of 500").await?;
    browser.wait_until_gone("toast").await?;

    // All test companies: found, selected beyond the current page, deleted, undone, deleted again.
    browser.press("/").await?;
    browser.press("test gmbh").await?;
    browser.wait_for_text("range", "of 42").await?;
    browser.press(Key::Tab).await?;
    for is_undone in [true, false] {
        browser.press("a").await?;
        browser.wait_for_text("selection", "42 leads selected").await?;
        browser.press(Key::Delete).await?;
        browser.find("delete-dialog").await?;
        // The dialog's focus starts on "Close".
        browser.press(Key::Tab + Key::Tab + Key::Enter).await?;
        browser.find("list-no-match").await?;
        if is_undone {
            browser.find("undo").await?;
            browser.press("u").await?;
            browser.wait_for_text("range", "of 42").await?;
        }
    }
    browser.press("/").await?;
    for _ in "test gmbh".chars() {
        browser.press(Key::Backspace).await?;
    }
    browser.wait_for_text("range", "of 458").await?;

    // One is opened and corrected: through the toolbar to the list, in the drawer back from "Close" to "Delete" and
    // "Edit", then on to the third field.
    for _ in 0..7 {
        browser.press(Key::Tab).await?;
    }
    browser.press(Key::Down).await?;
    browser.press(Key::Enter).await?;
    browser.find("edit-lead").await?;
    for _ in 0..2 {
        browser.press_shift_tab().await?;
    }
    browser.press(Key::Enter).await?;
    browser.find("edit-title").await?;
    browser.wait_for_focus("edit-firstName").await?;
    browser.press(Key::Tab + Key::Tab).await?;
    browser.press("Buyer").await?;
    browser.press(Key::Enter).await?;
    browser.wait_for_text("lead-details", "Buyer").await?;
    browser.press(Key::Escape).await?;
    browser.wait_for_text("leads-body", "Buyer").await?;
    let left = system.leads().await?;
    ensure!(left.len() == 458 && left.iter().all(|lead| lead.company == "Acme"));
    let corrected = left.iter().find(|lead| lead.title == "Buyer");
    corrected.context("nobody has the new title")?;
    browser.ensure_clean_console().await?;
    browser.close().await
}
