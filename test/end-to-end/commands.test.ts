import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Sandbox, startSandbox } from "../../src/sandbox/index.ts";
import { ask } from "../support/http.ts";
import {
  commandFile,
  type Ended,
  type RunningCommand,
  runLeadkeep,
  startLeadkeep,
} from "../support/leadkeep-command.ts";
import { aFolder } from "../support/sqlite-file.ts";
import { until } from "../support/until.ts";

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox();
});
afterEach(() => sandbox.close());

/** A folder with a `.env`, a gateway running in it, and the command line beside it. */
type Site = {
  folder: string;
  url: string;
  gateway: RunningCommand;
  leadkeep(...args: string[]): Promise<Ended>;
  /** Posts to the form `contact` unless told otherwise; resolves to the lead's id. */
  post(fields: object, form?: string): Promise<string>;
  /** The lead as `show --json` has it. */
  shown(lead: string): Promise<Shown>;
  /** Its delivery to the webhook, once it is in this state. */
  delivery(lead: string, state: string): Promise<Shown["deliveries"][number]>;
};
type Shown = { deliveries: { id: string; state: string; attempts: { outcome: string | null }[] }[] };

const common = { LEADKEEP_ALLOW_PRIVATE_NETWORK: "1", LEADKEEP_LOG_LEVEL: "warn", PORT: "0" };

