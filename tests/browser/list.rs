//! The list: keyboard use, filters and columns, pasted data, and the accessibility of every screen.

use std::time::Duration;

use anyhow::{Result, ensure};
use easy_crm_shared::routes;
use easy_crm_tests::{ALICE, System, eventually};
use reqwest::Method;
use thirtyfour::prelude::*;

use crate::chromium::Browser;
use crate::main_job::{fixture, sign_in, upload};

/// Simulates pasting a text into the page.
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
    browser.wait_for_text("toast", "That is not a table").await?;
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

    browser.driver.query(By::Css(".skip-link")).first().await?.send_keys(Key::Enter).await?;
    browser.wait_until("document.activeElement.id === 'main'").await?;

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
async fn leads_are_edited_deleted_and_restored() -> Result<()> {
    let system = System::start_with_page().await?;
    let browser = Browser::open(1440, 900).await?;
    sign_in(&browser, &system).await?;
    upload(&browser, &fixture("contacts.xlsx")).await?;
    browser.wait_for_text("range", "of 5").await?;
    let leads = system.leads().await?;
    let [first, second, ..] = &leads[..] else { anyhow::bail!("{} leads", leads.len()) };

    // An address that another lead has is refused, the input is kept, and the other lead is one click away.
    let open = async |lead_id: &str| -> Result<()> {
        let row = format!("[data-lead-id='{lead_id}'] .row-open");
        browser.driver.query(By::Css(row)).first().await?.click().await?;
        browser.find("edit-lead").await?.click().await?;
        browser.find("edit-form").await?;
        Ok(())
    };
    let retype = async |test_id: &str, text: &str| -> Result<()> {
        let field = browser.find(test_id).await?;
        field.send_keys(Key::Control + "a").await?;
        field.send_keys(text).await?;
        Ok(())
    };
    open(&first.lead_id).await?;
    retype("edit-company", "Analytical Engines").await?;
    retype("edit-email", &second.email).await?;
    browser.find("edit-save").await?.click().await?;
    browser.wait_for_text("edit-form", "Another lead has this email address").await?;
    browser.find("open-other").await?;
    browser.check_axe("edit").await?;
    browser.press(Key::Escape).await?;
    retype("edit-email", &first.email).await?;
    browser.find("edit-save").await?.click().await?;
    browser.wait_for_text("toast", "saved").await?;
    browser.wait_for_text("lead-details", "Analytical Engines").await?;

    // A second edit is saved before the response to the first has arrived.
    browser.delay_answers(Duration::from_millis(1_500)).await?;
    for title in ["Analyst", "Programmer"] {
        browser.find("edit-lead").await?.click().await?;
        retype("edit-title", title).await?;
        browser.find("edit-save").await?.click().await?;
        browser.wait_for_text("lead-details", title).await?;
    }
    browser.delay_answers(Duration::ZERO).await?;
    eventually("the second edit is stored", async || {
        let stored: serde_json::Value = system.get(ALICE, &routes::lead(&first.lead_id)).await?;
        Ok((stored["lead"]["title"] == "Programmer").then_some(()))
    })
    .await?;
    browser.wait_for_text("lead-details", "Programmer").await?;

    // Somebody else changes the lead meanwhile.
    browser.find("edit-lead").await?.click().await?;
    let seen: serde_json::Value = system.get(ALICE, &routes::lead(&first.lead_id)).await?;
    let theirs =
        serde_json::json!({ "updatedAt": seen["lead"]["updatedAt"], "fields": { "title": "Countess" } });
    let (status, answer) =
        system.api(ALICE, Method::PATCH, &routes::lead(&first.lead_id), Some(theirs)).await?;
    ensure!(status == 200, "{answer}");
    retype("edit-phone", "+44 20 7946 0999").await?;
    browser.find("edit-save").await?.click().await?;
    browser.find("edit-reload").await?.click().await?;
    let kept = browser.find("edit-phone").await?.prop("value").await?;
    ensure!(kept.as_deref() == Some("+44 20 7946 0999"), "{kept:?}");
    browser.find("edit-save").await?.click().await?;
    browser.wait_for_text("lead-details", "+44 20 7946 0999").await?;
    browser.wait_for_text("lead-details", "Countess").await?;

    browser.ensure_only_refusals(409).await?;

    // One lead is deleted and restored.
    browser.find("delete-lead").await?.click().await?;
    browser.wait_for_text("range", "of 4").await?;
    browser.click_last("undo").await?;
    browser.wait_for_text("range", "of 5").await?;

    // By keyboard: two are selected and deleted, then all.
    browser.press(Key::Home + Key::Space + Key::Down + Key::Space).await?;
    browser.wait_for_text("selection", "2 leads selected").await?;
    browser.check_axe("selection").await?;
    browser.press(Key::Delete).await?;
    browser.wait_for_text("delete-dialog", "2 leads will be removed").await?;
    browser.check_axe("delete dialog").await?;
    browser.find("delete-confirm").await?.click().await?;
    browser.wait_for_text("range", "of 3").await?;
    browser.find("select-page").await?.click().await?;
    browser.find("bulk-delete").await?.click().await?;
    browser.find("delete-confirm").await?.click().await?;
    browser.find("list-empty").await?;
    browser.click_last("undo").await?;
    browser.wait_for_text("range", "of 3").await?;

    // One is permanently erased, after a confirmation that can be declined.
    browser.driver.query(By::Css(".row-open")).first().await?.click().await?;
    let name = browser.find("lead-name").await?.text().await?;
    browser.find("erase").await?.click().await?;
    browser.wait_for_focus("erase-cancel").await?;
    browser.check_axe("erase").await?;
    browser.press(Key::Enter).await?;
    browser.wait_for_focus("erase").await?;
    browser.press(Key::Enter).await?;
    browser.find("erase-confirm").await?.click().await?;
    browser.wait_for_text("range", "of 2").await?;
    // Messages about earlier actions are still shown.
    let said = "//*[@data-testid='toast'][contains(., '1 lead permanently erased')]";
    browser.driver.query(By::XPath(said)).first().await?;
    let left = system.list("").await?.leads;
    ensure!(left.iter().all(|lead| !name.contains(&lead.last_name)), "{name} is in {left:?}");
    browser.ensure_clean_console().await?;
    browser.close().await
}

