// Makes the built page small. trunk runs this after a release build, on the files it has staged:
//
// - wasm-bindgen joins its two files by some 250 long names with hashes in them, which compress badly: they become short;
// - what only the unused streams of a dependency export is cut off, so that wasm-opt can remove it;
// - functions that only put together the words of a panic end at once, what formats values for them writes nothing, and the source
//   files they name are blanked: the page has nobody to tell that to, and boot.js says that something went wrong;
// - wasm-opt and esbuild make the rest small;
// - the style sheets become one file, which compresses better than many;
// - the files are named by what they hold now, because they are cached for ever.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

const UNUSED = /^(__wbg_)?intounderlying/;
/** Names of functions that never return, and whose words nobody hears. */
const PANICS = new RegExp(
  "^(?:" +
    [
      "core::panicking::",
      "core::option::(?:expect|unwrap)_failed",
      "core::result::unwrap_failed",
      "core::slice::index::slice_",
      "core::slice::copy_from_slice_impl::len_mismatch_fail",
      "core::str::slice_error_fail",
      "core::cell::panic_already_",
      "std::panicking::(?!panic_count)",
      "std::alloc::rust_oom",
      "alloc::raw_vec::(?:handle_error|capacity_overflow)",
      "alloc::alloc::handle_alloc_error",
      "<alloc::vec::Vec<.*>::\\w+::assert_failed",
    ].join("|") +
    ")",
);
/** Names of functions that format a value for a developer: `fn(&self, &mut Formatter) -> Result`. */
const DEBUG = / as core::fmt::Debug>::fmt(?:::h[0-9a-f]{16}|\.\d+)*$|PadAdapter as core::fmt::Write>::write_/;
/** Words that nothing but panics and such formatting say, in the standard library, Leptos and wasm-bindgen; and paths of source files. */
const UNHEARD = new RegExp(
  [
    "/(?:[\\w.@-]+/)+[\\w.-]+\\.rs(?![\\w-])",
    "entity not found[ -~]*?uncategorized error",
    "Value is None because the `ssr` feature[ -~]*?identify the source\\.",
    "attempted to take ownership of[ -~]*?aliasing in rust",
  ].join("|"),
  "g",
);
/** Body of a function that does not return: no locals, `unreachable`, `end`. */
const TRAP = Buffer.from([0x00, 0x00, 0x0b]);
/** Body of a function that says it went well: no locals, `i32.const 0`, `end`. */
const FINE = Buffer.from([0x00, 0x41, 0x00, 0x0b]);
const SECTION = { custom: 0, import: 2, export: 7, code: 10, data: 11 };
const KIND = { function: 0, table: 1, memory: 2, global: 3 };

if (process.env.TRUNK_PROFILE === "release") {
  shrink(process.env.TRUNK_STAGING_DIR);
}

function shrink(folder) {
  const names = readdirSync(folder);
  const wasmName = names.find((name) => name.endsWith("_bg.wasm"));
  const jsName = wasmName.replace("_bg.wasm", ".js");
  const short = new Map();
  const shorten = (name) => {
    if (name === "memory") return name;
    if (!short.has(name)) short.set(name, `$${short.size.toString(36)}`);
    return short.get(name);
  };
  const wasm = rewritten(readFileSync(join(folder, wasmName)), shorten);
  let js = readFileSync(join(folder, jsName), "utf8");
  js = js.replace(/^export class IntoUnderlying\w+ \{[\s\S]*?^\}\n(if \(Symbol\.dispose\).*\n)?/gm, "");
  js = js.replace(/[\w$]+/g, (word) => short.get(word) ?? word);

  const raw = join(folder, "raw.wasm");
  writeFileSync(raw, wasm);
  const small = join(folder, "small.wasm");
  const flags = ["bulk-memory", "nontrapping-float-to-int", "sign-ext", "mutable-globals", "reference-types", "multivalue"];
  // Inlining what is called once makes functions that compress worse.
  const passes = ["-Os", "--one-caller-inline-max-function-size=0", "--low-memory-unused", "--zero-filled-memory", "--reorder-functions"];
  run("wasm-opt", [raw, "-o", small, ...flags.map((flag) => `--enable-${flag}`), ...passes]);
  const wasmBytes = readFileSync(small);
  const jsBytes = Buffer.from(minified(js));
  for (const name of [raw, small, join(folder, wasmName), join(folder, jsName)]) rmSync(name);

  const page = join(folder, "index.html");
  const hash = createHash("sha256").update(wasmBytes).update(jsBytes).digest("hex").slice(0, 16);
  const base = jsName.replace(/-[0-9a-f]+\.js$/, "");
  const [newJs, newWasm] = [`${base}-${hash}.js`, `${base}-${hash}_bg.wasm`];
  writeFileSync(join(folder, newJs), jsBytes);
  writeFileSync(join(folder, newWasm), wasmBytes);
  writeFileSync(page, readFileSync(page, "utf8").replaceAll(wasmName, newWasm).replaceAll(jsName, newJs));
  joinStyles(folder, page);
  const boot = join(folder, "boot.js");
  writeFileSync(boot, minified(readFileSync(boot, "utf8")));
}

function minified(js) {
  return run("esbuild", ["--minify", "--format=esm", "--target=es2022", "--loader=js"], js);
}

