import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Attribution } from "../../src/model/attribution.ts";
import { aFormPage, aVisit, fillIn, said, send, type Visit } from "../support/a-visit.ts";
import { openBrowser } from "../support/chromium.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

/** As Google's snippet has it, everything denied until the visitor chooses. */
const consentMode = `<script>window.dataLayer = window.dataLayer || []; function gtag() { dataLayer.push(arguments); }
gtag("consent", "default", { ad_storage: "denied", analytics_storage: "denied", wait_for_update: 500 });</script>`;

const cookies = { _fbp: "fb.1.1700000000000.1", hubspotutk: "0123456789abcdef0123456789abcdef", _ga: "GA1.1.111.222" };

async function aSiteWith(script: string): Promise<Visit> {
  const visit = await aVisit(browser);
  for (const path of ["/", "/contact"]) visit.put(path, { html: aFormPage(visit, { script, head: consentMode }) });
  await visit.context.addCookies(Object.entries(cookies).map(([name, value]) => ({ name, value, url: visit.siteUrl })));
  return visit;
}

function choose(page: Page, ad: string, analytics = ad): Promise<unknown> {
  return page.evaluate(`gtag("consent", "update", { ad_storage: "${ad}", analytics_storage: "${analytics}" })`);
}

/** Fills in and sends; resolves to the attribution of the lead. */
async function attributionOf(visit: Visit, page: Page): Promise<Attribution | undefined> {
  const { length } = await visit.leads();
  await fillIn(page);
  await send(page);
  await said(page, "Thanks!");
  return (await visit.leadsAt(length + 1))[0]?.attribution;
}

/** Everything the site's pages keep in the browser, the cookies set by the test aside. */
async function kept(visit: Visit, page: Page): Promise<unknown> {
  const stored = await page.evaluate("Object.keys({ ...localStorage, ...sessionStorage })");
  const names = (await visit.context.cookies()).map(({ name }) => name).filter((name) => !(name in cookies));
  return [stored, names];
}

test.each(["", 'data-mode="page"'])("in the mode page nothing is kept, whatever is granted (%s)", async (script) => {
  const visit = await aSiteWith(script);
  const page = await visit.open("/?utm_source=news");
  await choose(page, "granted");
  await page.goto(`${visit.siteUrl}/contact`);
  await choose(page, "granted");
  expect(await kept(visit, page)).toEqual([[], []]);
  const attribution = await attributionOf(visit, page);
  expect(attribution).toMatchObject({ url: `${visit.siteUrl}/contact`, parameters: {} });
  expect(attribution).not.toHaveProperty("lastTouch");
  expect(await kept(visit, page)).toEqual([[], []]);
});

