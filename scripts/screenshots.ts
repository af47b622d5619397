/**
 * Makes pictures of every page of the console into `docs/images/console/`: a gateway with a good day's leads, the sandbox as its
 * vendors, and a real Chromium; desktop and phone, light and dark. `npm run screenshots -- overview leads` makes only those.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { checkConfig } from "../src/config/config.ts";
import { type Gateway, openGateway } from "../src/gateway.ts";
import { newLeadId } from "../src/model/id.ts";
import { silentLog } from "../src/model/log.ts";
import { type Sandbox, serviceAccount, startSandbox } from "../src/sandbox/index.ts";
import { startServer } from "../src/server/server.ts";
import { openBrowser } from "../test/support/chromium.ts";
import { until } from "../test/support/until.ts";
import { buildConsole } from "./build-console.ts";
import { aVisitor, consentText, writeHistory, writeVerification } from "./screenshot-data.ts";

const folder = fileURLToPath(new URL("../docs/images/console", import.meta.url));
const password = "the password of the pictures";
const shapes = {
  desktop: { width: 1440, height: 900 },
  phone: { width: 390, height: 844 },
};

const dataFolder = mkdtempSync(join(tmpdir(), "leadkeep-pictures-"));
const sandbox = await startSandbox();
await buildConsole();
const options = await optionsFor(sandbox);
const gateway = await openGateway(options, { log: silentLog });
await writeHistory(gateway.ledger, options.destinations, Date.now());
const server = await startServer(gateway);
await gateway.start();
await setUp(gateway);
const browser = await openBrowser();
try {
  const cookie = await signIn(server.url);
  await addPeople(server.url, cookie);
  const lead = await liveDay(gateway, server.url);
  const run = await writeVerification(gateway.ledger, options.destinations, Date.now());
  await until(async () => (await gateway.alerts.list()).open.length > 2);
  mkdirSync(folder, { recursive: true });
  const wanted = process.argv.slice(2);
  for (const [name, path] of Object.entries(pagesWith(lead, run))) {
    if (wanted.length === 0 || wanted.includes(name))
      await picture(browser, name, `${server.url}/console${path}`, cookie);
  }
} finally {
  await browser.close();
  await server.close(1_000);
  await gateway.stop({ graceMs: 1_000 });
  await sandbox.close();
  rmSync(dataFolder, { recursive: true, force: true });
}

function pagesWith(lead: string, run: string): Record<string, string> {
  return {
    "sign-in": "/sign-in",
    overview: "/",
    leads: "/leads",
    lead: `/leads/${lead}`,
    quarantine: "/quarantine",
    destinations: "/destinations",
    destination: "/destinations/hubspot",
    "dead-letters": "/dead-letters",
    alerts: "/alerts",
    completeness: "/completeness",
    "completeness-run": `/completeness/${run}`,
    forms: "/forms",
    activity: "/activity",
    people: "/people",
    setup: "/setup",
  };
}

function optionsFor({ vendors, mail, url }: Sandbox) {
  const consents = [{ field: "consent", purpose: "enquiry", text: consentText, version: "2026-10" }];
  const origins = ["https://northlight.example"];
  return checkConfig(
    {
      // Told at once, so that there is something to see.
      alerts: { every: "200ms", diskFreeBelow: false },
      forms: {
        quote: { name: "Quote request", origins, consents, thanks: `${url}/thanks` },
        contact: { name: "Contact", origins, consents },
        brochure: { name: "Brochure", origins, consents, destinations: ["hubspot", "mail-team"] },
      },
    },
    {
      CRM_WEBHOOK_URL: vendors.webhook.url,
      HUBSPOT_ACCESS_TOKEN: "pictures",
      HUBSPOT_BASE_URL: vendors.hubspot.url,
      HUBSPOT_FORMS_BASE_URL: vendors.hubspot.url,
      PIPEDRIVE_API_TOKEN: "pictures",
      PIPEDRIVE_DOMAIN: vendors.pipedrive.settings.companyDomain,
      PIPEDRIVE_BASE_URL: vendors.pipedrive.url,
      GOOGLE_SERVICE_ACCOUNT_EMAIL: serviceAccount().email,
      GOOGLE_PRIVATE_KEY: serviceAccount().privateKey,
      GOOGLE_SHEET_ID: vendors.sheets.settings.spreadsheetId,
      GOOGLE_SHEETS_BASE_URL: vendors.sheets.url,
      GOOGLE_TOKEN_URL: `${vendors.sheets.url}/token`,
      SMTP_URL: mail.url,
      MAIL_FROM: "Northlight Solar <hello@northlight.example>",
      MAIL_TO: "planners@northlight.example",
      LEADKEEP_ALLOW_PRIVATE_NETWORK: "1",
      LEADKEEP_ADMIN_PASSWORD: password,
      LEADKEEP_DATA: dataFolder,
      LEADKEEP_SCHEDULE: "5s,30s,2m,10m",
      PORT: "0",
    },
  );
}

/** Lets the destinations make what they want to find at their vendors, as `leadkeep setup` does. */
async function setUp({ options }: Gateway): Promise<void> {
  const signal = AbortSignal.timeout(30_000);
  const context = { signal, now: Date.now, fetch: (url: string | URL, init?: RequestInit) => fetch(url, init) };
  for (const { setup } of options.destinations) {
    for (const { apply } of (await setup?.(context)) ?? []) await apply?.();
  }
}

