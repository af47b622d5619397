import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { openBrowser } from "../support/chromium.ts";
import { type RunningCommand, runLeadkeep, startLeadkeep } from "../support/leadkeep-command.ts";
import { aFolder } from "../support/sqlite-file.ts";
import { until } from "../support/until.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

/** `leadkeep demo` in a process of its own, and what can be seen of it from outside. */
type Demo = {
  command: RunningCommand;
  folder: string;
  /** The demo site and the sandbox page. */
  siteUrl: string;
  gatewayUrl: string;
  /** What a vendor received, newest first. */
  received(vendor: string): Promise<Received[]>;
  /** The only lead, as `leadkeep show --json` has it in another process. */
  lead(): Promise<Shown>;
};
type Received = { json: unknown; headers: Record<string, string>; applied: boolean };
type Shown = { lead_id: string; deliveries: { destination: string; state: string; reason: { code: string } | null }[] };

const vendors = ["webhook", "zapier", "make"];
const anyPorts = { PORT: "0", LEADKEEP_SANDBOX_PORT: "0", LEADKEEP_DATA: "./data" };

async function startDemo(): Promise<Demo> {
  const folder = aFolder();
  const command = startLeadkeep(["demo"], { folder, variables: anyPorts });
  const [, siteUrl = ""] = await command.said(/Send a lead +(http:\/\/[\d.:]+)\//);
  const [, gatewayUrl = ""] = await command.said(/gateway listens on (http:\/\/[\d.:]+);/);
  return {
    command,
    folder,
    siteUrl,
    gatewayUrl,
    async received(vendor) {
      const state = (await (await fetch(`${siteUrl}/_sandbox/state`)).json()) as {
        vendors: Record<string, { received: Received[] }>;
      };
      return state.vendors[vendor]?.received ?? [];
    },
    async lead() {
      const listed = await runLeadkeep(["leads", "--json"], { folder, variables: anyPorts });
      const leads = JSON.parse(listed.stdout) as Shown[];
      expect(leads).toHaveLength(1);
      const { stdout } = await runLeadkeep(["show", leads[0]?.lead_id ?? "", "--json"], {
        folder,
        variables: anyPorts,
      });
      return JSON.parse(stdout);
    },
  };
}

async function open(url: string, javaScriptEnabled: boolean): Promise<Page> {
  const context: BrowserContext = await browser.newContext({ javaScriptEnabled, timezoneId: "Europe/Paris" });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

async function fill(page: Page, { consent }: { consent: boolean }): Promise<void> {
  await page.getByLabel("Name").fill("Zoë O’Brien");
  await page.getByLabel("E-mail", { exact: true }).fill("Zoe.OBrien@example.com");
  await page.getByLabel("Phone").fill("020 7946 0018");
  await page.getByLabel("Roof type").selectOption("Flat");
  await page.getByRole("checkbox", { name: "Solar panels" }).check();
  await page.getByRole("checkbox", { name: "Car charger" }).check();
  await page.getByLabel("Message").fill("Two roofs,\nsouth & west");
  if (consent) await page.getByRole("checkbox", { name: "Northlight Solar may use" }).check();
}

async function send(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Request my quote" }).click();
}

async function expectThanked(page: Page): Promise<void> {
  await page.waitForURL("**/thanks");
  expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("Thank you. We have it.");
}

/** Resolves once a vendor has received something, to the bodies of all it received. */
function bodiesAt(demo: Demo, vendor: string): Promise<unknown[]> {
  return until(async () => {
    const received = await demo.received(vendor);
    return received.length > 0 && received.map(({ json }) => json);
  });
}

const uuid = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const eventId = expect.stringMatching(new RegExp(`^evt_${uuid}$`));
const leadId = expect.stringMatching(new RegExp(`^lead_${uuid}$`));
const addressHash = expect.stringMatching(/^hmac-sha256:[0-9a-f]{8}:[0-9a-f]{64}$/);
const chromium = expect.stringMatching(/^Mozilla\/5\.0 .+Chrome\/\d+/);
const wording =
  "Northlight Solar may use the details in this form to prepare my quote, and share them with the systems it uses to do so. I can withdraw this at any time.";
const clickId = "Cj0KCQiA_demo_Click-Id_BwE";

/** What the form itself says; the browser's script adds the time zone. */
function typed(timezone: string): Record<string, unknown> {
  return {
    name: "Zoë O’Brien",
    email: "Zoe.OBrien@example.com",
    phone: "020 7946 0018",
    roof_type: "Flat",
    interests: ["Solar panels", "Car charger"],
    message: "Two roofs,\r\nsouth & west",
    consent: "yes",
    ...(timezone === "" ? {} : { timezone }),
  };
}

function nested(url: unknown, referrer: string | null, timezone: string): object {
  return {
    event_id: eventId,
    event_type: "lead.created",
    schema_version: "1",
    lead_id: leadId,
    email: "zoe.obrien@example.com",
    phone: "+442079460018",
    name: "Zoë O’Brien",
    first_name: "Zoë",
    last_name: "O’Brien",
    company: null,
    message: "Two roofs,\r\nsouth & west",
    source: {
      url,
      referrer,
      utm_source: "google",
      utm_medium: "cpc",
      utm_campaign: "solar-autumn",
      utm_content: null,
      utm_term: null,
      gclid: clickId,
    },
    submitted_at: time,
    timezone: timezone || null,
    form_name: "Quote request",
    form_data: typed(timezone),
    ip_address: addressHash,
    user_agent: chromium,
    consent_given: true,
    consent_timestamp: time,
    consents: [
      {
        purpose: "enquiry",
        granted: true,
        action: "granted",
        text: wording,
        version: null,
        at: time,
        source: "form",
        locale: null,
        recipients: null,
      },
    ],
  };
}

function flat(url: unknown, referrer: string, timezone: string): object {
  return {
    event_id: eventId,
    event_type: "lead.created",
    schema_version: "1",
    lead_id: leadId,
    form_name: "Quote request",
    email: "zoe.obrien@example.com",
    phone: "+442079460018",
    name: "Zoë O’Brien",
    first_name: "Zoë",
    last_name: "O’Brien",
    company: "",
    message: "Two roofs,\r\nsouth & west",
    source_url: url,
    referrer,
    utm_source: "google",
    utm_medium: "cpc",
    utm_campaign: "solar-autumn",
    utm_content: "",
    utm_term: "",
    utm_id: "",
    gclid: clickId,
    gbraid: "",
    wbraid: "",
    dclid: "",
    fbclid: "",
    msclkid: "",
    ttclid: "",
    li_fat_id: "",
    twclid: "",
    yclid: "",
    epik: "",
    rdt_cid: "",
    ScCid: "",
    irclickid: "",
    submitted_at: time,
    timezone,
    consent_given: true,
    consent_timestamp: time,
    consent_text: wording,
    marketing_consent: false,
    ip_address: addressHash,
    ip_hash: addressHash,
    user_agent: chromium,
    timestamp: time,
    form_data_json: JSON.stringify(typed(timezone)),
    purpose: "",
    granted_at: "",
    withdrawn_at: "",
    form_phone: "020 7946 0018",
    form_email: "Zoe.OBrien@example.com",
    form_roof_type: "Flat",
    form_interests: "Solar panels, Car charger",
    form_message: "Two roofs,\r\nsouth & west",
    form_consent: "yes",
    ...(timezone === "" ? {} : { form_timezone: timezone }),
  };
}

describe.each([
  { scripts: "on", javaScriptEnabled: true, timezone: "Europe/Paris" },
  { scripts: "off", javaScriptEnabled: false, timezone: "" },
])("with JavaScript $scripts", ({ javaScriptEnabled, timezone }) => {
  test("a lead from an ad arrives at every receiver with exactly the contract's payload", async () => {
    const demo = await startDemo();
    const page = await open(demo.siteUrl, javaScriptEnabled);
    await page.getByRole("link", { name: "Arrive as if from an ad" }).click();
    await fill(page, { consent: true });
    await send(page);
    await expectThanked(page);

    const url = `${demo.siteUrl}/?utm_source=google&utm_medium=cpc&utm_campaign=solar-autumn&gclid=${clickId}`;
    const referrer = javaScriptEnabled ? `${demo.siteUrl}/` : "";
    expect(await bodiesAt(demo, "webhook")).toEqual([nested(url, referrer || null, timezone)]);
    expect(await bodiesAt(demo, "zapier")).toEqual([flat(url, referrer, timezone)]);
    expect(await bodiesAt(demo, "make")).toEqual([flat(url, referrer, timezone)]);

    const shown = await until(async () => {
      const lead = await demo.lead();
      return lead.deliveries.every(({ state }) => state === "delivered") && lead;
    });
    expect(shown).toMatchObject({ ...nested(url, referrer || null, timezone), state: "active" });
    const ids = await Promise.all(
      vendors.map(async (vendor) => (await demo.received(vendor)).map(({ headers }) => headers["idempotency-key"])),
    );
    expect(ids.flat()).toEqual(vendors.map((vendor) => `dlv_${shown.lead_id.slice("lead_".length)}_${vendor}`));
  });

  test("kept before thanked: whoever sees the thank-you page has a lead on disk", async () => {
    const demo = await startDemo();
    for (const vendor of vendors) await setFault(demo, vendor, { type: "hang", applied: false });
    const page = await open(demo.siteUrl, javaScriptEnabled);
    await fill(page, { consent: true });
    await send(page);
    await expectThanked(page);
    // Killed at once: nothing that was still in memory can be what is found.
    demo.command.signal("SIGKILL");
    await demo.command.ended;
    expect(await demo.lead()).toMatchObject({ email: "zoe.obrien@example.com", form_data: typed(timezone) });
  });

  test("without consent the visitor is thanked and nothing leaves, until consent is granted", async () => {
    const demo = await startDemo();
    const page = await open(demo.siteUrl, javaScriptEnabled);
    await fill(page, { consent: false });
    await send(page);
    await expectThanked(page);

    const shown = await demo.lead();
    expect(shown).toMatchObject({ consent_given: false, consent_timestamp: null, consents: [] });
    // The mails answer the enquiry itself; everything else waits.
    const waiting = shown.deliveries.filter(({ destination }) => !destination.startsWith("mail-"));
    expect(waiting.map(({ state, reason }) => [state, reason?.code])).toEqual(
      waiting.map(() => ["withheld", "no_consent"]),
    );
    for (const vendor of vendors) expect(await demo.received(vendor)).toEqual([]);

    const granted = await runLeadkeep(["grant", shown.lead_id, "enquiry"], {
      folder: demo.folder,
      variables: anyPorts,
    });
    expect(granted).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`${waiting.length} withheld deliveries were`),
    });
    for (const vendor of vendors)
      expect(await bodiesAt(demo, vendor)).toMatchObject([{ lead_id: shown.lead_id, consent_given: true }]);
  });
});