describe.each(["session", "persistent"])("in the mode %s", (mode) => {
  test("nothing is kept before consent, and what was known when it came is kept", async () => {
    const visit = await aSiteWith(`data-mode="${mode}"`);
    const page = await visit.open("/?utm_source=news&gclid=AbC");
    expect(await kept(visit, page)).toEqual([[], []]);
    await choose(page, "granted");
    expect(await kept(visit, page)).toEqual([["leadkeep.touches"], []]);
    await page.goto(`${visit.siteUrl}/contact`);
    await choose(page, "granted");
    const landing = {
      url: `${visit.siteUrl}/?utm_source=news&gclid=AbC`,
      parameters: { utm_source: "news", gclid: "AbC" },
    };
    expect(await attributionOf(visit, page)).toMatchObject({
      url: `${visit.siteUrl}/contact`,
      parameters: { utm_source: "news", gclid: "AbC" },
      firstTouch: landing,
      lastTouch: landing,
      consentState: { ad_storage: "granted", analytics_storage: "granted", source: "gcm" },
    });
  });

  test("a page that has not yet heard of consent keeps what is there, and does not use it", async () => {
    const visit = await aSiteWith(`data-mode="${mode}"`);
    const page = await visit.open("/?utm_source=news");
    await choose(page, "granted");
    await page.goto(`${visit.siteUrl}/contact`);
    expect(await kept(visit, page)).toEqual([["leadkeep.touches"], []]);
    const attribution = await attributionOf(visit, page);
    expect(attribution).toMatchObject({ parameters: {}, consentState: { ad_storage: "denied" } });
    expect(attribution).not.toHaveProperty("firstTouch");
  });

  test("a choice about something else deletes nothing", async () => {
    const visit = await aSiteWith(`data-mode="${mode}"`);
    const page = await visit.open("/?utm_source=news");
    await choose(page, "granted");
    await page.goto(`${visit.siteUrl}/contact`);
    await page.evaluate('gtag("consent", "update", { analytics_storage: "granted" })');
    await page.evaluate('gtag("consent", "update", { ad_storage: "granted" })');
    expect((await attributionOf(visit, page))?.firstTouch?.parameters).toEqual({ utm_source: "news" });
  });

  test("withdrawn is deleted, by Consent Mode and by the site's own call", async () => {
    const visit = await aSiteWith(`data-mode="${mode}"`);
    const page = await visit.open("/?utm_source=news");
    for (const withdraw of [
      'gtag("consent", "update", { ad_storage: "denied" })',
      "leadkeep.consent({ ad_storage: false })",
    ]) {
      await page.evaluate("leadkeep.consent({ ad_storage: true })");
      expect(await kept(visit, page)).toEqual([["leadkeep.touches"], []]);
      await page.evaluate(withdraw);
      expect(await kept(visit, page)).toEqual([[], []]);
    }
    expect(await attributionOf(visit, page)).toMatchObject({
      parameters: { utm_source: "news" },
      consentState: { ad_storage: "denied", source: "site" },
    });
  });
});

test("kept for the session it is gone with the tab, kept persistently it is there the next time", async () => {
  for (const [mode, found] of [
    ["session", []],
    ["persistent", ["leadkeep.touches"]],
  ] as const) {
    const visit = await aSiteWith(`data-mode="${mode}"`);
    const page = await visit.open("/?utm_source=news");
    await choose(page, "granted");
    await page.close();
    expect(await kept(visit, await visit.open("/contact"))).toEqual([found, []]);
  }
});

test("first and last touch are different visits, told whole", async () => {
  const visit = await aSiteWith('data-mode="persistent" data-keys="partner"');
  const page = await visit.open("/?utm_source=news&utm_term=t");
  await choose(page, "granted");
  for (const path of ["/?utm_source=ads&partner=x", "/contact"]) {
    await page.goto(visit.siteUrl + path);
    await choose(page, "granted");
  }
  expect(await attributionOf(visit, page)).toMatchObject({
    firstTouch: { parameters: { utm_source: "news", utm_term: "t" } },
    lastTouch: { parameters: { utm_source: "ads" } },
    parameters: { utm_source: "ads" },
  });
});

test("a parameter the site named comes along from its own page", async () => {
  const visit = await aSiteWith('data-keys="partner"');
  const page = await visit.open("/?partner=x&other=y");
  expect((await attributionOf(visit, page))?.extra).toEqual({ partner: "x" });
});

test("ids of HubSpot, Meta and Google are read only with the consent each needs", async () => {
  const visit = await aSiteWith("");
  const page = await visit.open();
  const none = await attributionOf(visit, page);
  expect([none?.hutk, none?.extra]).toEqual([undefined, undefined]);
  await choose(page, "granted", "denied");
  const ads = await attributionOf(visit, page);
  expect([ads?.hutk, ads?.extra]).toEqual([undefined, { _fbp: cookies._fbp }]);
  await choose(page, "denied", "granted");
  const analytics = await attributionOf(visit, page);
  expect([analytics?.hutk, analytics?.extra]).toEqual([cookies.hubspotutk, { ga_client_id: "111.222" }]);
});
