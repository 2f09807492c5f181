// Starts the page. An own file because the content security policy allows no inline script; trunk puts the hashed
// names of what to load on this script's tag (see `pattern_script` in Trunk.toml).

// Before the first paint of the app, so that a chosen theme does not flash in the other one.
try {
  const theme = localStorage.getItem("easy-crm.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be blocked; the system's theme is used.
}

const tag = document.querySelector("script[data-app]");
try {
  const app = await import(tag.dataset.app);
  const wasm = await app.default({ module_or_path: tag.dataset.wasm });
  window.wasmBindings = app;
  dispatchEvent(new CustomEvent("TrunkApplicationStarted", { detail: { wasm } }));
} catch (error) {
  console.error("The page could not start", error);
  const text = document.getElementById("boot-text");
  if (text) text.textContent = "Easy CRM could not start. Please reload the page; if that does not help, update your browser.";
}
