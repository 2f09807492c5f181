// Makes the built page small. trunk runs this after a release build, on the files it has staged:
//
// - wasm-bindgen joins its two files by some 250 long names with hashes in them, which compress badly: they become short;
// - what only the unused streams of a dependency export is cut off, so that wasm-opt can remove it;
// - wasm-opt and esbuild make the rest small;
// - the style sheets become one file, which compresses better than many;
// - the files are named by what they hold now, because they are cached for ever.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

const UNUSED = /^(__wbg_)?intounderlying/;
const SECTION = { import: 2, export: 7 };
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
  const wasm = renamed(readFileSync(join(folder, wasmName)), shorten);
  let js = readFileSync(join(folder, jsName), "utf8");
  js = js.replace(/^export class IntoUnderlying\w+ \{[\s\S]*?^\}\n(if \(Symbol\.dispose\).*\n)?/gm, "");
  js = js.replace(/[\w$]+/g, (word) => short.get(word) ?? word);

  const raw = join(folder, "raw.wasm");
  writeFileSync(raw, wasm);
  const small = join(folder, "small.wasm");
  const flags = ["bulk-memory", "nontrapping-float-to-int", "sign-ext", "mutable-globals", "reference-types", "multivalue"];
  // Inlining what is called once makes functions that compress worse.
  const passes = ["-Os", "--one-caller-inline-max-function-size=0", "--low-memory-unused", "--zero-filled-memory"];
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

/** The module with other names for what it imports and exports (WebAssembly core specification, 5.5). */
function renamed(bytes, shorten) {
  const out = [bytes.subarray(0, 8)];
  let at = 8;
  while (at < bytes.length) {
    const id = bytes[at];
    const [size, start] = leb(bytes, at + 1);
    const body = bytes.subarray(start, start + size);
    const change = { [SECTION.import]: imports, [SECTION.export]: exports }[id];
    const changed = change ? change(body, shorten) : body;
    out.push(Buffer.from([id]), toLeb(changed.length), changed);
    at = start + size;
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
