//! Actions and responses in an unusual order: an older list after a newer one, an undo during another change, links
//! after "Back".

use anyhow::{Result, ensure};
use easy_crm_shared::routes;
use easy_crm_tests::{System, eventually};
use thirtyfour::prelude::*;

use crate::chromium::Browser;
use crate::main_job::{fixture, sign_in, upload};

/// Holds back the next response from an address that contains a text. `held` becomes true once the server has
/// responded, and `isRead` once the page has handled the response after its release.
const HOLD: &str = "const [address] = arguments, send = window.fetch; \
    window.held = window.isRead = false; \
    window.fetch = async (...request) => { \
        const response = await send(...request); \
        if (window.held || !response.url.includes(address)) return response; \
        window.held = true; \
        window.fetch = send; \
        const text = await response.text(); \
        await new Promise(resolve => window.release = resolve); \
        const late = new Response(text || null, response); \
        late.text = async () => { setTimeout(() => window.isRead = true); return text; }; \
        return late; \
    }";

impl Browser {
    async fn hold_response(&self, address: &str) -> Result<()> {
        self.driver.execute(HOLD, vec![address.into()]).await?;
        Ok(())
    }

    async fn release_response(&self) -> Result<()> {
        self.driver.execute("window.release()", Vec::new()).await?;
        self.wait_until("window.isRead").await
    }

    /// Opens the first lead and deletes it.
    async fn delete_first(&self) -> Result<()> {
        self.driver.query(By::Css(".row-open")).first().await?.click().await?;
        self.find("delete-lead").await?.click().await?;
        Ok(())
    }

    async fn wait_for_undo_buttons(&self, expected: usize) -> Result<()> {
        self.wait_until(&format!("document.querySelectorAll('[data-testid=undo]').length === {expected}"))
            .await
    }
}

async fn start(browser: &Browser) -> Result<System> {
    let system = System::start_with_page().await?;
    sign_in(browser, &system).await?;
    upload(browser, &fixture("contacts.xlsx")).await?;
    browser.wait_for_text("range", "of 5").await?;
    Ok(system)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_list_does_not_replace_a_newer_one() -> Result<()> {
    let browser = Browser::open(1440, 900).await?;
    let _system = start(&browser).await?;
    browser.hold_response("/leads?").await?;
    // The list is requested when the browser is online again.
    browser.driver.execute("window.dispatchEvent(new Event('online'))", Vec::new()).await?;
    browser.wait_until("window.held").await?;
    browser.driver.query(By::Css(".row-open")).first().await?.click().await?;
    browser.find("edit-lead").await?.click().await?;
    let company = browser.find("edit-company").await?;
    company.send_keys(Key::Control + "a").await?;
    company.send_keys("Analytical Engines").await?;
    browser.find("edit-save").await?.click().await?;
    browser
        .wait_until("document.querySelector('[data-testid=leads-list]').dataset.loading === 'false'")
        .await?;
    browser.release_response().await?;
    let rows = browser.find("leads-body").await?.text().await?;
    ensure!(rows.contains("Analytical Engines"), "the old list is back: {rows}");
    browser.ensure_clean_console().await?;
    browser.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_deletion_can_be_undone() -> Result<()> {
    let browser = Browser::open(1440, 900).await?;
    let _system = start(&browser).await?;
    browser.delete_first().await?;
    browser.wait_for_text("range", "of 4").await?;

    // Undoing it is refused while another change is running, but remains possible.
    browser.hold_response(routes::LEADS_DELETE).await?;
    browser.delete_first().await?;
    browser.wait_until("window.held").await?;
    browser.click_last("undo").await?;
    let refused = "//*[@data-testid='toast'][contains(., 'Another change is still running')]";
    browser.driver.query(By::XPath(refused)).first().await?;
    browser.wait_for_undo_buttons(1).await?;
    browser.release_response().await?;

    // The message about the second deletion has the same text.
    browser.wait_for_undo_buttons(2).await?;
    browser.wait_for_text("range", "of 3").await?;
    browser.click_last("undo").await?;
    browser.wait_for_text("range", "of 4").await?;
    browser.click_last("undo").await?;
    browser.wait_for_text("range", "of 5").await?;
    browser.wait_for_undo_buttons(0).await?;
    browser.ensure_clean_console().await?;
    browser.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn links_change_the_address_after_going_back() -> Result<()> {
    let browser = Browser::open(1440, 900).await?;
    let system = start(&browser).await?;
    let wait_for_path = async |path: &str| -> Result<()> {
        eventually(&format!("the address is {path}"), async || {
            let url = browser.driver.current_url().await?;
            let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
            Ok((format!("{}{query}", url.path()) == path).then_some(()))
        })
        .await
    };
    let entries = async || -> Result<u64> {
        Ok(browser.driver.execute("return history.length", Vec::new()).await?.convert()?)
    };
    browser.driver.goto(format!("{}/imports", system.local.base_url())).await?;
    browser.find("nav-leads").await?.click().await?;
    wait_for_path("/").await?;
    browser.find("filter-q").await?.send_keys("liskov").await?;
    browser.wait_for_text("range", "of 1").await?;
    wait_for_path("/?q=liskov").await?;
    let all = entries().await?;

    // The link leads to the path that the list had last.
    browser.driver.back().await?;
    wait_for_path("/imports").await?;
    browser.find("import-panel").await?;
    browser.find("nav-leads").await?.click().await?;
    browser.wait_for_text("range", "of 1").await?;
    wait_for_path("/?q=liskov").await?;
    ensure!(entries().await? == all, "the history has another entry");

    // A link to the path that a link led to last.
    browser.find("nav-imports").await?.click().await?;
    wait_for_path("/imports").await?;
    browser.driver.back().await?;
    wait_for_path("/?q=liskov").await?;
    browser.wait_for_text("range", "of 1").await?;
    browser.find("nav-imports").await?.click().await?;
    browser.find("import-panel").await?;
    wait_for_path("/imports").await?;
    browser.driver.back().await?;
    browser.wait_for_text("range", "of 1").await?;
    wait_for_path("/?q=liskov").await?;
    browser.ensure_clean_console().await?;
    browser.close().await
}
