//! A long list: scrolled from end to end, by mouse, keyboard and page numbers; and saved as a view.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use easy_crm_tests::{ALICE, System, Upload, eventually};
use thirtyfour::prelude::*;

use crate::chromium::Browser;
use crate::main_job::sign_in;

const LEADS: usize = 1_200;

/// The rendered rows: their positions in the list with the leads' ids, `null` while one is being loaded.
const ROWS: &str = "return [...document.querySelectorAll('[data-testid=leads-body] tr:not(.table-space)')] \
    .map(row => [Number(row.dataset.row ?? -1), row.dataset.leadId ?? null])";

/// Whether rows fill the window from top to bottom and none is still being loaded.
const FULL: &str = "(() => { const frame = document.querySelector('.table-scroll').getBoundingClientRect(); \
    const top = document.querySelector('.table thead').getBoundingClientRect().bottom + 4; \
    const row = y => document.elementFromPoint(frame.left + frame.width / 2, y)?.closest('[data-row]'); \
    return row(top) && row(frame.bottom - 4) && !document.querySelector('.table-skeleton') })()";

impl Browser {
    /// Waits until a script's condition is true.
    pub(crate) async fn wait_until(&self, condition: &str) -> Result<()> {
        eventually(condition, async || {
            let answer = self.driver.execute(format!("return Boolean({condition})"), Vec::new()).await?;
            Ok(answer.convert::<bool>()?.then_some(()))
        })
        .await
    }

    async fn wait_for_focused_row(&self, row: usize) -> Result<()> {
        self.wait_until(&format!("document.activeElement.closest('[data-row]')?.dataset.row === '{row}'"))
            .await
    }

    /// Scrolls the list; returns the total scrollable height.
    async fn scroll_to(&self, top: u64) -> Result<u64> {
        let script = "const frame = document.querySelector('.table-scroll'); frame.scrollTop = arguments[0]; \
            return frame.scrollHeight - frame.clientHeight";
        Ok(self.driver.execute(script, vec![top.into()]).await?.convert()?)
    }
}