async function aSite({
  dotenv = { CRM_WEBHOOK_URL: sandbox.vendors.webhook.url, LEADKEEP_SCHEDULE: "10ms" },
  files = {},
}: {
  dotenv?: Record<string, string>;
  files?: Record<string, string>;
} = {}): Promise<Site> {
  const folder = aFolder();
  writeFileSync(join(folder, ".env"), dotenvOf({ ...common, ...dotenv }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const gateway = startLeadkeep(["start"], { folder });
  const [, url = ""] = await gateway.said(/listening on (http:\S+)/);

  const leadkeep = (...args: string[]) => runLeadkeep(args, { folder });
  async function shown(lead: string): Promise<Shown> {
    return JSON.parse((await leadkeep("show", lead, "--json")).stdout);
  }
  return {
    folder,
    url,
    gateway,
    leadkeep,
    shown,
    async post(fields, form = "contact") {
      const headers = { "content-type": "application/json", "user-agent": "a browser" };
      const { body } = await ask(`${url}/f/${form}`, { headers, body: fields });
      return JSON.parse(body).lead_id;
    },
    delivery: (lead, state) =>
      until(async () => (await shown(lead)).deliveries.find((delivery) => delivery.state === state)),
  };
}

function dotenvOf(variables: Record<string, string>): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");
}

const consenting = { email: "ada@example.com", consent: "on" };
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

describe("leads", () => {
  test("an empty ledger has no leads, in words and in JSON", async () => {
    const folder = aFolder();
    expect(await runLeadkeep(["leads"], { folder })).toEqual({ code: 0, stdout: "No leads match.\n", stderr: "" });
    expect(await runLeadkeep(["leads", "--json"], { folder })).toEqual({ code: 0, stdout: "[]\n", stderr: "" });
  });

  test("leads are listed in a table, newest first, with where each one has got to", async () => {
    const site = await aSite();
    const first = await site.post({ ...consenting, name: "Ada Lovelace" });
    const second = await site.post({ phone: "020 7946 0018" }, "quote");
    await site.delivery(first, "delivered");
    const { code, stdout } = await site.leadkeep("leads");
    expect(code).toBe(0);
    expect(stdout.trimEnd().split("\n")).toEqual([
      expect.stringMatching(/^received +lead +form +person +state +deliveries$/),
      expect.stringMatching(
        new RegExp(`^[-\\d]+ [:\\d]+ +${second} +quote +\\+442079460018 +active +webhook:withheld$`),
      ),
      expect.stringMatching(new RegExp(`^[-\\d]+ [:\\d]+ +${first} +contact +Ada Lovelace +active +webhook:ok$`)),
    ]);
  });

  test("a table stops at its limit and says so apart from it", async () => {
    const site = await aSite();
    for (const name of ["a", "b", "c"]) await site.post({ email: `${name}@example.com` });
    const { stdout, stderr } = await site.leadkeep("leads", "--limit", "2");
    expect(stdout.trimEnd().split("\n")).toHaveLength(3);
    expect(stderr).toMatch(/newest 2/);
  });

  test("filters hold together, also in JSON", async () => {
    const site = await aSite();
    const granted = await site.post(consenting);
    const withheld = await site.post({ email: "b@example.com" });
    const quote = await site.post({ email: "c@example.com" }, "quote");
    await site.delivery(granted, "delivered");
    const listed = async (...args: string[]) => {
      const { stdout } = await site.leadkeep("leads", "--json", ...args);
      return (JSON.parse(stdout) as { lead_id: string }[]).map(({ lead_id }) => lead_id);
    };
    expect(await listed()).toEqual([quote, withheld, granted]);
    expect(await listed("--form", "quote")).toEqual([quote]);
    expect(await listed("--delivery", "withheld", "--form", "contact")).toEqual([withheld]);
    expect(await listed("--delivery", "delivered", "--destination", "webhook")).toEqual([granted]);
    expect(await listed("--destination", "zapier")).toEqual([]);
    expect(await listed("--state", "quarantined")).toEqual([]);
    expect(await listed("--since", "2100-01-01")).toEqual([]);
    expect(await listed("--until", "2100-01-01", "--limit", "1")).toEqual([quote]);
  });

  test("--csv is safe to open in a spreadsheet", async () => {
    const site = await aSite();
    const lead = await site.post({ ...consenting, name: '=HYPERLINK("https://example.com")', phone: "+442079460018" });
    await site.delivery(lead, "delivered");
    const { stdout } = await site.leadkeep("leads", "--csv");
    const [header, row, end] = stdout.split("\r\n");
    expect(header).toMatch(/^\ufeff"lead_id","submitted_at","form_name","email","phone"/);
    expect(row).toContain(`"+442079460018","'=HYPERLINK(""https://example.com"")"`);
    expect(row).toContain('"active","webhook: delivered"');
    expect(end).toBe("");
  });
});

test("a reader that has seen enough, as head has, is no failure", async () => {
  const site = await aSite({ dotenv: {} });
  // More than a pipe holds, so that the command still writes when the reader goes.
  for (let n = 0; n < 20; n += 1) await site.post({ email: "a@example.com", message: "x".repeat(10_000) });
  const pipeline = '{ "$0" "$1" leads --json; echo "ended with $?" >&2; } | head -c 1';
  const { stdout, stderr } = await promisify(execFile)("sh", ["-c", pipeline, process.execPath, commandFile], {
    cwd: site.folder,
  });
  expect([stdout, stderr]).toEqual(["[", "ended with 0\n"]);
});

describe("show", () => {
  test("--json prints exactly the contract's object", async () => {
    const site = await aSite();
    const lead = await site.post({
      name: "Ada Lovelace",
      email: "Ada@Example.com",
      phone: "020 7946 0018",
      message: "Call me",
      "Shoe size": ["38", "39"],
      page_url: "https://example.com/quote",
      utm_source: "google",
      gclid: "AbC-1",
      consent: "on",
      _consent_text: "You may answer me.",
    });
    await site.delivery(lead, "delivered");
    const { code, stdout, stderr } = await site.leadkeep("show", lead, "--json");
    const uuid = lead.replace("lead_", "");
    expect([code, stderr]).toEqual([0, ""]);
    expect(JSON.parse(stdout)).toEqual({
      event_id: `evt_${uuid}`,
      event_type: "lead.created",
      schema_version: "1",
      lead_id: lead,
      email: "ada@example.com",
      phone: "+442079460018",
      name: "Ada Lovelace",
      first_name: "Ada",
      last_name: "Lovelace",
      company: null,
      message: "Call me",
      source: {
        url: "https://example.com/quote",
        referrer: null,
        utm_source: "google",
        utm_medium: null,
        utm_campaign: null,
        utm_content: null,
        utm_term: null,
        gclid: "AbC-1",
      },
      submitted_at: time,
      timezone: null,
      form_name: "contact",
      form_data: {
        name: "Ada Lovelace",
        email: "Ada@Example.com",
        phone: "020 7946 0018",
        message: "Call me",
        "Shoe size": ["38", "39"],
        page_url: "https://example.com/quote",
        utm_source: "google",
        gclid: "AbC-1",
        consent: "on",
      },
      ip_address: expect.stringMatching(/^hmac-sha256:[0-9a-f]{8}:[0-9a-f]{64}$/),
      user_agent: "a browser",
      consent_given: true,
      consent_timestamp: time,
      consents: [
        {
          purpose: "enquiry",
          granted: true,
          action: "granted",
          text: "You may answer me.",
          version: null,
          at: time,
          source: "form",
          locale: null,
          recipients: null,
        },
      ],
      state: "active",
      deliveries: [
        {
          id: `dlv_${uuid}_webhook`,
          destination: "webhook",
          kind: "webhook",
          purpose: "enquiry",
          state: "delivered",
          attempts: [
            {
              n: 1,
              started_at: time,
              duration_ms: expect.any(Number),
              outcome: "delivered",
              status: 200,
              reason: null,
              basis: "consent",
            },
          ],
          next_attempt_at: null,
          reason: null,
          ref: null,
          warnings: [],
        },
      ],
    });
  });

  test("the text tells the person, the consent and every attempt with its reason", async () => {
    const site = await aSite();
    sandbox.vendors.webhook.setFault({ type: "status", status: 500 });
    const lead = await site.post({ ...consenting, name: "Ada Lovelace", _consent_text: "You may answer me." });
    await site.delivery(lead, "dead");
    const { code, stdout } = await site.leadkeep("show", lead);
    expect(code).toBe(0);
    for (const fact of [
      `${lead}  (active)`,
      "Ada Lovelace",
      "ada@example.com",
      "enquiry granted: “You may answer me.”",
      "webhook: dead",
      /attempt 1: retry after \d+ m?s, answered 500/,
      /attempt 2: retry after \d+ m?s, answered 500/,
      "because answered 500",
    ])
      expect(stdout).toMatch(fact);
  });

  test.each(["lead_0197f0f0-0000-7000-8000-000000000000", "lead_x", "nonsense"])("there is no lead %s", async (id) => {
    const ended = await runLeadkeep(["show", id, "--json"], { folder: aFolder() });
    expect(ended).toEqual({ code: 1, stdout: "", stderr: `There is no lead ${id}. List them with: leadkeep leads\n` });
  });

  test("what a person typed cannot speak to the terminal", async () => {
    const site = await aSite();
    const hostile = "\u001b]0;owned\u0007\u001b[2J\r\u009b31m\u202egnp.exe\u007f";
    const lead = await site.post({
      ...consenting,
      name: hostile,
      message: hostile,
      extra: hostile,
      utm_source: hostile,
    });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    const speaks = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/;
    for (const args of [["leads"], ["show", lead], ["leads", "--json"], ["show", lead, "--json"]]) {
      const { stdout } = await site.leadkeep(...args);
      expect(stdout).toContain("owned");
      expect(stdout).not.toMatch(speaks);
    }
    expect(await site.shown(lead)).toMatchObject({ form_data: { message: hostile } });
  });
});

describe("replay, grant, pause and resume", () => {
  test("a dead letter replayed by its id is delivered", async () => {
    const site = await aSite();
    sandbox.vendors.webhook.setFault({ type: "status", status: 500 });
    const lead = await site.post(consenting);
    const { id } = await site.delivery(lead, "dead");
    sandbox.vendors.webhook.setFault(null);
    expect(await site.leadkeep("replay", id)).toMatchObject({ code: 0, stdout: "1 delivery is pending again.\n" });
    expect((await site.delivery(lead, "delivered")).attempts.map(({ outcome }) => outcome)).toEqual([
      "retry",
      "retry",
      "delivered",
    ]);
  });

  test("all dead letters of one destination are replayed, and those of others are not", async () => {
    const { webhook, zapier } = sandbox.vendors;
    const site = await aSite({
      dotenv: { CRM_WEBHOOK_URL: webhook.url, ZAPIER_WEBHOOK_URL: zapier.url, LEADKEEP_SCHEDULE: "10ms" },
    });
    for (const vendor of [webhook, zapier]) vendor.setFault({ type: "status", status: 400 });
    const lead = await site.post(consenting);
    await until(async () => (await site.shown(lead)).deliveries.every(({ state }) => state === "dead"));
    for (const vendor of [webhook, zapier]) vendor.setFault(null);
    expect((await site.leadkeep("replay", "--dead", "--destination", "zapier")).code).toBe(0);
    await site.delivery(lead, "delivered");
    expect([webhook, zapier].map(({ records }) => records.size)).toEqual([0, 1]);
    expect((await site.leadkeep("replay", "--dead")).stdout).toBe("1 delivery is pending again.\n");
    await until(() => webhook.records.size === 1);
  });

  test("what is delivered or withheld is not replayed, and the reason is told", async () => {
    const site = await aSite();
    const delivered = await site.delivery(await site.post(consenting), "delivered");
    const withheld = await site.delivery(await site.post({ email: "b@example.com" }), "withheld");
    const { code, stdout, stderr } = await site.leadkeep("replay", delivered.id, withheld.id);
    expect([code, stdout]).toEqual([1, "0 deliveries are pending again.\n"]);
    expect(stderr).toContain(delivered.id);
    expect(stderr).toContain(withheld.id);
    expect(sandbox.vendors.webhook.received).toHaveLength(1);
  });

  test("a consent granted later releases what waited for it", async () => {
    const site = await aSite();
    const lead = await site.post({ email: "b@example.com" });
    const { code, stdout } = await site.leadkeep("grant", lead, "enquiry", "--text", "Agreed on the phone.");
    expect([code, stdout]).toEqual([0, expect.stringContaining("1 withheld delivery was released")]);
    await site.delivery(lead, "delivered");
    expect(await site.shown(lead)).toMatchObject({
      consents: [{ purpose: "enquiry", granted: true, text: "Agreed on the phone." }],
    });
  });

  test("a consent cannot be granted to nobody", async () => {
    const ended = await runLeadkeep(["grant", "lead_x", "enquiry"], { folder: aFolder() });
    expect(ended).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("There is no lead lead_x.") });
  });

  test("leads for a paused destination wait until it is resumed", async () => {
    const site = await aSite();
    expect((await site.leadkeep("pause", "webhook")).code).toBe(0);
    await until(async () => /"paused"/.test((await ask(`${site.url}/readyz`, { method: "GET" })).body));
    const lead = await site.post(consenting);
    expect((await site.delivery(lead, "pending")).attempts).toEqual([]);
    expect(sandbox.vendors.webhook.received).toEqual([]);
    expect((await site.leadkeep("resume", "webhook")).code).toBe(0);
    await site.delivery(lead, "delivered");
  });

  test("what is not there cannot be paused, and what is not paused cannot be resumed", async () => {
    const site = await aSite();
    expect(await site.leadkeep("pause", "hubspot")).toEqual({
      code: 1,
      stdout: "",
      stderr: "There is no destination hubspot. Configured: webhook.\n",
    });
    expect(await site.leadkeep("resume", "webhook")).toMatchObject({ code: 1, stderr: "webhook is not paused.\n" });
  });
});

