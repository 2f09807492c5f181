//! Unusual conditions: no network, forced colours, paper.

use anyhow::{Result, ensure};
use easy_crm_tests::{ALICE, System, Upload};
use thirtyfour::prelude::*;

use crate::chromium::Browser;
use crate::main_job::sign_in;

async fn start() -> Result<(System, Browser)> {
    let system = System::start_with_page().await?;
    let long = "x".repeat(300);
    let text = format!(
        "First Name,Last Name,Company,Email\nAda,Stone,{long},ada@x.example\nBob,Lee,Acme,bob@x.example\n"
    );
    system.import(ALICE, &Upload::text("a.csv", &text)).await?;
    let browser = Browser::open(1440, 900).await?;
    sign_in(&browser, &system).await?;
    browser.wait_for_text("range", "of 2").await?;
    Ok((system, browser))
}

#[tokio::test(flavor = "multi_thread")]
async fn offline_the_page_says_so_once() -> Result<()> {
    let (_system, browser) = start().await?;
    browser.set_offline(true).await?;
    browser.wait_for_text("offline", "You are offline").await?;
    // What cannot be loaded gives the reason itself.
    browser.find("filter-company").await?.send_keys("acme").await?;
    browser.wait_for_text("list-error", "You are offline").await?;
    let banner = browser.driver.find(By::Css("[data-testid='offline']")).await?;
    ensure!(!banner.is_displayed().await?, "two messages say the same");
    browser.set_offline(false).await?;
    browser.wait_for_text("range", "of 1").await?;
    browser.wait_until_gone("offline").await?;
    browser.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn with_forced_colours_the_current_tab_differs_from_the_other() -> Result<()> {
    let (_system, browser) = start().await?;
    browser.emulate_media("screen", ("forced-colors", "active")).await?;
    let colour = async |tab: &str| -> Result<String> {
        let script = "return getComputedStyle(document.querySelector(`[data-testid='${arguments[0]}']`)).borderBlockEndColor";
        Ok(browser.driver.execute(script, vec![tab.into()]).await?.convert()?)
    };
    let (leads, imports) = (colour("nav-leads").await?, colour("nav-imports").await?);
    ensure!(leads != imports, "both tabs are underlined in {leads}");
    browser.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn on_paper_a_long_value_does_not_widen_the_table() -> Result<()> {
    let (_system, browser) = start().await?;
    browser.emulate_media("print", ("prefers-color-scheme", "light")).await?;
    let sizes = "const table = document.querySelector('.table').getBoundingClientRect(); \
        const heights = [...document.querySelectorAll('.table-row')].map(row => row.offsetHeight); \
        return [Math.ceil(table.right) - innerWidth, Math.max(...heights)]";
    let (excess, height): (i64, i64) = browser.driver.execute(sizes, Vec::new()).await?.convert()?;
    ensure!(excess <= 0, "the table is {excess} px wider than the paper");
    ensure!(height > 60, "the long value is cut off: its row is {height} px high");
    browser.close().await
}
