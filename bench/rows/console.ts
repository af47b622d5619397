import type { Browser, Page } from "playwright-core";
import { openBrowser } from "../../test/support/chromium.ts";
import { keptLedger } from "../support/kept-ledgers.ts";
import { aFolder, startGateway } from "../support/processes.ts";
import { tellRound } from "../support/progress.ts";
import type { Row } from "../support/row.ts";
import { figureOf } from "../support/statistics.ts";

const password = "the password of the bench";

type Cookie = { name: string; value: string; url: string };

/**
 * What a person waits for in the console on a ledger of so many leads, in a real browser on this machine: from the click on
 * "Leads" to the first row, from a filter's end to the first row that it had kept out, and from nothing (no cache) to the first row.
 */
export async function consoleRows(leads: number, samples: number): Promise<Row[]> {
  const { folder, remove } = aFolder();
  const variables = {
    LEADKEEP_DATA: await keptLedger(leads),
    LEADKEEP_ADMIN_PASSWORD: password,
    LEADKEEP_LOG_LEVEL: "error",
  };
  const gateway = await startGateway({ folder, variables });
  const browser = await openBrowser();
  const clicks: number[] = [];
  const colds: number[] = [];
  const filters: number[] = [];
  try {
    const cookie = await signIn(gateway.url);
    for (let i = 0; i < samples; i++) {
      tellRound("the browser", i, samples);
      clicks.push(await msFromClick(browser, gateway.url, cookie));
      colds.push(await msFromNothing(browser, gateway.url, cookie));
      filters.push(await msFromFilter(browser, gateway.url, cookie));
    }
  } finally {
    await browser.close();
    await gateway.stop();
    remove();
  }
  const of = leads.toLocaleString("en");
  return [
    rowOf(`console: click on Leads → first row, ${of} leads`, clicks, 200),
    rowOf(`console: a filter is taken away → first row of all, ${of} leads`, filters, 200),
    rowOf(`console: empty cache → first row, ${of} leads`, colds, 2_000),
  ];
}

function rowOf(name: string, times: number[], atMost: number): Row {
  const ours = figureOf(times);
  return { name, unit: "ms", ours, baseline: null, ratio: null, target: { atMost } };
}

async function signIn(url: string): Promise<Cookie> {
  const response = await fetch(`${url}/api/v1/session`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: url },
    body: JSON.stringify({ password }),
  });
  const [, name = "", value = ""] = /^([^=]+)=([^;]+)/.exec(response.headers.get("set-cookie") ?? "") ?? [];
  if (name === "") throw new Error(`signing in answered ${response.status}`);
  return { name, value, url };
}

/** In the page, so that nothing of the driver's own time is in it. */
const clickAndWait = `new Promise((resolve) => {
  const began = performance.now();
  document.querySelector('nav a[href="/console/leads"]').click();
  const look = () =>
    document.querySelector("[data-lead-link]") ? resolve(performance.now() - began) : requestAnimationFrame(look);
  look();
})`;

async function msFromClick(browser: Browser, url: string, cookie: Cookie): Promise<number> {
  return withPage(browser, cookie, async (page) => {
    await page.goto(`${url}/console`);
    await page.locator(".recharts-surface").first().waitFor();
    return page.evaluate<number>(clickAndWait);
  });
}

/** Dead letters are few: the newest lead is none. */
const unfilterAndWait = `new Promise((resolve) => {
  const first = () => document.querySelector("[data-lead-link]")?.getAttribute("href");
  const filtered = first();
  const began = performance.now();
  [...document.querySelectorAll("button")].find((button) => button.textContent === "Clear all").click();
  const look = () => {
    const now = first();
    now && now !== filtered ? resolve(performance.now() - began) : requestAnimationFrame(look);
  };
  look();
})`;

async function msFromFilter(browser: Browser, url: string, cookie: Cookie): Promise<number> {
  return withPage(browser, cookie, async (page) => {
    await page.goto(`${url}/console/leads?delivery=dead`);
    await page.locator("[data-lead-link]").first().waitFor();
    return page.evaluate<number>(unfilterAndWait);
  });
}

async function msFromNothing(browser: Browser, url: string, cookie: Cookie): Promise<number> {
  return withPage(browser, cookie, async (page) => {
    await page.goto(`${url}/console/leads`, { waitUntil: "commit" });
    await page.locator("[data-lead-link]").first().waitFor();
    return page.evaluate<number>("performance.now()");
  });
}

async function withPage<T>(browser: Browser, cookie: Cookie, use: (page: Page) => Promise<T>): Promise<T> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  await context.addCookies([cookie]);
  try {
    return await use(await context.newPage());
  } finally {
    await context.close();
  }
}
