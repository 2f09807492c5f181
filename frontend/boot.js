// Starts the page. A separate file because the content security policy allows no inline scripts; trunk puts the hashed
// names of the files to load on this script's tag (see `pattern_script` in Trunk.toml).

// Before the first paint of the app, so that the other theme does not flash.
try {
  const theme = localStorage.getItem("easy-crm.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be blocked: the system theme is used.
}

// The content security policy lets text become markup only through this policy (Trusted Types). The page creates markup only
// from its own fixed pieces: elements with plain attributes. Anything that could load or run something is refused.
const PLAIN =
  /^(?:[^<>]|<\/?(?!script|iframe|object|embed|base|meta|link|form)[a-z][a-z0-9]*(?: (?!on|src|style|href="[^/#])[a-z-]+(?:="[^"<>]*")?)*>)*$/;
window.trustedTypes?.createPolicy("default", { createHTML: (html) => (PLAIN.test(html) ? html : null) });

// After a trap in the WebAssembly module nothing on the page works any more, so the user is asked to reload it.
const broken = (error) => {
  if (!(error instanceof WebAssembly.RuntimeError) || document.getElementById("broken")) return;
  const dialog = document.createElement("dialog");
  dialog.id = "broken";
  dialog.className = "modal";
  const text = document.createElement("p");
  text.textContent = "Something went wrong on this page. Your stored data is safe; reload the page to continue.";
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
