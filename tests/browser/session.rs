//! Signing in: the example on the screen is real, and all tabs of a browser share one session.

use anyhow::{Result, ensure};
use easy_crm_local::CLIENT_ID;
use easy_crm_shared::example;
use easy_crm_tests::{System, eventually};
use thirtyfour::WindowHandle;

use crate::chromium::Browser;
use crate::main_job::{sign_in, sign_in_here, upload};
use crate::security::refresh_token;

/// The lines of the example file as the screen shows them, the file's name first.
const EXAMPLE_LINES: &str =
    "return [...document.querySelectorAll('[data-testid=example-file] p')].map(line => line.textContent)";

/// Sets the tab's clock ahead by some hours: its token has expired.
const HOURS_LATER: &str =
    "const now = Date.now, ahead = arguments[0] * 3600000; Date.now = () => now() + ahead";

#[tokio::test(flavor = "multi_thread")]
async fn the_example_on_the_screen_becomes_the_lead_it_shows() -> Result<()> {
    let system = System::start_with_page().await?;
    let browser = Browser::open(1440, 900).await?;
    browser.driver.goto(system.local.base_url()).await?;
    let shown = browser.find("example-lead").await?.text().await?;
    let lines: Vec<String> = browser.driver.execute(EXAMPLE_LINES, Vec::new()).await?.convert()?;
    let [name, lines @ ..] = &lines[..] else { anyhow::bail!("no file is shown") };
    ensure!(name == example::FILE_NAME && lines.iter().eq(example::FILE.lines()), "{name}: {lines:?}");

    let folder = tempfile::TempDir::new()?;
    let path = folder.path().join(name);
    std::fs::write(&path, lines.join("\n"))?;
    sign_in(&browser, &system).await?;
    upload(&browser, &path).await?;
    browser.wait_for_text("range", "of 1").await?;
    let leads = system.leads().await?;
    let [lead] = &leads[..] else { anyhow::bail!("{leads:?}") };
    for text in [
        format!("{} {}", lead.first_name, lead.last_name),
        format!("{} · {}", lead.title, lead.company),
        lead.email.clone(),
        "3 rows, 1 lead".to_owned(),
    ] {
        ensure!(shown.contains(&text), "{text} is not in {shown:?}");
    }
    browser.ensure_clean_console().await?;
    browser.close().await
}

/// Waits until the tab has another refresh token than this one; returns it.
async fn wait_for_another_token(browser: &Browser, before: &str) -> Result<String> {
    eventually("the tab has new tokens", async || {
        let token = refresh_token(browser).await?;
        Ok((token != before).then_some(token))
    })
    .await
}

/// Signs in, and opens the imports in a second tab, which is then the current one.
async fn two_tabs(browser: &Browser, system: &System) -> Result<[WindowHandle; 2]> {
    sign_in(browser, system).await?;
    let first = browser.driver.window().await?;
    let second = browser.driver.new_tab().await?;
    browser.driver.switch_to_window(second.clone()).await?;
    browser.driver.goto(format!("{}/imports", system.local.base_url())).await?;
    browser.find("imports-empty").await?;
    Ok([first, second])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_tab_is_signed_in_and_new_tokens_reach_every_tab() -> Result<()> {
    let system = System::start_with_page().await?;
    let browser = Browser::open(1440, 900).await?;
    let [first, second] = two_tabs(&browser, &system).await?;
    let token = refresh_token(&browser).await?;
    // No token is kept where it would outlive the tabs.
    let kept = "return JSON.stringify(localStorage) + document.cookie";
    let kept: String = browser.driver.execute(kept, Vec::new()).await?.convert()?;
    ensure!(!kept.contains(&token) && !kept.contains("eyJ"), "{kept}");

    // A refresh token works once: the tab that used it tells the other one its successor, in both directions.
    browser.driver.execute(HOURS_LATER, vec![2.into()]).await?;
    browser.find("imports-refresh").await?.click().await?;
    let newer = wait_for_another_token(&browser, &token).await?;
    browser.driver.switch_to_window(first.clone()).await?;
    ensure!(wait_for_another_token(&browser, &token).await? == newer, "each tab has a token of its own");
    browser.driver.execute(HOURS_LATER, vec![5.into()]).await?;
    browser.find("nav-imports").await?.click().await?;
    let newest = wait_for_another_token(&browser, &newer).await?;
    browser.driver.switch_to_window(second.clone()).await?;
    ensure!(wait_for_another_token(&browser, &newer).await? == newest, "each tab has a token of its own");

    // The last tab keeps the session across a reload.
    browser.driver.switch_to_window(first).await?;
    browser.driver.close_window().await?;
    browser.driver.switch_to_window(second).await?;
    browser.driver.refresh().await?;
    browser.find("imports-empty").await?;
    browser.ensure_clean_console().await?;
    browser.close().await
}

/// The sign-in the tab's tokens come from; empty if it has none.
async fn session_id(browser: &Browser) -> Result<String> {
    let script = "return sessionStorage.getItem('easy-crm.session-id') ?? ''";
    Ok(browser.driver.execute(script, Vec::new()).await?.convert()?)
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_again_in_one_tab_is_enough_when_the_session_has_ended() -> Result<()> {
    let system = System::start_with_page().await?;
    let base = system.local.base_url();
    let browser = Browser::open(1440, 900).await?;
    let [first, second] = two_tabs(&browser, &system).await?;
    let token = refresh_token(&browser).await?;
    let form = format!("client_id={CLIENT_ID}&token={token}");
    let request = reqwest::Client::new().post(format!("{base}/oauth2/revoke")).body(form);
    let answer = request.header("content-type", "application/x-www-form-urlencoded").send().await?;
    ensure!(answer.status() == 200, "{answer:?}");

    browser.driver.switch_to_window(first).await?;
    browser.driver.execute(HOURS_LATER, vec![2.into()]).await?;
    browser.find("nav-imports").await?.click().await?;
    browser.wait_for_text("sign-in-screen", "Your session has expired").await?;
    sign_in_here(&browser, &system).await?;
    let session = session_id(&browser).await?;
    browser.ensure_only_refusals(400).await?;

    browser.driver.switch_to_window(second).await?;
    browser.driver.execute(HOURS_LATER, vec![2.into()]).await?;
    browser.find("imports-refresh").await?.click().await?;
    eventually("the tab takes over the new session", async || {
        Ok((session_id(&browser).await? == session).then_some(()))
    })
    .await?;
    browser.find("imports-empty").await?;
    browser.ensure_only_refusals(400).await?;
    browser.close().await
}
