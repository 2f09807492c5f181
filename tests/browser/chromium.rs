//! A headless Chromium, driven through its own chromedriver.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use easy_crm_tests::eventually;
use tempfile::TempDir;
use thirtyfour::prelude::*;

/// How long to wait for anything on the page.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A browser window; closed when dropped.
pub(crate) struct Browser {
    pub(crate) driver: WebDriver,
    chromedriver: Child,
    port: u16,
    _profile: TempDir,
    downloads: TempDir,
}

impl Browser {
    /// Opens a window of this size.
    pub(crate) async fn open(width: u32, height: u32) -> Result<Self> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let chromedriver = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("chromedriver is missing; ./scripts/setup.sh installs it")?;
        let profile = TempDir::new()?;
        let mut options = DesiredCapabilities::chrome();
        for argument in [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            "--hide-scrollbars",
            "--lang=en-GB",
            &format!("--user-data-dir={}", profile.path().display()),
            &format!("--window-size={width},{height}"),
        ] {
            options.add_arg(argument)?;
        }
        let downloads = TempDir::new()?;
        options.add_experimental_option(
            "prefs",
            serde_json::json!({ "download.default_directory": downloads.path(), "download.prompt_for_download": false }),
        )?;
        options.set("goog:loggingPrefs", serde_json::json!({ "browser": "ALL" }))?;
        let server = format!("http://127.0.0.1:{port}");
        // chromedriver takes a moment before it listens
        let start = async || Ok(WebDriver::new(&server, options.clone()).await.ok());
        let driver = eventually("chromedriver starts a browser", start).await?;
        let browser = Self { driver, chromedriver, port, _profile: profile, downloads };
        // A window is never narrower than 500 pixels, but a screen can be.
        let screen =
            serde_json::json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        browser.devtools("Emulation.setDeviceMetricsOverride", screen).await?;
        Ok(browser)
    }

    /// Sends a DevTools protocol command.
    async fn devtools(&self, command: &str, parameters: serde_json::Value) -> Result<()> {
        let url =
            format!("http://127.0.0.1:{}/session/{}/goog/cdp/execute", self.port, self.driver.session_id());
        let command = serde_json::json!({ "cmd": command, "params": parameters });
        reqwest::Client::new().post(url).json(&command).send().await?.error_for_status()?;
        Ok(())
    }

    /// Delays every server response by this time.
    pub(crate) async fn delay_answers(&self, delay: Duration) -> Result<()> {
        self.set_network(false, delay).await
    }

    /// Cuts the network connection, or restores it.
    pub(crate) async fn set_offline(&self, is_offline: bool) -> Result<()> {
        self.set_network(is_offline, Duration::ZERO).await
    }

    /// Shows the page as on paper (`print`), or with a media feature such as `("forced-colors", "active")`.
    pub(crate) async fn emulate_media(&self, media: &str, feature: (&str, &str)) -> Result<()> {
        let (name, value) = feature;
        let media = serde_json::json!({ "media": media, "features": [{ "name": name, "value": value }] });
        self.devtools("Emulation.setEmulatedMedia", media).await
    }

    async fn set_network(&self, is_offline: bool, delay: Duration) -> Result<()> {
        self.devtools("Network.enable", serde_json::json!({})).await?;
        let conditions = serde_json::json!({
            "offline": is_offline,
            "latency": delay.as_millis() as u64,
            "downloadThroughput": -1,
            "uploadThroughput": -1,
        });
        self.devtools("Network.emulateNetworkConditions", conditions).await
    }

    /// The first visible element with this test id; waits for it.
    pub(crate) async fn find(&self, test_id: &str) -> Result<WebElement> {
        let found = self.driver.query(By::Css(format!("[data-testid='{test_id}']"))).wait(PATIENCE, POLL);
        found.and_displayed().first().await.with_context(|| format!("nothing visible with test id {test_id}"))
    }

    /// Waits until an element's text contains what is expected.
    pub(crate) async fn wait_for_text(&self, test_id: &str, expected: &str) -> Result<()> {
        let mut seen = String::new();
        let waited = eventually("the text is there", async || {
            // The element may be replaced while it is read.
            seen = match self.find(test_id).await {
                Ok(element) => element.text().await.unwrap_or_default(),
                Err(_) => String::new(),
            };
            Ok(seen.contains(expected).then_some(()))
        });
        waited.await.with_context(|| format!("{test_id} shows {seen:?} and not {expected:?}"))
    }

    /// Waits until no element has this test id any more.
    pub(crate) async fn wait_until_gone(&self, test_id: &str) -> Result<()> {
        eventually(&format!("{test_id} goes"), async || {
            let found = self.driver.find_all(By::Css(format!("[data-testid='{test_id}']"))).await?;
            Ok(found.is_empty().then_some(()))
        })
        .await
    }

    /// Saves a screenshot of the window below the target folder, for manual inspection.
    pub(crate) async fn screenshot(&self, name: &str) -> Result<()> {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("screenshots");
        std::fs::create_dir_all(&folder)?;
        let path = folder.join(format!("{name}.png"));
        self.driver.screenshot(&path).await?;
        ensure!(std::fs::metadata(&path)?.len() > 10_000, "the screenshot is blank");
        Ok(())
    }

    /// Waits until a file whose name begins like this is downloaded; returns its text.
    pub(crate) async fn wait_for_download(&self, name: &str) -> Result<String> {
        eventually(&format!("{name} is downloaded"), async || {
            let files = std::fs::read_dir(self.downloads.path())?.flatten();
            let mut names = files.map(|file| file.file_name().to_string_lossy().into_owned());
            let Some(file) = names.find(|file| file.starts_with(name) && !file.ends_with(".crdownload"))
            else {
                return Ok(None);
            };
            // While downloading, Chromium keeps an empty file under the final name.
            let text = std::fs::read_to_string(self.downloads.path().join(file))?;
            Ok((!text.is_empty()).then_some(text))
        })
        .await
    }

    /// Saves a screenshot in each theme: `name-width-light` and `name-width-dark`.
    pub(crate) async fn pictures(&self, name: &str) -> Result<()> {
        let width: u32 = self.driver.execute("return innerWidth", Vec::new()).await?.convert()?;
        for theme in ["light", "dark"] {
            self.set_theme(Some(theme)).await?;
            self.screenshot(&format!("{name}-{width}-{theme}")).await?;
        }
        self.set_theme(None).await
    }

    /// Fails if the console contains an error.
    pub(crate) async fn ensure_clean_console(&self) -> Result<()> {
        let errors: Vec<_> =
            self.driver.browser_log().await?.into_iter().filter(|entry| entry.level == "SEVERE").collect();
        ensure!(errors.is_empty(), "console errors: {errors:?}");
        Ok(())
    }

    /// Fails if the console contains anything but refusals with this HTTP status; clears them.
    pub(crate) async fn ensure_only_refusals(&self, status: u16) -> Result<()> {
        let refusal = format!("status of {status}");
        let entries = self.driver.browser_log().await?;
        let others: Vec<_> = entries
            .into_iter()
            .filter(|entry| entry.level == "SEVERE" && !entry.message.contains(&refusal))
            .collect();
        ensure!(others.is_empty(), "console errors: {others:?}");
        Ok(())
    }

    /// Moves the focus back by one element.
    pub(crate) async fn press_shift_tab(&self) -> Result<()> {
        let chain = self.driver.action_chain().key_down(Key::Shift).key_down(Key::Tab);
        chain.key_up(Key::Tab).key_up(Key::Shift).perform().await?;
        Ok(())
    }

    /// Waits until an element has the focus.
    pub(crate) async fn wait_for_focus(&self, test_id: &str) -> Result<()> {
        let focused = format!("[data-testid='{test_id}']:focus");
        let found = self.driver.query(By::Css(focused)).wait(PATIENCE, POLL).first().await;
        found.with_context(|| format!("{test_id} does not get the focus")).map(|_| ())
    }

    /// Clicks the last of several elements with a test id.
    pub(crate) async fn click_last(&self, test_id: &str) -> Result<()> {
        self.find(test_id).await?;
        let all = self.driver.find_all(By::Css(format!("[data-testid='{test_id}']"))).await?;
        all.last().context("it disappeared")?.click().await?;
        Ok(())
    }

    /// Fails if the page sent a request to any host other than its own.
    pub(crate) async fn ensure_own_host_only(&self) -> Result<()> {
        let script = "return performance.getEntriesByType('resource').map(e => e.name) \
            .filter(name => !name.startsWith(location.origin + '/'))";
        let others: Vec<String> = self.driver.execute(script, Vec::new()).await?.convert()?;
        ensure!(others.is_empty(), "requests to other hosts: {others:?}");
        Ok(())
    }

    /// Presses keys in the focused element.
    pub(crate) async fn press(&self, keys: impl Into<TypingData>) -> Result<()> {
        self.driver.action_chain().send_keys(keys).perform().await?;
        Ok(())
    }

    /// Closes the window.
    pub(crate) async fn close(self) -> Result<()> {
        self.driver.clone().quit().await?;
        Ok(())
    }
}

const POLL: Duration = Duration::from_millis(50);

impl Browser {
    /// Ends the session, and with it Chromium, which would keep running without its driver.
    fn end_session(&self) -> std::io::Result<()> {
        let mut driver = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        driver.set_read_timeout(Some(Duration::from_secs(5)))?;
        let session = self.driver.session_id();
        let request = "HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
        driver.write_all(format!("DELETE /session/{session} {request}").as_bytes())?;
        driver.read_to_end(&mut Vec::new()).map(drop)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // After a passed test it is already closed; a failure can no longer be reported.
        let _ = self.end_session();
        let _ = self.chromedriver.kill();
        let _ = self.chromedriver.wait();
    }
}
