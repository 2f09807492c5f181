// Starts the page. An own file because the content security policy allows no inline script; trunk puts the hashed
// names of what to load on this script's tag (see `pattern_script` in Trunk.toml).

// Before the first paint of the app, so that a chosen theme does not flash in the other one.
try {
  const theme = localStorage.getItem("easy-crm.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be blocked; the system's theme is used.
}

// The content security policy lets no text become markup but through this (Trusted Types). What the page makes markup of are its
// own fixed pieces: elements with plain attributes. Anything that could load or run something is refused, whoever sends it.
const PLAIN =
  /^(?:[^<>]|<\/?(?!script|iframe|object|embed|base|meta|link|form)[a-z][a-z0-9]*(?: (?!on|src|style|href="[^/#])[a-z-]+(?:="[^"<>]*")?)*>)*$/;
window.trustedTypes?.createPolicy("default", { createHTML: (html) => (PLAIN.test(html) ? html : null) });

// After a fault in the program (a trap) nothing on the page works any more; the user is told.
const broken = (error) => {
  if (!(error instanceof WebAssembly.RuntimeError) || document.getElementById("broken")) return;
  const dialog = document.createElement("dialog");
  dialog.id = "broken";
  dialog.className = "modal";
  const text = document.createElement("p");
  text.textContent = "Something went wrong on this page. What is stored is safe; reload the page to go on.";
  const button = document.createElement("button");
  button.className = "button button-primary";
  button.textContent = "Reload";
  button.onclick = () => location.reload();
  dialog.append(text, button);
  document.body.append(dialog);
  dialog.showModal();
};
addEventListener("error", ({ error }) => broken(error));
addEventListener("unhandledrejection", ({ reason }) => broken(reason));

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