/** Today: some leads that arrive everywhere, a person who was erased, some that a vendor refused, one without consent, a suspected one, a vendor that is closed to us. */
async function liveDay(gateway: Gateway, url: string): Promise<string> {
  const { vendors } = sandbox;
  for (let n = 0; n < 6; n++) await post(url, "quote", aVisitor(n));
  const chosen = await post(url, "quote", { ...aVisitor(11), ...withTouches() });
  await untilIdle(gateway, ["pipedrive"]);
  await eraseVisitor(gateway, aVisitor(1));
  vendors.webhook.setFault({ type: "status", status: 422, times: 3 });
  for (let n = 18; n < 21; n++) await post(url, "contact", aVisitor(n));
  await untilIdle(gateway, ["pipedrive"]);
  vendors.pipedrive.setFault({ type: "status", status: 401 });
  await post(url, "contact", { ...aVisitor(21), consent: undefined });
  for (let n = 22; n < 26; n++) await post(url, "quote", aVisitor(n));
  const visitor = aVisitor(30);
  const record = await gateway.ledger.findLead(chosen);
  if (record) {
    const { lead } = record;
    const suspect = {
      ...lead,
      id: newLeadId(Date.now()),
      state: "quarantined" as const,
      name: "Best Offer",
      firstName: "Best",
      lastName: "Offer",
      email: "offers@example.com",
      message: "Dear sir, buy 10 000 visitors for your site today! Visit our page for a special price.",
      formData: { name: "Best Offer", message: String(visitor.message) },
      receivedAt: Date.now(),
      consents: [],
    };
    const reason = { code: "quarantined", message: "the lead is held back as suspected spam" };
    const held = record.deliveries.map(({ destination, kind, purpose }) => ({ destination, kind, purpose, reason }));
    const deliveries = held.map((each) => ({ ...each, state: "withheld" as const }));
    await gateway.ledger.accept({ lead: suspect, deliveries, key: null });
  }
  await gateway.ledger.noteWork(
    chosen,
    { stage: "working", assignee: "Team A", note: "Called; wants an offer by Friday." },
    { now: Date.now(), actor: { type: "console", name: "team-a@example.com" } },
  );
  await untilIdle(gateway, []);
  return chosen;
}

async function eraseVisitor({ rights }: Gateway, { email }: Record<string, unknown>): Promise<void> {
  const identifier = await rights.parse(String(email));
  if ("problem" in identifier) throw new Error(identifier.problem);
  await rights.erase(await rights.find(identifier), { type: "console", name: "team-a@example.com" });
}

function withTouches(): Record<string, string> {
  const at = Date.now();
  return {
    _attribution: JSON.stringify({
      url: "https://northlight.example/solar?utm_source=google&utm_medium=cpc&utm_campaign=autumn&gclid=EAIaIQobChMI",
      referrer: "https://www.google.com/",
      utm_source: "google",
      utm_medium: "cpc",
      utm_campaign: "autumn",
      gclid: "EAIaIQobChMI",
      first: {
        url: "https://northlight.example/guide",
        referrer: "https://duckduckgo.com/",
        utm_source: "newsletter",
        at: at - 6 * 86_400_000,
      },
      last: {
        url: "https://northlight.example/solar",
        referrer: "https://www.google.com/",
        utm_source: "google",
        utm_medium: "cpc",
        at: at - 600_000,
      },
    }),
  };
}

async function post(url: string, form: string, fields: Record<string, unknown>) {
  const response = await fetch(`${url}/f/${form}`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: "https://northlight.example" },
    body: JSON.stringify(fields),
  });
  const { lead_id: id } = (await response.json()) as { lead_id?: `lead_${string}` };
  if (!id) throw new Error(`The form "${form}" answered ${response.status}.`);
  return id;
}

/** Waits until nothing is under way; `strict` destinations must not wait for a later try either. */
async function untilIdle(gateway: Gateway, strict: string[]): Promise<void> {
  await until(async () => {
    const backlog = await gateway.ledger.backlog();
    return !backlog.some(
      ({ destination, state }) => state === "claimed" || (state === "pending" && strict.includes(destination)),
    );
  });
}

async function signIn(url: string): Promise<string> {
  const response = await call(url, "/session", null, { password });
  const cookie = response.headers.get("set-cookie")?.split(";")[0];
  if (!cookie) throw new Error(`Signing in answered ${response.status}.`);
  return cookie;
}

async function addPeople(url: string, cookie: string): Promise<void> {
  await call(url, "/people", cookie, {
    email: "team-a@example.com",
    name: "Team A",
    role: "operator",
    password: "team A's own password",
  });
  await call(url, "/people", cookie, {
    email: "team-b@example.com",
    name: "Team B",
    role: "viewer",
    password: "team B's own password",
  });
  await call(url, "/tokens", cookie, { name: "Nightly report", scopes: ["read"] });
}

function call(url: string, path: string, cookie: string | null, body: object): Promise<Response> {
  return fetch(`${url}/api/v1${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: url, ...(cookie === null ? {} : { cookie }) },
    body: JSON.stringify(body),
  });
}

async function picture(browser: Browser, name: string, address: string, cookie: string): Promise<void> {
  for (const [shape, viewport] of Object.entries(shapes)) {
    for (const colorScheme of ["light", "dark"] as const) {
      const context = await browser.newContext({
        viewport,
        colorScheme,
        locale: "en-GB",
        timezoneId: "Europe/London",
        reducedMotion: "reduce",
      });
      const at = cookie.indexOf("=");
      if (name !== "sign-in")
        await context.addCookies([
          { name: cookie.slice(0, at), value: cookie.slice(at + 1), url: new URL(address).origin },
        ]);
      const page = await context.newPage();
      await page.goto(address);
      await page.getByRole("heading", { level: 1 }).waitFor();
      await page.locator(".mantine-Skeleton-root, .mantine-Loader-root").first().waitFor({ state: "detached" });
      await page.waitForTimeout(400);
      await page.screenshot({ path: join(folder, `${name}-${shape}-${colorScheme}.png`) });
      await context.close();
    }
  }
  console.log(name);
}
