import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { aPerson } from "../support/a-gateway.ts";
import { until } from "../support/until.ts";
import { aConsole, type TestConsole } from "./support/a-console.ts";

const axe = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");
let console: TestConsole;
let lead: string;
let run: string;
beforeAll(async () => {
  console = await aConsole({ config: { alerts: { every: "50ms", diskFreeBelow: false } } });
  const { webhook, zapier } = console.sandbox.vendors;
  await console.gateway.post(aPerson({ consent: undefined }));
  webhook.setFault({ type: "status", status: 422, times: 1 });
  lead = await console.gateway.post(aPerson({ page_url: "https://example.com/?utm_source=google", message: "Hello" }));
  await console.gateway.delivery(lead, "webhook", "dead");
  zapier.setFault({ type: "status", status: 401 });
  await console.gateway.post(aPerson());
  const { completeness, alerts } = console.gateway.gateway;
  run = (await completeness.verify({ actor: { type: "machine", name: "test" } })).id;
  await until(async () => (await alerts.list()).open.length > 1);
});
afterAll(() => console.close());
afterEach(() => expect(console.complaints).toEqual([]));

const pages = [
  "/",
  "/leads",
  "/leads?q=nothing+like+that",
  "/leads/LEAD",
  "/quarantine",
  "/destinations",
  "/destinations/webhook",
  "/destinations/zapier",
  "/dead-letters",
  "/alerts",
  "/completeness",
  "/completeness/RUN",
  "/forms",
  "/activity",
  "/people",
  "/setup",
  "/no-such-page",
];
const looks = [
  { colorScheme: "light", viewport: { width: 1440, height: 900 } },
  { colorScheme: "dark", viewport: { width: 1440, height: 900 } },
  { colorScheme: "light", viewport: { width: 390, height: 844 } },
  { colorScheme: "dark", viewport: { width: 390, height: 844 } },
] as const;

for (const look of looks) {
  test(`axe finds nothing on any page, ${look.colorScheme}, ${look.viewport.width} wide`, async () => {
    const found: string[] = [];
    await eachPage(look, async (page, path) => {
      found.push(...(await violations(page)).map((violation) => `${path}: ${violation}`));
    });
    expect(found).toEqual([]);
  }, 120_000);
}

test("axe finds nothing on the sign-in page, in both themes", async () => {
  for (const colorScheme of ["light", "dark"] as const) {
    const page = await console.openSignedOut("/sign-in");
    await page.emulateMedia({ colorScheme });
    await settled(page);
    expect(await violations(page)).toEqual([]);
  }
});

test("no page is wider than a phone", async () => {
  const wide: string[] = [];
  await eachPage({ viewport: { width: 360, height: 740 } }, async (page, path) => {
    const width = await page.evaluate<number>("document.documentElement.scrollWidth");
    if (width > 360) wide.push(`${path}: ${width}`);
  });
  expect(wide).toEqual([]);
}, 120_000);

/** Every page once, loaded anew in one browser window, which need not compile the script again for each. */
async function eachPage(look: BrowserContextOptions, see: (page: Page, path: string) => Promise<void>): Promise<void> {
  const page = await console.open("/", look);
  for (const path of pages) {
    await page.goto(`${console.gateway.url}/console${path.replace("LEAD", lead).replace("RUN", run)}`);
    await settled(page);
    await see(page, path);
  }
}

/** The heading is there, and nothing is on its way any more. */
async function settled(page: Page): Promise<void> {
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page
    .locator("[aria-busy=true], .mantine-Skeleton-root, .mantine-Loader-root")
    .first()
    .waitFor({ state: "detached" });
}

/** Through the inspector, which the page's policy does not bind. */
async function violations(page: Page): Promise<string[]> {
  const inspector = await page.context().newCDPSession(page);
  await inspector.send("Runtime.evaluate", { expression: axe });
  const { result } = await inspector.send("Runtime.evaluate", {
    expression: `axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
      violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => id + " " + html.slice(0, 200) + " " + failureSummary)))`,
    awaitPromise: true,
    returnByValue: true,
  });
  await inspector.detach();
  return result.value as string[];
}