describe("usage", () => {
  test("--help lists the commands on stdout", async () => {
    const { code, stdout, stderr } = await runLeadkeep(["--help"], { folder: aFolder() });
    expect([code, stderr]).toEqual([0, ""]);
    for (const name of ["start", "demo", "leads", "show", "replay", "grant", "pause", "resume"])
      expect(stdout).toMatch(new RegExp(`^  ${name} `, "m"));
  });

  test("--version prints the version and nothing else", async () => {
    const ended = await runLeadkeep(["--version"], { folder: aFolder() });
    expect(ended).toEqual({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), stderr: "" });
  });

  test.each([
    [[], "Usage: leadkeep"],
    [["bogus"], "unknown command 'bogus'"],
    [["show"], "missing required argument 'lead'"],
    [["leads", "--colour"], "unknown option '--colour'"],
    [["leads", "--state", "lost"], "Allowed choices are active, quarantined, erased"],
    [["leads", "--limit", "0"], "a whole number from 1"],
    [["leads", "--since", "yesterday"], "Write a date (2026-11-01)"],
    [["replay"], "name deliveries, or use --dead"],
    [["replay", "dlv_1"], "A delivery id looks like dlv_…"],
    [["replay", "--destination", "zapier"], "--dead"],
    [["grant", "lead_x"], "missing required argument 'purpose'"],
    [["pause"], "missing required argument 'destination'"],
  ])("wrong usage %j is told how to do it", async (args, told) => {
    const { code, stdout, stderr } = await runLeadkeep(args, { folder: aFolder() });
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(told);
    expect(stderr).toContain("--help");
  });
});