async fn start(browser: &Browser) -> Result<System> {
    let system = System::start_with_page().await?;
    let row =
        |n: usize| format!("P{n:04},Q,{},p{n}@x.example\n", if n % 100 == 7 { "Ortiz Ltd" } else { "Acme" });
    let rows: String = (0..LEADS).map(row).collect();
    let file = Upload::text("long.csv", &format!("First Name,Last Name,Company,Email\n{rows}"));
    system.import(ALICE, &file).await?;
    sign_in(browser, &system).await?;
    browser.wait_for_text("range", "of 1,200").await?;
    browser.find("sort-firstName").await?.click().await?;
    browser.wait_until("document.querySelector('[data-row=\"0\"] .row-open')?.innerText === 'P0000'").await?;
    Ok(system)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_list_is_scrolled_through_and_no_lead_is_missed() -> Result<()> {
    let browser = Browser::open(1440, 900).await?;
    let system = start(&browser).await?;
    let mut seen: BTreeMap<i64, String> = BTreeMap::new();
    let mut top = 0;
    loop {
        let end = browser.scroll_to(top).await?;
        browser.wait_until(FULL).await?;
        let rows: Vec<(i64, Option<String>)> = browser.driver.execute(ROWS, Vec::new()).await?.convert()?;
        ensure!(rows.len() <= 60, "{} rows are rendered", rows.len());
        for (row, lead_id) in rows {
            let lead_id = lead_id.unwrap_or_default();
            let before = seen.insert(row, lead_id.clone());
            ensure!(before.as_ref().is_none_or(|before| *before == lead_id), "row {row} changed");
        }
        if top >= end {
            break;
        }
        top = (top + 500).min(end);
    }
    let mut expected = Vec::new();
    for page in 1..=3 {
        let page = system.list(&format!("pageSize=400&page={page}&sortBy=firstName&sortOrder=asc")).await?;
        expected.extend(page.leads.into_iter().map(|lead| lead.lead_id));
    }
    ensure!(expected.len() == LEADS && seen.into_values().eq(expected), "the rows are not the list's");

    // Page number and URL follow, and survive a reload.
    browser.wait_for_text("range", "1,151–1,200 of 1,200").await?;
    browser.wait_until("location.search.includes('page=24')").await?;
    browser.driver.refresh().await?;
    browser
        .wait_until("document.querySelector('[data-row=\"1150\"] .row-open')?.innerText === 'P1150'")
        .await?;
    browser.wait_until(FULL).await?;
    browser.ensure_clean_console().await?;
    browser.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_and_page_numbers_reach_every_row() -> Result<()> {
    let browser = Browser::open(1440, 900).await?;
    let _system = start(&browser).await?;
    browser.press(Key::End).await?;
    browser.wait_for_focused_row(LEADS - 1).await?;
    browser.press(Key::Up + Key::Up).await?;
    browser.wait_for_focused_row(LEADS - 3).await?;
    browser.press(Key::Home).await?;
    browser.wait_for_focused_row(0).await?;
    for _ in 0..80 {
        browser.press(Key::Down).await?;
    }
    browser.wait_for_focused_row(80).await?;
    browser.wait_for_text("range", "51–100 of 1,200").await?;
    browser.driver.query(By::Css(".page-button[aria-label='Page 24']")).first().await?.click().await?;
    browser
        .wait_until("document.querySelector('[data-row=\"1150\"] .row-open')?.innerText === 'P1150'")
        .await?;
    // A filtered list starts at its first row.
    browser.find("filter-company").await?.send_keys("ortiz").await?;
    browser.wait_for_text("range", "1–12 of 12").await?;
    browser.wait_until("document.querySelector('[data-row=\"0\"] .row-open')?.innerText === 'P0007'").await?;
    browser.check_axe("long list").await?;
    browser.ensure_clean_console().await?;
    browser.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn views_are_saved_shown_and_deleted() -> Result<()> {
    let browser = Browser::open(1440, 900).await?;
    let system = start(&browser).await?;
    browser.find("filter-company").await?.send_keys("ortiz").await?;
    browser.wait_for_text("range", "of 12").await?;
    browser.find("columns").await?.click().await?;
    browser.find("column-phone").await?.click().await?;
    browser.press(Key::Escape).await?;
    browser.find("views").await?.click().await?;
    browser.check_axe("views, none yet").await?;
    browser.find("view-name").await?.send_keys("Ortiz by name").await?;
    browser.press(Key::Enter).await?;
    browser.wait_for_text("toast", "View “Ortiz by name” saved").await?;
    browser.wait_for_text("views", "Ortiz by name").await?;

    // The view is the user's own, wherever they sign in.
    browser.find("clear-filters").await?.click().await?;
    browser.wait_for_text("range", "of 1,200").await?;
    browser.driver.execute("localStorage.clear()", Vec::new()).await?;
    browser.driver.goto(system.local.base_url()).await?;
    browser.wait_for_text("range", "of 1,200").await?;
    browser.find("views").await?.click().await?;
    browser.find("view").await?;
    browser.check_axe("views").await?;
    browser.find("view").await?.click().await?;
    browser.wait_for_text("range", "of 12").await?;
    browser.wait_until("document.querySelector('[data-row=\"0\"] .row-open')?.innerText === 'P0007'").await?;
    ensure!(!browser.driver.find(By::Css("th[data-field='phone']")).await?.is_displayed().await?, "hidden");

    browser.find("views").await?.click().await?;
    browser.find("view-delete").await?.click().await?;
    browser.wait_for_text("toast", "deleted").await?;
    browser.wait_until_gone("view").await?;
    // The deletion can be undone from another screen, and after coming back from there.
    browser.find("nav-imports").await?.click().await?;
    browser.wait_until_gone("views").await?;
    browser.click_last("undo").await?;
    browser.wait_until_gone("undo").await?;
    browser.find("nav-leads").await?.click().await?;
    browser.find("views").await?.click().await?;
    browser.find("view-delete").await?.click().await?;
    browser.wait_until_gone("view").await?;
    browser.find("nav-imports").await?.click().await?;
    browser.wait_until_gone("views").await?;
    browser.find("nav-leads").await?.click().await?;
    browser.find("views").await?.click().await?;
    browser.wait_for_text("views", "Save filters").await?;
    browser.click_last("undo").await?;
    browser.wait_until_gone("undo").await?;
    browser.find("views").await?.click().await?;
    browser.find("view").await?;
    browser.ensure_clean_console().await?;
    browser.close().await
}
