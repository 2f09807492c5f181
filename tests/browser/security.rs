//! Protection of the page: markup that cannot run, sign-outs that reach every tab, sign-ins that redirect nowhere else.

use anyhow::{Result, ensure};
use easy_crm_local::CLIENT_ID;
use easy_crm_tests::{System, eventually};
use thirtyfour::prelude::*;

use crate::chromium::Browser;
use crate::main_job::{fixture, sign_in, upload};

/// Makes the page create markup from a text; returns the kinds of elements created, or the refusal.
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

/// The tab's refresh token; empty if it has none.
pub(crate) async fn refresh_token(browser: &Browser) -> Result<String> {
    let script = "return sessionStorage.getItem('easy-crm.refresh-token') ?? ''";
    Ok(browser.driver.execute(script, Vec::new()).await?.convert()?)
}

/// Waits until the login service no longer accepts a refresh token: a page that is left does not wait for the response.
async fn wait_until_revoked(system: &System, token: &str) -> Result<()> {
    let url = format!("{}/oauth2/token", system.local.base_url());
    let form = format!("grant_type=refresh_token&client_id={CLIENT_ID}&refresh_token={token}");
    eventually("the refresh token ends with the session", async || {
        let request = reqwest::Client::new().post(&url).body(form.clone());
        let answer = request.header("content-type", "application/x-www-form-urlencoded").send().await?;
        Ok((answer.status() == 400).then_some(()))
    })
    .await
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
    let token = refresh_token(&browser).await?;
    let first = browser.driver.window().await?;
    browser.driver.switch_to_window(browser.driver.new_tab().await?).await?;
    browser.driver.goto(system.local.base_url()).await?;
    browser.find("workspace").await?;
    ensure!(refresh_token(&browser).await? == token, "the tabs have different sessions");
    browser.find("sign-out").await?.click().await?;
    browser.find("sign-in").await?;
    browser.driver.switch_to_window(first).await?;
    browser.find("sign-in").await?;
    wait_until_revoked(&system, &token).await?;
    let kept = "return Object.keys(sessionStorage).length";
    let kept: u64 = browser.driver.execute(kept, Vec::new()).await?.convert()?;
    let messages = browser.driver.find_all(By::Css(".toast")).await?;
    ensure!(messages.is_empty(), "a message of the session is still there");
    ensure!(kept == 0, "the first tab still contains {kept} values");
    browser.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_leads_back_to_where_the_user_was_and_nowhere_else() -> Result<()> {
    let system = System::start_with_page().await?;
    let browser = Browser::open(1440, 900).await?;
    let base = system.local.base_url();
    browser.driver.goto(format!("{base}/imports")).await?;
    // What another page of this origin, or a person at the keyboard, could have stored there.
    let forge = "const kept = sessionStorage.getItem('easy-crm.pending-sign-in'); \
        if (kept) sessionStorage.setItem('easy-crm.pending-sign-in', JSON.stringify({ ...JSON.parse(kept), return_to: arguments[0] })); \
        return Boolean(kept)";
    for (forged, lands) in
        [(None, "/imports"), (Some("//evil.example/"), "/"), (Some("https://evil.example/"), "/")]
    {
        browser.driver.goto(format!("{base}/imports")).await?;
        browser.find("sign-in").await?.click().await?;
        browser.driver.query(By::Id("username")).first().await?;
        if let Some(forged) = forged {
            // The tab's storage belongs to the origin, and the local login has the page's origin.
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
    // An unsolicited response signs nobody in.
    browser.driver.goto(format!("{base}/signed-in?code=stolen&state=guessed")).await?;
    browser.find("sign-in").await?;
    browser.close().await
}

/// Values that would run if anything interpreted them as markup, an address or a template.
const HOSTILE: [&str; 7] = [
    "<img src=x onerror=window.owned=1>",
    "\"><script>window.owned=1</script>",
    "'><svg/onload=window.owned=1>",
    "javascript:window.owned=1",
    "{{constructor.constructor('window.owned=1')()}}",
    "</textarea><iframe srcdoc=\"<script>parent.owned=1</script>\">",
    "<a href=\"javascript:window.owned=1\" autofocus onfocus=window.owned=1>x</a>",
];

/// Checks that the values had no effect in the page: nothing ran, and no element was created from one.
async fn ensure_text_only(browser: &Browser, place: &str) -> Result<()> {
    let made = "return [window.owned, document.querySelectorAll('img[src=\"x\"], svg[onload], iframe, [onerror], [onfocus], \
        a[href^=\"javascript\" i], main script, dialog script').length, document.title]";
    let (owned, elements, title): (serde_json::Value, u64, String) =
        serde_json::from_value(browser.driver.execute(made, Vec::new()).await?.json().clone())?;
    ensure!(owned.is_null(), "{place}: a value ran");
    ensure!(elements == 0, "{place}: {elements} elements were created from values");
    ensure!(!title.contains('<'), "{place}: {title}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_leads_are_text_in_every_view_export_and_chart() -> Result<()> {
    let system = System::start_with_page().await?;
    let quoted = |value: &str| format!("\"{}\"", value.replace('"', "\"\""));
    // Each value once in each field, in a header, and in a row that ends up in the problem report.
    let hostile_header = quoted(HOSTILE[0]);
    let mut text = format!("First Name,Last Name,Job Title,Company,Email,Phone,Remarks,{hostile_header}\n");
    for nth in 0..HOSTILE.len() {
        let value = |field: usize| quoted(HOSTILE[(nth + field) % HOSTILE.len()]);
        let (first, last, title, company, remarks, more) =
            (value(0), value(1), value(2), value(3), value(4), value(5));
        text.push_str(&format!(
            "{first},{last},{title},{company},p{nth}@x.example,{},{remarks},{more}\n",
            value(6)
        ));
    }
    text.push_str(&format!("{hostile_header},Long,,,long@x.example,,{},\n", "x".repeat(300_000)));
    let status = system
        .import(
            easy_crm_tests::ALICE,
            &easy_crm_tests::Upload::text("<img src=x onerror=owned=1>.csv", &text),
        )
        .await?;
    ensure!(status.progress.failed_leads == 1, "{:?}", status.progress);
    let browser = Browser::open(1440, 900).await?;
    sign_in(&browser, &system).await?;
    browser.wait_for_text("range", "of 7").await?;
    browser.wait_for_text("leads-body", HOSTILE[0]).await?;
    ensure_text_only(&browser, "the list").await?;
    // The same file uploaded manually: its name and plan are on a card, and in the history.
    let folder = tempfile::TempDir::new()?;
    let path = folder.path().join("<img src=x onerror=window.owned=1>.csv");
    std::fs::write(&path, &text)?;
    upload(&browser, &path).await?;
    browser.wait_for_text("status-stage", "Imported, with problems").await?;
    ensure_text_only(&browser, "the status card").await?;
    browser.find("nav-imports").await?.click().await?;
    browser.driver.query(By::Css("[data-testid='status-plan'] summary")).first().await?.click().await?;
    browser.wait_for_text("status-plan", HOSTILE[0]).await?;
    ensure_text_only(&browser, "the history").await?;
    browser.find("nav-leads").await?.click().await?;
    browser.wait_for_text("range", "of 7").await?;
    // The messages when a lead is deleted and restored; details and form of each lead.
    browser.driver.query(By::Css(".row-open")).first().await?.click().await?;
    browser.find("delete-lead").await?.click().await?;
    browser.find("undo").await?.click().await?;
    browser.wait_for_text("range", "of 7").await?;
    ensure_text_only(&browser, "the message about a deletion").await?;
    for nth in 0..HOSTILE.len() {
        browser.driver.refresh().await?;
        browser.wait_for_text("range", "of 7").await?;
        // Clicked by script: import cards cover the last rows.
        let open = "document.querySelectorAll('.row-open')[arguments[0]].click()";
        browser.driver.execute(open, vec![serde_json::json!(nth)]).await?;
        browser.find("edit-lead").await?;
        ensure_text_only(&browser, "the details").await?;
        browser.find("edit-lead").await?.click().await?;
        browser.find("edit-form").await?;
        ensure_text_only(&browser, "the form").await?;
    }
    // Search and filters, in the URL too.
    let base = system.local.base_url();
    let query = "?q=%3Cimg%20src%3Dx%20onerror%3Dwindow.owned%3D1%3E&filter_company=%22%3E%3Cscript%3Ewindow.owned%3D1%3C%2Fscript%3E";
    browser.driver.goto(format!("{base}/{query}")).await?;
    browser.find("filter-chip").await?;
    ensure_text_only(&browser, "the filters").await?;
    // Chart and answers.
    browser.driver.goto(&base).await?;
    browser.wait_for_text("range", "of 7").await?;
    browser.find("chat-open").await?.click().await?;
    for (question, answer) in [("top companies", "7 companies"), ("top titles", "7 titles")] {
        browser.find("chat-question").await?.send_keys(question.to_owned() + Key::Enter).await?;
        browser.wait_for_text("chat", answer).await?;
        browser.wait_for_text("chat-chart", HOSTILE[0]).await?;
        ensure_text_only(&browser, "the chart").await?;
    }
    browser.find("chat-question").await?.send_keys(HOSTILE[0].to_owned() + Key::Enter).await?;
    browser.wait_for_text("chat", "You can ask, for example").await?;
    ensure_text_only(&browser, "a question").await?;
    browser.find("chat-close").await?.click().await?;
    // The file is downloaded and never shown as a page of this site.
    browser.find("export").await?.click().await?;
    let csv = browser.driver.find_all(By::Css("[data-testid='export-csv']")).await?;
    if let Some(csv) = csv.first() {
        csv.click().await?;
    }
    let file = browser.wait_for_download("leads_export_").await?;
    ensure!(file.contains("<img src=x onerror=window.owned=1>"), "{file}");
    for line in file.lines().skip(1) {
        ensure!(line.split(',').all(|cell| !cell.trim_matches('"').starts_with(['=', '+', '@'])), "{line}");
    }
    ensure_text_only(&browser, "after the export").await?;
    browser.close().await
}

/// No other page can embed this one in a frame.
#[tokio::test(flavor = "multi_thread")]
async fn the_page_and_the_login_cannot_be_framed() -> Result<()> {
    let system = System::start_with_page().await?;
    let base = system.local.base_url();
    let client = reqwest::Client::new();
    for path in ["/", "/imports", "/oauth2/authorize", "/config.json", "/signed-in?code=x&state=y"] {
        let response = client.get(format!("{base}{path}")).send().await?;
        let header = |name: &str| {
            response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
        };
        ensure!(header("x-frame-options") == "DENY", "{path}: {:?}", response.headers());
        let policy = header("content-security-policy");
        ensure!(
            policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe-inline"),
            "{path}: {policy}"
        );
    }
    let browser = Browser::open(1440, 900).await?;
    browser.driver.goto(format!("{base}/config.json")).await?;
    let framed = "const done = arguments[0]; const frame = document.createElement('iframe'); frame.src = '/'; \
        frame.onload = () => { let seen = 'blocked'; try { seen = frame.contentDocument ? 'shown' : 'blocked' } catch (e) {} done(seen) }; \
        document.body.append(frame);";
    let framed: String = browser.driver.execute_async(framed, Vec::new()).await?.convert()?;
    ensure!(framed == "blocked", "{framed}");
    browser.close().await
}

/// Every request for a code has its own challenge and state, and the code is useless without them.
#[tokio::test(flavor = "multi_thread")]
async fn signing_in_uses_pkce_and_a_state_once() -> Result<()> {
    let system = System::start_with_page().await?;
    let browser = Browser::open(1440, 900).await?;
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..2 {
        browser.driver.goto(system.local.base_url()).await?;
        browser.find("sign-in").await?.click().await?;
        browser.driver.query(By::Id("username")).first().await?;
        let url = browser.driver.current_url().await?;
        let parameters: std::collections::BTreeMap<String, String> =
            url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        ensure!(
            parameters["response_type"] == "code" && parameters["code_challenge_method"] == "S256",
            "{url}"
        );
        for name in ["state", "code_challenge"] {
            ensure!(parameters[name].len() >= 32, "{name}: {url}");
            ensure!(seen.insert(parameters[name].clone()), "{name} occurs twice");
        }
        ensure!(!url.as_str().contains("verifier"), "{url}");
    }
    // A response to a sign-in of this tab, with a wrong state, signs nobody in.
    browser.driver.goto(format!("{}/signed-in?code=stolen&state=guessed", system.local.base_url())).await?;
    browser.find("sign-in").await?;
    let kept = "return sessionStorage.getItem('easy-crm.pending-sign-in')";
    let kept: Option<String> = browser.driver.execute(kept, Vec::new()).await?.convert()?;
    ensure!(kept.is_none(), "a state can be reused");
    browser.close().await
}