test("without JavaScript a post nobody could answer comes back with what was typed, and corrected is thanked", async () => {
  const demo = await startDemo();
  const page = await open("about:blank", false);
  // Browsers check `required` themselves; old and unusual ones do not.
  await page.route(`${demo.siteUrl}/*`, async (route) => {
    if (route.request().resourceType() !== "document") return route.continue();
    const response = await route.fetch({ maxRedirects: 0 });
    await route.fulfill({ response, body: (await response.text()).replaceAll(" required", "") });
  });
  await page.goto(`${demo.siteUrl}/?utm_source=google`);
  await fill(page, { consent: true });
  await page.getByLabel("E-mail", { exact: true }).fill("");
  await page.getByLabel("Phone").fill("");
  await send(page);

  await page.getByRole("heading", { name: "Please check what you entered" }).waitFor();
  expect(page.url()).toBe(`${demo.gatewayUrl}/f/quote`);
  expect(await page.getByRole("alert").textContent()).toContain("Enter an e-mail address or a phone number");
  expect(await page.getByLabel("Name").inputValue()).toBe("Zoë O’Brien");
  expect(await page.getByLabel("Message").inputValue()).toBe("Two roofs,\nsouth & west");
  expect(await page.getByRole("checkbox", { name: "Consent" }).isChecked()).toBe(true);
  await screenshots(page, "correction");
  await page.getByLabel("Email").fill("Zoe.OBrien@example.com");
  await page.getByRole("button", { name: "Send" }).click();
  await expectThanked(page);

  const shown = await demo.lead();
  expect(shown).toMatchObject({
    email: "zoe.obrien@example.com",
    phone: null,
    source: { url: `${demo.siteUrl}/?utm_source=google`, utm_source: "google" },
    form_data: {
      name: "Zoë O’Brien",
      roof_type: "Flat",
      interests: ["Solar panels", "Car charger"],
      message: "Two roofs,\r\nsouth & west",
    },
    consents: [{ purpose: "enquiry", granted: true, text: wording }],
  });
  for (const vendor of vendors) expect(await bodiesAt(demo, vendor)).toHaveLength(1);
});

