//! Questions in the chat panel: a number, a chart, follow-ups, and from there to the list and a file.

use anyhow::{Result, ensure};
use easy_crm_tests::{ALICE, System, Upload};
use thirtyfour::prelude::*;

use crate::chromium::Browser;
use crate::main_job::sign_in;

/// Values that would be markup if anything interpreted them as such.
const HOSTILE: &str = "<img src=x onerror=document.title='owned'>";

async fn start(width: u32, height: u32) -> Result<(System, Browser)> {
    let system = System::start_with_page().await?;
    let rows: String = (0..30)
        .map(|n| {
            let company = ["Siemens AG", "Google", HOSTILE][n % 3];
            let phone = if n % 2 == 0 { "+49 30 5550100" } else { "" };
            format!("P{n},Q,CEO,{company},p{n}@x.example,{phone}\n")
        })
        .collect();
    let text = format!("First Name,Last Name,Job Title,Company,Email,Phone\n{rows}");
    system.import(ALICE, &Upload::text("a.csv", &text)).await?;
    let browser = Browser::open(width, height).await?;
    sign_in(&browser, &system).await?;
    browser.wait_for_text("range", "of 30").await?;
    Ok((system, browser))
}

async fn all(browser: &Browser, test_id: &str) -> Result<Vec<WebElement>> {
    Ok(browser.driver.find_all(By::Css(format!("[data-testid='{test_id}']"))).await?)
}

/// Asks a question and waits for the newest answer to contain a text.
async fn ask(browser: &Browser, question: &str, answer: &str) -> Result<()> {
    browser.find("chat-question").await?.send_keys(question + Key::Enter).await?;
    browser.wait_for_text("chat", answer).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_a_chart_and_the_list_behind_them() -> Result<()> {
    let (_system, browser) = start(1440, 900).await?;
    browser.press("c").await?;
    browser.check_axe("chat, nothing asked").await?;
    let cut_off =
        "const frame = document.querySelector('.table-scroll'); return frame.scrollWidth - frame.clientWidth";
    let cut_off: i64 = browser.driver.execute(cut_off, Vec::new()).await?.convert()?;
    ensure!(cut_off <= 0, "{cut_off} px of the list are cut off beside the panel");
    browser.screenshot("chat-start").await?;
    // The suggested questions work.
    for (nth, answer) in ["30 leads.", "They have 3 companies", "15 leads where"].into_iter().enumerate() {
        if nth > 0 {
            browser.find("chat-close").await?.click().await?;
            browser.driver.refresh().await?;
            browser.wait_for_text("range", "of 30").await?;
            browser.find("chat-open").await?.click().await?;
        }
        browser.find("chat-suggestion").await?;
        all(&browser, "chat-suggestion").await?[nth].click().await?;
        browser.wait_for_text("chat", answer).await?;
    }
    ask(&browser, "top companies", "They have 3 companies").await?;
    browser.wait_for_text("chat-chart", "Siemens AG").await?;
    browser.wait_for_text("chat-chart", HOSTILE).await?;
    browser.pictures("chat-chart").await?;
    ask(&browser, "How many leads are from Google?", "10 leads where company contains “Google”.").await?;
    ask(&browser, "only those with a phone", "5 leads where company contains “Google” and phone is set.")
        .await?;
    browser.check_axe("chat").await?;
    browser.pictures("chat").await?;
    let opens = all(&browser, "chat-open-table").await?;
    opens.last().expect("an answer leads to the list").click().await?;
    browser.wait_for_text("range", "of 5").await?;
    browser.wait_for_text("filter-chip", "phone is set").await?;
    // The URL contains the complete state.
    browser.driver.refresh().await?;
    browser.wait_for_text("range", "of 5").await?;
    browser.find("filter-chip").await?.click().await?;
    browser.wait_for_text("range", "of 30").await?;
    ensure!(browser.driver.title().await? != "owned", "a value became markup");
    browser.ensure_own_host_only().await?;
    browser.ensure_clean_console().await?;
    browser.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_phone_the_panel_is_in_front_and_gives_way_to_the_list() -> Result<()> {
    let (_system, browser) = start(390, 844).await?;
    browser.find("chat-open").await?.click().await?;
    ask(&browser, "How many leads are from Google?", "10 leads where").await?;
    browser.check_axe("chat on a phone").await?;
    browser.pictures("chat").await?;
    browser.find("chat-open-table").await?.click().await?;
    browser.wait_until_gone("chat").await?;
    browser.wait_for_text("range", "of 10").await?;
    browser.ensure_clean_console().await?;
    browser.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_are_taken_away_answers_exported_and_the_rest_asked_back() -> Result<()> {
    let (system, browser) = start(1440, 900).await?;
    browser.find("chat-open").await?.click().await?;
    ask(&browser, "How many leads are from Google?", "10 leads where").await?;
    browser.find("chat-export").await?.click().await?;
    let file = browser.wait_for_download("leads_export_").await?;
    ensure!(file.trim_end().lines().count() == 11, "{file}");
    browser.find("chat-part").await?.click().await?;
    browser.wait_for_text("chat", "30 leads.").await?;
    ask(&browser, "what is the meaning of life", "You can ask, for example").await?;
    browser.check_axe("chat asks back").await?;
    browser.find("chat-question").await?.send_keys(Key::Escape).await?;
    browser.wait_until_gone("chat").await?;
    // The next user to sign in finds nothing of it.
    browser.find("sign-out").await?.click().await?;
    browser.find("sign-in").await?;
    sign_in(&browser, &system).await?;
    browser.find("chat-open").await?.click().await?;
    browser.find("chat-suggestion").await?;
    ensure!(all(&browser, "chat-turn").await?.is_empty(), "the conversation outlived the session");
    browser.ensure_clean_console().await?;
    browser.close().await
}
