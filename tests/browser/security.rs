//! What keeps others out of the page: markup that cannot run, sign-outs that reach every tab, sign-ins that lead nowhere else.

use anyhow::{Result, ensure};
use easy_crm_tests::System;
use thirtyfour::prelude::*;

use crate::chromium::Browser;
use crate::main_job::{fixture, sign_in, upload};

/// Has the page make markup of a text; answers the kinds of elements that came of it, or the refusal.
const MAKE_MARKUP: &str = "try { const t = document.createElement('template'); t.innerHTML = arguments[0]; \
    return [...t.content.querySelectorAll('*')].map(e => e.localName).join(' '); } catch (e) { return e.name; }";

#[tokio::test(flavor = "multi_thread")]
async fn no_text_becomes_markup_that_runs() -> Result<()> {
    let system = System::start_with_page().await?;
    let browser = Browser::open(1440, 900).await?;
    sign_in(&browser, &system).await?;
    let made = async |html: &str| -> Result<String> {
        Ok(browser.driver.execute(MAKE_MARKUP, vec![serde_json::json!(html)]).await?.convert()?)
    };
    ensure!(made("<p class=\"muted\">plain</p>").await? == "p");
    for html in [
        "<img src=x onerror=alert(1)>",
        "<p onclick=\"alert(1)\">x</p>",
        "<p style=\"background:url(//x)\">x</p>",
        "<script>alert(1)</script>",
        "<SCRIPT>alert(1)</SCRIPT>",
        "<a href=\"javascript:alert(1)\">x</a>",
        "<a href='javascript:alert(1)'>x</a>",
        "<iframe srcdoc=\"x\"></iframe>",
        "<svg/onload=alert(1)>",
        "<p\nonclick=\"alert(1)\">x</p>",
        "<form action=\"//evil.example\">",
    ] {
        ensure!(made(html).await? == "TypeError", "{html}");
    }
    let made = "try { document.createElement('script').src = '//evil.example/x.js'; return 'made' } catch (e) { return e.name }";
    let made: String = browser.driver.execute(made, Vec::new()).await?.convert()?;
    ensure!(made == "TypeError", "{made}");
    browser.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_ends_the_session_of_every_tab() -> Result<()> {
    let system = System::start_with_page().await?;
    let browser = Browser::open(1440, 900).await?;
    sign_in(&browser, &system).await?;
    upload(&browser, &fixture("contacts.xlsx")).await?;
    browser.wait_for_text("range", "of 5").await?;
    browser.driver.query(By::Css(".row-open")).first().await?.click().await?;
    browser.find("delete-lead").await?.click().await?;
    browser.find("undo").await?;
    let first = browser.driver.window().await?;
    browser.driver.switch_to_window(browser.driver.new_tab().await?).await?;
    // The login service still knows the user: no password is asked for again.
    browser.driver.goto(system.local.base_url()).await?;
    browser.find("sign-in").await?.click().await?;
    let password = browser.driver.find_all(By::Id("password")).await?;
    if password.is_empty() {
        browser.find("workspace").await?;
    } else {
        sign_in(&browser, &system).await?;
    }
    browser.find("sign-out").await?.click().await?;
    browser.find("sign-in").await?;
    browser.driver.switch_to_window(first).await?;
    browser.find("sign-in").await?;
    let kept = "return Object.keys(sessionStorage).length";
    let kept: u64 = browser.driver.execute(kept, Vec::new()).await?.convert()?;
    let messages = browser.driver.find_all(By::Css(".toast")).await?;
    ensure!(messages.is_empty(), "a message of the session is still there");
    ensure!(kept == 0, "the first tab still holds {kept} values");
    browser.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_leads_back_to_where_the_user_was_and_nowhere_else() -> Result<()> {
    let system = System::start_with_page().await?;
    let browser = Browser::open(1440, 900).await?;
    let base = system.local.base_url();
    browser.driver.goto(format!("{base}/imports")).await?;
    // What another page of this origin, or a person at the keyboard, could have put there.
    let forge = "const kept = sessionStorage.getItem('easy-crm.pending-sign-in'); \
        if (kept) sessionStorage.setItem('easy-crm.pending-sign-in', kept.replace(/returnTo=[^&]*/, 'returnTo=' + encodeURIComponent(arguments[0]))); \
        return Boolean(kept)";
    for (forged, lands) in
        [(None, "/imports"), (Some("//evil.example/"), "/"), (Some("https://evil.example/"), "/")]
    {
        browser.driver.goto(format!("{base}/imports")).await?;
        browser.find("sign-in").await?.click().await?;
        browser.driver.query(By::Id("username")).first().await?;
        if let Some(forged) = forged {
            // The tab's storage is the origin's, and the local login has the page's origin.
            let done: bool =
                browser.driver.execute(forge, vec![serde_json::json!(forged)]).await?.convert()?;
            ensure!(done, "there is no sign-in to forge");
        }
        let user = system.local.sign_ins()?.users.remove(0);
        browser.driver.query(By::Id("username")).first().await?.send_keys(&user.email).await?;
        browser.driver.query(By::Id("password")).first().await?.send_keys(&user.password).await?;
        browser.driver.query(By::Css("button[type=submit]")).first().await?.click().await?;
        browser.find("workspace").await?;
        let at = browser.driver.current_url().await?;
        ensure!(at.as_str() == format!("{base}{lands}"), "{at}");
        browser.find("sign-out").await?.click().await?;
        browser.find("sign-in").await?;
    }
    // An answer nobody asked for signs nobody in.
    browser.driver.goto(format!("{base}/signed-in?code=stolen&state=guessed")).await?;
    browser.find("sign-in").await?;
    browser.close().await
}