test("a vendor that fails gets the lead once it works again, and the others have it meanwhile", async () => {
  const demo = await startDemo();
  const sandboxPage = await open(`${demo.siteUrl}/sandbox`, true);
  const card = sandboxPage.getByRole("region", { name: "Make" });
  await card.getByText("Answers 500").click();
  await card.getByRole("status").filter({ hasText: "Answers 500" }).waitFor();

  const page = await open(demo.siteUrl, true);
  await fill(page, { consent: true });
  await send(page);
  await expectThanked(page);
  for (const vendor of ["webhook", "zapier"]) expect(await bodiesAt(demo, vendor)).toHaveLength(1);
  await card.getByText("1 received · 0 held").waitFor();

  await card.getByText("Works", { exact: true }).last().click();
  const shown = await until(async () => {
    const lead = await demo.lead();
    return lead.deliveries.every(({ state }) => state === "delivered") && lead;
  });
  const applied = (await demo.received("make")).filter((entry) => entry.applied);
  expect(applied).toMatchObject([{ json: { lead_id: shown.lead_id } }]);
  await card.getByText("1 held").waitFor();
});

test("the built-in thank-you page is there for forms that have none of their own", async () => {
  const demo = await startDemo();
  const page = await open(`${demo.gatewayUrl}/f/quote/thanks`, false);
  expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("Thank you");
  await screenshots(page, "thanks");
});

