import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Browser, CDPSession, Page } from "playwright-core";
import { openBrowser } from "../../test/support/chromium.ts";
import { submission } from "../support/a-submission.ts";
import { aFolder, program, startGateway } from "../support/processes.ts";
import { tellRound } from "../support/progress.ts";
import type { Row } from "../support/row.ts";
import { figureOf } from "../support/statistics.ts";

/** What `leadkeep.js` costs a page: its bytes, and its time on the main thread when the page loads and when the form is sent. */
export async function browserRows(rounds: number): Promise<Row[]> {
  const { folder, remove } = aFolder();
  const gateway = await startGateway({ folder, variables: { LEADKEEP_LOG_LEVEL: "error" } });
  const site = await aSite(gateway.url);
  const browser = await openBrowser();
  const loads: number[] = [];
  const without: number[] = [];
  const sends: number[] = [];
  try {
    for (let i = 0; i < rounds; i++) {
      tellRound("the browser", i, rounds);
      without.push(await onPage(browser, `${site.url}/without`, (_, scriptMs) => scriptMs()));
      await onPage(browser, `${site.url}/with`, async (page, scriptMs) => {
        const loaded = await scriptMs();
        loads.push(loaded);
        await page.evaluate(sendAndWait);
        sends.push((await scriptMs()) - loaded);
      });
    }
  } finally {
    await browser.close();
    site.close();
    await gateway.stop();
    remove();
  }
  const script = readFileSync(join(program, "../../browser/leadkeep.js"));
  const more = figureOf(loads.map((ms, i) => ms - (without[i] ?? 0)));
  return [
    {
      ...rowOf("leadkeep.js, gzip", "bytes", figureOf([gzipSync(script, { level: 9 }).length])),
      target: { atMost: 3_000 },
    },
    rowOf("leadkeep.js: main thread, page load", "ms", more),
    rowOf("leadkeep.js: main thread, sending a form", "ms", figureOf(sends)),
  ];
}

function rowOf(name: string, unit: string, ours: Row["ours"]): Row {
  return { name, unit, ours, baseline: null, ratio: null, target: null };
}

/** A page with a form, once with the script and once without. */
async function aSite(gateway: string): Promise<{ url: string; close(): void }> {
  const fields = Object.entries(submission).map(([name, value]) => `<input name="${name}" value="${value}">`);
  const form = `<form method="post" action="${gateway}/f/contact" data-leadkeep data-thanks-message="Thank you">${fields.join("")}<button>Send</button></form>`;
  const server = createServer((request, response) => {
    const script = request.url === "/with" ? `<script src="${gateway}/leadkeep.js"></script>` : "";
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end(`<!doctype html><title>A site</title>${form}${script}`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

const sendAndWait = `new Promise((resolve) => {
  addEventListener("leadkeep:accepted", () => setTimeout(resolve, 50));
  document.querySelector("button").click();
})`;

/** `use` is given the page, and what its main thread has spent on scripts so far. */
async function onPage<T>(
  browser: Browser,
  url: string,
  use: (page: Page, scriptMs: () => Promise<number>) => Promise<T>,
): Promise<T> {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    await session.send("Performance.enable");
    await page.goto(url, { waitUntil: "load" });
    return await use(page, () => scriptMsOf(session));
  } finally {
    await context.close();
  }
}

/** Milliseconds, compiling included, per https://chromedevtools.github.io/devtools-protocol/tot/Performance/ (read 2026-11). */
async function scriptMsOf(session: CDPSession): Promise<number> {
  const { metrics } = await session.send("Performance.getMetrics");
  return (metrics.find(({ name }) => name === "ScriptDuration")?.value ?? Number.NaN) * 1_000;
}
