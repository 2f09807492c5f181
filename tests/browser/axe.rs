//! Accessibility checks with axe-core: no violations on any screen, in the light and the dark theme.

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::chromium::Browser;

impl Browser {
    /// Fails if axe-core finds a violation on the current screen, in either theme.
    pub(crate) async fn check_axe(&self, screen: &str) -> Result<()> {
        for theme in ["light", "dark"] {
            self.set_theme(Some(theme)).await?;
            let found = self.axe_violations().await?;
            ensure!(found.is_empty(), "{screen}, {theme}: {found:#?}");
        }
        self.set_theme(None).await
    }

    /// Shows the page in a given theme, or in that of the system.
    pub(crate) async fn set_theme(&self, theme: Option<&str>) -> Result<()> {
        let script = "const r = document.documentElement; \
            if (arguments[0]) r.dataset.theme = arguments[0]; else delete r.dataset.theme;";
        self.driver.execute(script, vec![serde_json::json!(theme)]).await?;
        self.finish_animations().await
    }

    /// Otherwise colours would be measured, and captured, in mid-transition.
    async fn finish_animations(&self) -> Result<()> {
        let script = "document.getAnimations() \
            .forEach(a => a.effect.getComputedTiming().iterations !== Infinity && a.finish())";
        self.driver.execute(script, Vec::new()).await?;
        Ok(())
    }

    async fn axe_violations(&self) -> Result<Vec<String>> {
        let path =
            std::env::var("EASY_CRM_AXE").context("EASY_CRM_AXE names no axe.min.js; see scripts/test.sh");
        let path = path.or_else(|error| match tool_cache() {
            Some(path) if path.exists() => Ok(path.display().to_string()),
            _ => Err(error),
        })?;
        let is_there = self.driver.execute("return typeof axe === 'object'", Vec::new()).await?;
        if is_there.json() != &Value::Bool(true) {
            self.driver.execute(std::fs::read_to_string(&path)?.as_str(), Vec::new()).await?;
        }
        let run = "const done = arguments[arguments.length - 1]; \
            axe.run(document, {resultTypes: ['violations']}).then(r => done(r.violations.map(v => \
            v.id + ': ' + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160) + ' ' + (n.any[0]?.message ?? '')).join(' | '))))";
        Ok(self.driver.execute_async(run, Vec::new()).await?.convert()?)
    }
}

/// Where the scripts install axe-core.
fn tool_cache() -> Option<std::path::PathBuf> {
    let root = std::env::var_os("EASY_CRM_TOOLS").map(std::path::PathBuf::from);
    let home = || Some(std::path::PathBuf::from(std::env::var_os("HOME")?).join(".cache/easy-crm/tools"));
    Some(root.or_else(home)?.join("axe-core-4.14.1/node_modules/axe-core/axe.min.js"))
}