describe("configuration", () => {
  test("a wrong one stops the start and lists every problem with its cure, and no value", async () => {
    const variables = {
      CRM_WEBHOOK_URL: "ftp://marked-url.example.com",
      LEADKEEP_SCHEDULE: "marked-schedule",
      LEADKEEP_TIMEOUT: "marked-timeout",
      LEADKEEP_SECRET: "marked-secret",
      LEADKEEP_COUNTRY: "marked-country",
      PORT: "marked-port",
      ZAPIER_WEBHOOK_URL_FILE: "marked-file",
    };
    const { code, stdout, stderr } = await runLeadkeep(["start"], { folder: aFolder(), variables });
    expect([code, stdout]).toEqual([1, ""]);
    for (const name of Object.keys(variables)) expect(stderr).toMatch(new RegExp(`^  ${name}: .+\\. .+\\.$`, "m"));
    expect(stderr).not.toContain("marked");
    expect(stderr).not.toContain("a valid value");
  });

  test("problems of a config file are listed by their path", async () => {
    const folder = aFolder();
    const config = `import { defineConfig, webhook } from ${JSON.stringify(sourceFrom(folder))};
      export default defineConfig({
        forms: { "Not An Id": {}, contact: { origins: ["example.com/contact"], destinations: ["crn"] } },
        destinations: { crm: webhook({ url: "nonsense", timeoutMs: 0 }) },
      });`;
    writeFileSync(join(folder, "leadkeep.config.ts"), config);
    const { code, stderr } = await runLeadkeep(["start"], { folder });
    expect(code).toBe(1);
    for (const path of [
      "forms.Not An Id",
      "forms.contact.origins",
      "forms.contact.destinations",
      "destinations.crm.url",
      "destinations.crm.timeoutMs",
    ])
      expect(stderr).toContain(`  ${path}: `);
    expect(stderr).not.toContain("nonsense");
  });

  test("a config file that cannot be loaded is named", async () => {
    const folder = aFolder();
    writeFileSync(join(folder, "leadkeep.config.ts"), "export default {");
    const { code, stderr } = await runLeadkeep(["start"], { folder });
    expect([code, stderr]).toEqual([1, expect.stringContaining("leadkeep.config.ts: cannot be loaded")]);
  });

  test("a config file in TypeScript is taken as it stands", async () => {
    const folder = aFolder();
    const files = {
      "leadkeep.config.ts": `import { defineConfig, webhook } from ${JSON.stringify(sourceFrom(folder))};
        const url: string = process.env.OUR_CRM ?? ${JSON.stringify(sandbox.vendors.webhook.url)};
        export default defineConfig({
          forms: { callback: { name: "Call me back" } },
          destinations: { crm: webhook({ url }) },
        });`,
    };
    const site = await aSite({ dotenv: {}, files });
    const lead = await site.post(consenting, "callback");
    await site.delivery(lead, "delivered");
    expect(sandbox.vendors.webhook.received[0]?.json).toMatchObject({ form_name: "Call me back", lead_id: lead });
    expect((await ask(`${site.url}/f/contact`, { body: "" })).status).toBe(404);
  });

  test("a variable may come from a file", async () => {
    const site = await aSite({
      dotenv: { CRM_WEBHOOK_URL_FILE: "hook.txt" },
      files: { "hook.txt": `${sandbox.vendors.webhook.url}\n` },
    });
    await site.delivery(await site.post(consenting), "delivered");
  });

  test("the process's variables win over those of .env", async () => {
    const folder = aFolder();
    writeFileSync(join(folder, ".env"), dotenvOf({ LEADKEEP_DATA: "./from-dotenv" }));
    const gateway = startLeadkeep(["start"], { folder, variables: { ...common, LEADKEEP_DATA: "./from-process" } });
    await gateway.said(/leads are kept +in \S+from-process\n/);
  });

  test("without a destination the start says so, and leads are kept", async () => {
    const site = await aSite({ dotenv: {} });
    await site.gateway.said(/NOT DELIVERED/);
    const lead = await site.post(consenting);
    expect((await site.shown(lead)).deliveries).toEqual([]);
    expect((await site.leadkeep("show", lead)).stdout).toContain("no destination was configured");
  });

  test.each([
    ["start", "a file stands in the folder's place", (folder: string) => writeFileSync(join(folder, ".leadkeep"), "")],
    ["leads", "a file stands in the folder's place", (folder: string) => writeFileSync(join(folder, ".leadkeep"), "")],
    ["start", "the ledger is no database", spoilLedger],
    ["leads", "the ledger is no database", spoilLedger],
  ])("%s ends with the cause and a cure when %s", async (command, _, spoil) => {
    const folder = aFolder();
    spoil(folder);
    const { code, stdout, stderr } = await runLeadkeep([command], { folder, variables: common });
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/ledger at .+(set LEADKEEP_DATA|move the file away)/);
    expect(stderr).not.toMatch(/\bat \S+ ?\(|This should not have happened/);
  });

  test("a port that is taken is named, with the variable to change it", async () => {
    const { port } = new URL(sandbox.url);
    const variables = { ...common, PORT: port };
    const { code, stderr } = await runLeadkeep(["start"], { folder: aFolder(), variables });
    expect([code, stderr]).toEqual([
      1,
      `Port ${port} on 127.0.0.1 is taken by another program. Set PORT to another one.\n`,
    ]);
  });
});