/** One style sheet of all that the page names, in their order. */
function joinStyles(folder, page) {
  const links = /<link\b[^>]*\bhref="?\/([^"\s>]+\.css)"?[^>]*>/g;
  let html = readFileSync(page, "utf8");
  const names = [...html.matchAll(links)].map((link) => link[1]);
  if (names.length === 0) throw new Error("the page names no style sheets");
  const all = names.map((name) => readFileSync(join(folder, name), "utf8")).join("\n");
  const css = run("esbuild", ["--minify", "--loader=css"], all);
  const name = `styles-${createHash("sha256").update(css).digest("hex").slice(0, 16)}.css`;
  names.forEach((old) => rmSync(join(folder, old)));
  writeFileSync(join(folder, name), css);
  let isFirst = true;
  html = html.replace(links, () => {
    const link = isFirst ? `<link rel="stylesheet" href="/${name}">` : "";
    isFirst = false;
    return link;
  });
  writeFileSync(page, html);
}

/** A program of the PATH, or of the folder the scripts install into. */
function run(program, args, input) {
  const tools = process.env.EASY_CRM_TOOLS ?? join(homedir(), ".cache/easy-crm/tools");
  const installed = existsSync(tools) ? readdirSync(tools).map((tool) => join(tools, tool, "node_modules/.bin")) : [];
  const path = [process.env.PATH, ...installed].join(delimiter);
  try {
    return execFileSync(program, args, { input, encoding: "utf8", env: { ...process.env, PATH: path }, maxBuffer: 1 << 28 });
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
    throw new Error(`${program} is missing; ./scripts/setup.sh installs it`);
  }
}

/**
 * The module with other names for what it imports and exports, and without the code of panics (WebAssembly core specification,
 * 5.5 and 7.4.1).
 */
function rewritten(bytes, shorten) {
  const all = sections(bytes);
  const bodies = otherBodies(all);
  const changes = {
    [SECTION.import]: (body) => imports(body, shorten),
    [SECTION.export]: (body) => exports(body, shorten),
    [SECTION.code]: (body) => code(body, bodies),
    [SECTION.data]: blanked,
  };
  const out = [bytes.subarray(0, 8)];
  for (const { id, body } of all) {
    const changed = changes[id]?.(body) ?? body;
    out.push(Buffer.from([id]), toLeb(changed.length), changed);
  }
  return Buffer.concat(out);
}

function sections(bytes) {
  const all = [];
  for (let at = 8; at < bytes.length; ) {
    const [size, start] = leb(bytes, at + 1);
    all.push({ id: bytes[at], body: bytes.subarray(start, start + size) });
    at = start + size;
  }
  return all;
}

/** New bodies of functions, by their places in the code section. */
function otherBodies(all) {
  const imported = leb(all.find(({ id }) => id === SECTION.import).body, 0)[0];
  const bodies = new Map();
  for (const { id, body } of all) {
    if (id !== SECTION.custom) continue;
    const [name, start] = text(body, 0);
    if (name !== "name") continue;
    for (let at = start; at < body.length; ) {
      const kind = body[at];
      const [size, from] = leb(body, at + 1);
      at = from + size;
      // Subsection 1: names of functions.
      if (kind !== 1) continue;
      let [count, next] = leb(body, from);
      for (; count > 0; count--) {
        const [index, afterIndex] = leb(body, next);
        const [known, after] = text(body, afterIndex);
        next = after;
        // The standard library's names carry the hash of their crate.
        const plain = known.replace(/\[[0-9a-f]+\]/g, "");
        if (index < imported) continue;
        if (PANICS.test(plain)) bodies.set(index - imported, TRAP);
        if (DEBUG.test(plain)) bodies.set(index - imported, FINE);
      }
    }
  }
  if (bodies.size < 20) throw new Error("hardly a function is known to panic: the names have changed, or were left out");
  return bodies;
}

/** The data with nothing in place of words nobody hears. */
function blanked(body) {
  const text = body.toString("latin1").replace(UNHEARD, (words) => "\0".repeat(words.length));
  return Buffer.from(text, "latin1");
}

/** The code with other bodies for some functions. */
function code(body, bodies) {
  let [count, at] = leb(body, 0);
  const out = [toLeb(count)];
  for (let place = 0; place < count; place++) {
    const [size, start] = leb(body, at);
    at = start + size;
    const own = bodies.get(place) ?? body.subarray(start, at);
    out.push(toLeb(own.length), own);
  }
  return Buffer.concat(out);
}

function imports(body, shorten) {
  let [count, at] = leb(body, 0);
  const out = [toLeb(count)];
  for (let i = 0; i < count; i++) {
    const [module, afterModule] = text(body, at);
    const [name, afterName] = text(body, afterModule);
    if (body[afterName] !== KIND.function) throw new Error(`${name} is no function`);
    const [, end] = leb(body, afterName + 1);
    out.push(toText(module), toText(shorten(name)), body.subarray(afterName, end));
    at = end;
  }
  return Buffer.concat(out);
}

function exports(body, shorten) {
  let [count, at] = leb(body, 0);
  const out = [];
  for (let i = 0; i < count; i++) {
    const [name, afterName] = text(body, at);
    const [, end] = leb(body, afterName + 1);
    if (!UNUSED.test(name)) out.push(Buffer.concat([toText(shorten(name)), body.subarray(afterName, end)]));
    at = end;
  }
  return Buffer.concat([toLeb(out.length), ...out]);
}

function text(bytes, at) {
  const [length, start] = leb(bytes, at);
  return [bytes.toString("utf8", start, start + length), start + length];
}

function toText(value) {
  const bytes = Buffer.from(value);
  return Buffer.concat([toLeb(bytes.length), bytes]);
}

function leb(bytes, at) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    value += (byte & 127) * 2 ** shift;
    if (byte < 128) return [value, at];
  }
}

function toLeb(value) {
  const bytes = [];
  do {
    bytes.push((value & 127) | (value > 127 ? 128 : 0));
    value >>>= 7;
  } while (value > 0);
  return Buffer.from(bytes);
}