/// A file with enough leads for several pages.
fn many_leads(folder: &std::path::Path) -> Result<std::path::PathBuf> {
    let first =
        ["Ada", "Grace", "Zoë", "Ken", "Barbara", "Jürgen", "María", "Wei", "Fatima", "Olu", "Priya", "Lars"];
    let last =
        ["Lovelace", "Hopper", "Ortiz", "Stone", "Liskov", "Müller", "García", "Zhang", "Haddad", "Ade"];
    let work = [
        ("Engines Ltd", "Head of Sales"),
        ("Navy Yard", "Buyer"),
        ("Ortiz e Hijos", "Owner"),
        ("MIT", "Professor"),
    ];
    let mut text = String::from("First Name,Last Name,Job Title,Company,Work Email,Phone,Interest\n");
    for n in 0..180_usize {
        let (given, family) = (first[n % first.len()], last[n / 3 % last.len()]);
        let (company, title) = work[n / 7 % work.len()];
        let interest = ["Met at the fair", "", "Wants a demo in spring", "Renewal"][n % 4];
        text += &format!(
            "{given},{family},{title},{company},lead{n}@mail.example,+44 20 7946 {n:04},{interest}\n"
        );
    }
    let path = folder.join("trade_fair_FINAL(2).csv");
    std::fs::write(&path, text)?;
    Ok(path)
}

/// Visits every screen: none has a violation, none is wider than the window.
async fn tour(width: u32, height: u32) -> Result<()> {
    let system = System::start_with_page().await?;
    let browser = Browser::open(width, height).await?;
    let visit = async |screen: &str| -> Result<()> {
        browser.check_axe(screen).await?;
        let script = "return document.documentElement.scrollWidth - innerWidth";
        let excess: i64 = browser.driver.execute(script, Vec::new()).await?.convert()?;
        ensure!(excess <= 0, "{screen} is {excess} px too wide");
        browser.pictures(screen).await
    };
    browser.driver.goto(system.local.base_url()).await?;
    browser.find("sign-in").await?;
    visit("sign-in").await?;
    browser.driver.goto(format!("{}/nowhere", system.local.base_url())).await?;
    browser.find("not-found").await?;
    visit("not-found").await?;
    sign_in(&browser, &system).await?;
    browser.find("list-empty").await?;
    visit("empty").await?;
    let folder = tempfile::TempDir::new()?;
    upload(&browser, &many_leads(folder.path())?).await?;
    browser.wait_for_text("range", "of 180").await?;
    // After an import without problems, its card and its message disappear on their own.
    browser.wait_until_gone("import-panel").await?;
    browser.wait_until_gone("toast").await?;
    visit("list").await?;
    browser.find("views").await?.click().await?;
    browser.find("view-name").await?;
    visit("views").await?;
    browser.press(Key::Escape).await?;
    browser.find("help-open").await?.click().await?;
    browser.find("help").await?;
    visit("help").await?;
    browser.press(Key::Escape).await?;
    browser.find("select-lead").await?.click().await?;
    browser.find("selection").await?;
    visit("selection").await?;
    browser.find("bulk-delete").await?.click().await?;
    browser.find("delete-dialog").await?;
    visit("delete").await?;
    browser.find("delete-cancel").await?.click().await?;
    browser.find("select-none").await?.click().await?;
    browser.driver.query(By::Css(".row-open")).first().await?.click().await?;
    browser.find("lead-name").await?;
    visit("details").await?;
    browser.find("erase").await?.click().await?;
    browser.find("erase-confirm").await?;
    visit("erase").await?;
    browser.find("erase-cancel").await?.click().await?;
    browser.find("edit-lead").await?.click().await?;
    browser.find("edit-form").await?;
    visit("edit").await?;
    browser.find("edit-cancel").await?.click().await?;
    browser.find("close-details").await?.click().await?;
    browser.find("nav-imports").await?.click().await?;
    browser.find("status-plan").await?.find(By::Tag("summary")).await?.click().await?;
    visit("imports").await?;
    browser.ensure_own_host_only().await?;
    browser.ensure_clean_console().await?;
    browser.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_screen_is_accessible_on_a_laptop() -> Result<()> {
    tour(1440, 900).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_screen_is_accessible_on_a_phone() -> Result<()> {
    tour(390, 844).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_screen_fits_the_smallest_phone() -> Result<()> {
    tour(360, 640).await
}