describe("SIGTERM", () => {
  test("a delivery under way is finished and on record before the process ends", async () => {
    const site = await aSite();
    sandbox.vendors.webhook.setFault({ type: "latency", ms: 2_000 });
    const lead = await site.post(consenting);
    await until(() => sandbox.vendors.webhook.received.length);
    expect((await site.shown(lead)).deliveries.map(({ state }) => state)).toEqual(["claimed"]);
    site.gateway.signal("SIGTERM");
    expect(await site.gateway.ended).toMatchObject({ code: 0 });
    const [delivery] = (await site.shown(lead)).deliveries;
    expect(delivery).toMatchObject({ state: "delivered", attempts: [{ outcome: "delivered" }] });
  });

  test("what was not sent goes out at the next start", async () => {
    const site = await aSite({ dotenv: { CRM_WEBHOOK_URL: sandbox.vendors.webhook.url, LEADKEEP_SCHEDULE: "1s" } });
    sandbox.vendors.webhook.setFault({ type: "status", status: 503, times: 1 });
    const lead = await site.post(consenting);
    await until(() => sandbox.vendors.webhook.received.length);
    site.gateway.signal("SIGTERM");
    expect(await site.gateway.ended).toMatchObject({ code: 0 });
    startLeadkeep(["start"], { folder: site.folder });
    await site.delivery(lead, "delivered");
  });
});

/** The package as a config file in this folder imports it here. */
function sourceFrom(folder: string): string {
  return relative(folder, fileURLToPath(new URL("../../src/index.ts", import.meta.url)));
}

function spoilLedger(folder: string): void {
  mkdirSync(join(folder, ".leadkeep"));
  writeFileSync(join(folder, ".leadkeep", "ledger.db"), "not a database, and longer than a header of one\n".repeat(4));
}