test("the demo ends in order when it is told to", async () => {
  const demo = await startDemo();
  const page = await open(demo.siteUrl, true);
  await fill(page, { consent: true });
  await send(page);
  await expectThanked(page);
  for (const vendor of vendors) await bodiesAt(demo, vendor);
  demo.command.signal("SIGTERM");
  expect(await demo.command.ended).toMatchObject({ code: 0 });
  const delivered = (await demo.lead()).deliveries.filter(({ destination }) => vendors.includes(destination));
  expect(delivered.map(({ state }) => state)).toEqual(vendors.map(() => "delivered"));
});

async function setFault({ siteUrl }: Demo, vendor: string, fault: object): Promise<void> {
  const body = JSON.stringify({ vendor, fault });
  await fetch(`${siteUrl}/_sandbox/fault`, { method: "POST", headers: { "content-type": "application/json" }, body });
}

/** For a person to look at: set `LEADKEEP_SCREENSHOTS` to a folder. Light, dark, and as narrow as a phone. */
async function screenshots(page: Page, name: string): Promise<void> {
  const folder = process.env.LEADKEEP_SCREENSHOTS;
  if (!folder) return;
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: `${folder}/${name}-${colorScheme}.png`, fullPage: true });
  }
  const size = page.viewportSize();
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 390, height: 844 });
  await page.screenshot({ path: `${folder}/${name}-390.png`, fullPage: true });
  if (size) await page.setViewportSize(size);
}
