// Lighthouse scores of the sign-in page and of the signed-in list, and the frame times while a long list scrolls.
// Started by scripts/page-figures.sh with the server's program and the folder where Lighthouse is installed.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [program, tools, ...options] = process.argv.slice(2);
const option = (name, otherwise) => {
  const at = options.indexOf(`--${name}`);
  return at < 0 ? otherwise : Number(options[at + 1]);
};
const RUNS = option("runs", 5);
const SCROLLED = option("leads", 100_000);
const LISTED = 10_000;
const CATEGORIES = ["performance", "accessibility", "best-practices", "seo"];

const required = createRequire(join(tools, "node_modules/lighthouse/package.json"));
const load = (name) => import(pathToFileURL(required.resolve(name)));
const { default: puppeteer } = await load("puppeteer-core");
const { default: lighthouse, desktopConfig } = await import(pathToFileURL(join(tools, "node_modules/lighthouse/core/index.js")));

const folder = mkdtempSync(join(tmpdir(), "easy-crm-figures-"));
let server;
let browser;
try {
  server = await serve();
  browser = await puppeteer.launch({
    // Waiting for a long import is a single call.
    protocolTimeout: 900_000,
    executablePath: process.env.CHROME_PATH ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--no-first-run"],
  });
  const [page] = await browser.pages();
  await scores("sign-in page", page);
  await signIn(page);
  await importLeads(page, LISTED);
  await scores(`list of ${LISTED} leads, signed in`, page);
  await importLeads(page, SCROLLED);
  await scrolling(page);
} finally {
  await browser?.close();
  server?.process.kill("SIGTERM");
  rmSync(folder, { recursive: true, force: true });
}

/** Starts the server on a free port with a data folder of its own. */
async function serve() {
  const process = spawn(program, ["serve", "--port", "0", "--data", join(folder, "data")], { stdio: ["ignore", "pipe", "ignore"] });
  let said = "";
  for await (const chunk of process.stdout) {
    said += chunk;
    if (said.includes("Ctrl-C")) break;
  }
  const value = (label) => said.match(new RegExp(`${label}\\s+(\\S+)`))?.[1];
  return { process, url: value("Page"), user: value("User"), password: value("Password") };
}

async function signIn(page) {
  await page.setViewport({ width: 1440, height: 900 });
  await page.goto(server.url);
  await (await page.waitForSelector("[data-testid=sign-in]")).click();
  await page.waitForSelector("#username");
  await page.type("#username", server.user);
  await page.type("#password", server.password);
  await page.click("button[type=submit]");
  await page.waitForSelector("[data-testid=workspace]");
}

/** Imports a file of this many leads through the page; there are as many afterwards. */
async function importLeads(page, count) {
  await page.setViewport({ width: 1440, height: 900 });
  await page.goto(server.url);
  await page.waitForSelector("[data-testid=file-input]");
  const first = ["Ada", "Grace", "Zoë", "Ken", "Barbara", "Jürgen", "María", "Wei"];
  const last = ["Lovelace", "Hopper", "Ortiz", "Stone", "Liskov", "Müller", "García"];
  const row = (n) =>
    `${first[n % 8]},${last[n % 7]},Buyer,Company ${n % 977},lead${n}@mail.example,+44 20 7946 ${String(n % 10_000).padStart(4, "0")},Met at the fair`;
  const file = join(folder, `${count}.csv`);
  writeFileSync(file, `First Name,Last Name,Job Title,Company,Email,Phone,Note\n${Array.from({ length: count }, (_, n) => row(n)).join("\n")}\n`);
  const input = await page.$("[data-testid=file-input]");
  await input.uploadFile(file);
  const total = count.toLocaleString("en-US");
  await page.waitForFunction(
    (total) => document.querySelector("[data-testid=total]")?.textContent.replace(/\D/g, "") === total.replace(/\D/g, "") && !document.querySelector("[data-testid=import-panel]"),
    { timeout: 600_000, polling: 500 },
    total,
  );
}

/** Medians of several runs, desktop and mobile. */
async function scores(what, page) {
  for (const [form, config] of [["desktop", desktopConfig], ["mobile", undefined]]) {
    const runs = [];
    for (let run = 0; run < RUNS; run++) {
      const flags = { output: "json", logLevel: "error", onlyCategories: CATEGORIES, disableStorageReset: true };
      const { lhr } = await lighthouse(server.url, flags, config, page);
      if (lhr.runtimeError) throw new Error(lhr.runtimeError.message);
      runs.push(lhr);
    }
    const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
    const score = (name) => `${name} ${Math.round(median(runs.map((lhr) => lhr.categories[name].score * 100)))}`;
    const metric = (id) => `${id} ${Math.round(median(runs.map((lhr) => lhr.audits[id].numericValue)))} ms`;
    const metrics = ["first-contentful-paint", "largest-contentful-paint", "total-blocking-time"].map(metric);
    console.log(`${what}, ${form}: ${CATEGORIES.map(score).join(", ")} (${metrics.join(", ")})`);
    const lost = new Set(
      runs.flatMap((lhr) =>
        CATEGORIES.slice(1).flatMap((name) =>
          lhr.categories[name].auditRefs.filter(({ id, weight }) => weight > 0 && (lhr.audits[id].score ?? 1) < 1).map(({ id }) => id),
        ),
      ),
    );
    for (const id of lost) {
      const places = runs[0].audits[id].details?.items?.slice(0, 3).map(({ node }) => node?.snippet ?? "") ?? [];
      console.log(`  points lost for ${id}: ${places.join(" ")}`);
    }
  }
}

/** Frame times while the list is scrolled by wheel and by its bar, and the most rows the page held. */
async function scrolling(page) {
  await page.setViewport({ width: 1440, height: 900 });
  await page.goto(server.url);
  await page.waitForSelector("[data-testid=lead-row]");
  const frame = await page.$("[data-testid=leads-scroll]");
  const box = await frame.boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.evaluate(() => {
    const seen = (window.seen = { frames: [], most: 0, blank: 0 });
    let before = performance.now();
    const step = (now) => {
      seen.frames.push(now - before);
      before = now;
      const rows = document.querySelectorAll("[data-testid=leads-body] tr").length;
      seen.most = Math.max(seen.most, rows);
      if (document.querySelector(".table-skeleton")) seen.blank += 1;
      if (!seen.done) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  });
  const report = async (what) => {
    const seen = await page.evaluate(() => {
      const { frames, most, blank } = window.seen;
      window.seen.frames = [];
      window.seen.blank = 0;
      return { frames, most, blank };
    });
    const sorted = seen.frames.slice(2).sort((a, b) => a - b);
    const at = (share) => sorted[Math.floor((sorted.length - 1) * share)].toFixed(1);
    console.log(
      `${what}: ${sorted.length} frames, p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, longest ${at(1)} ms; at most ${seen.most} rows in the page; ${seen.blank} frames with a row still being read`,
    );
  };
  for (let turn = 0; turn < 300; turn++) {
    await page.mouse.wheel({ deltaY: 120 });
    await new Promise((resolve) => setTimeout(resolve, 16));
  }
  await report(`${SCROLLED} leads, wheel down 36,000 px`);
  for (let jump = 1; jump <= 100; jump++) {
    await frame.evaluate((element, share) => (element.scrollTop = element.scrollHeight * share), (jump * 37 % 100) / 100);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await report(`${SCROLLED} leads, 100 jumps by the scroll bar`);
}
