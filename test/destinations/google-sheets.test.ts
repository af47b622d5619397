import { describe, expect, test } from "vitest";
import { redacted } from "../../src/model/lead.ts";
import { field } from "../../src/model/mapping.ts";
import { aConsent, aLead, aMoment } from "../support/a-lead.ts";
import { aSheet, aStatus, rowsByColumn, type TestSheet } from "../support/a-sheet.ts";
import { injections } from "../support/injection-corpus.ts";

const hour = 3_600_000;
const appends = (sheet: TestSheet): number => sheet.calls.filter((call) => call.endsWith(":append")).length;
const ids = (sheet: TestSheet, title = "Leads"): string[] =>
  rowsByColumn(sheet.person, title).map((row) => row.lead_id ?? "");
const leads = (count: number) => Array.from({ length: count }, () => aLead());

describe("rows", () => {
  test("the first lead makes the tab with its header, and gets one row", async () => {
    const sheet = aSheet({ others: ["hubspot"] });
    const lead = aLead({ name: "Ada Lovelace", phone: "+442079460018", consents: [aConsent()] });
    expect(await sheet.deliver([lead])).toEqual([{ type: "delivered", ref: "Leads", status: 200 }]);
    expect(rowsByColumn(sheet.person)).toEqual([
      expect.objectContaining({
        lead_id: lead.id,
        name: "Ada Lovelace",
        email: lead.email,
        phone: "+442079460018",
        submitted_at: new Date(aMoment).toISOString(),
        consent_given: "yes",
        crm_synced: expect.stringMatching(/^no #[0-9a-f]{10}$/),
        status_hubspot: expect.stringMatching(/^not yet #[0-9a-f]{10}$/),
      }),
    ]);
  });

  test("all that is waiting goes in one call", async () => {
    const sheet = aSheet();
    await sheet.deliver(leads(500));
    expect([appends(sheet), ids(sheet).length]).toEqual([1, 500]);
  });

  test("a foreign header is respected by name; what it lacks is added at its right end, and nothing is reordered", async () => {
    const sheet = aSheet({ columns: { Budget: field("form_data.budget") } });
    sheet.person.addTab("Leads", [
      ["Notes", "E-Mail", "Lead ID", "budget"],
      ["mine", "old@example.com"],
    ]);
    const lead = aLead({ formData: { budget: "=10" } });
    await sheet.deliver([lead]);
    const [header = []] = sheet.person.rows("Leads");
    expect(header.slice(0, 6)).toEqual(["Notes", "E-Mail", "Lead ID", "budget", "submitted_at", "form_name"]);
    expect(sheet.person.rows("Leads")[1]).toEqual(["mine", "old@example.com"]);
    expect(sheet.person.rows("Leads")[2]?.slice(0, 4)).toEqual(["", lead.email, lead.id, "=10"]);
  });

  test("a full grid gets room for missing columns, and a column named meanwhile is not written over", async () => {
    const sheet = aSheet();
    sheet.person.addTab("Leads", [Array.from({ length: 26 }, (_, i) => `mine ${i}`)]);
    sheet.before((call) => {
      if (call.endsWith(":batchUpdate")) sheet.person.insertColumn("Leads", 25, "just now");
      return null;
    });
    await sheet.deliver(leads(1));
    const [header = []] = sheet.person.rows("Leads");
    expect(header.filter((name) => name.startsWith("mine")).length).toBe(26);
    expect(header).toContain("just now");
  });

  test("rows stay under their headers when the first column of the sheet is empty or a header cell is missing", async () => {
    const sheet = aSheet();
    sheet.person.addTab("Leads", [["", "Notes", "", "Lead ID"]]);
    const both = [aLead(), aLead()];
    for (const lead of both) await sheet.deliver([lead]);
    expect(
      rowsByColumn(sheet.person)
        .map((row) => row["Lead ID"])
        .sort(),
    ).toEqual(both.map(({ id }) => id).sort());
  });

  test("a column of one's own takes the place of ours of that name", async () => {
    const sheet = aSheet({ columns: { Message: field("form_data.wish"), Source: { const: "site" } } });
    await sheet.deliver([aLead({ message: "no", formData: { wish: "yes" } })]);
    const [header = []] = sheet.person.rows("Leads");
    expect(header.filter((name) => /message/i.test(name))).toEqual(["Message"]);
    expect(rowsByColumn(sheet.person)[0]).toMatchObject({ Message: "yes", Source: "site" });
  });

  test("a text longer than a cell is cut, marked and told of", async () => {
    const sheet = aSheet();
    const [outcome] = await sheet.deliver([aLead({ message: "x".repeat(60_000) })]);
    expect(outcome).toMatchObject({ type: "delivered", warnings: [expect.stringContaining("message: cut")] });
    expect(rowsByColumn(sheet.person)[0]?.message).toMatch(/^x{49000,} … \[cut: 60000 characters\]$/);
  });

  test("a redacted lead is a row with id, time, form and source only", async () => {
    const sheet = aSheet();
    const attribution = {
      url: "https://example.com/a?mail=x",
      referrer: null,
      parameters: {},
      from: "fields",
    } as const;
    const lead = redacted(aLead({ name: "Ada", message: "secret", attribution }));
    await sheet.deliver([lead]);
    const filled = Object.entries(rowsByColumn(sheet.person)[0] ?? {}).filter(([, text]) => text !== "");
    expect(filled.map(([name]) => name)).toEqual([
      "lead_id",
      "submitted_at",
      "form_name",
      "crm_synced",
      "consent_given",
      "marketing_consent",
      "source_url",
      "form_data_json",
    ]);
  });

  test("every string of the injection corpus stays the text it is", async () => {
    const sheet = aSheet();
    const hostile = injections.map((text) => aLead({ name: text, message: text, company: text }));
    await sheet.deliver(hostile);
    expect(injections.length).toBeGreaterThan(200);
    expect(rowsByColumn(sheet.person).map((row) => [row.name, row.message, row.company])).toEqual(
      injections.map((text) => [text, text, text]),
    );
    expect(sheet.person.formulas("Leads")).toBe(0);
  });

  test("one row the sheet refuses does not hold up the others", async () => {
    const sheet = aSheet();
    sheet.vendor.settings.poison = "poison";
    const batch = [...leads(5), aLead({ name: "poison" }), ...leads(4)];
    const outcomes = await sheet.deliver(batch);
    expect(outcomes.map(({ type }) => type)).toEqual(batch.map(({ name }) => (name ? "rejected" : "delivered")));
    expect(ids(sheet)).toHaveLength(9);
  });

  test("portions stay below the payload Google asks for", async () => {
    const sheet = aSheet();
    const outcomes = await sheet.deliver(Array.from({ length: 60 }, () => aLead({ message: "x".repeat(49_000) })));
    expect(outcomes.every(({ type }) => type === "delivered")).toBe(true);
    const sizes = sheet.vendor.received.map(({ body }) => body.length);
    expect([appends(sheet), Math.max(...sizes) <= 2_000_100]).toEqual([2, true]);
  });
});

describe("once", () => {
  test.each(["lost after", "503 after", "garbage"] as const)(
    "an append that was applied, its answer %s, is not repeated",
    async (mishap) => {
      const sheet = aSheet();
      const lead = aLead();
      sheet.before((call) => (call.endsWith(":append") ? mishap : null));
      expect((await sheet.deliver([lead]))[0]?.type).toBe("uncertain");
      sheet.before(() => null);
      expect(await sheet.deliver([lead], new Set([lead]))).toEqual([{ type: "delivered", ref: "Leads" }]);
      expect(ids(sheet)).toEqual([lead.id]);
    },
  );

  test("a row a person has moved, sorted and edited meanwhile is still found, also after a restart", async () => {
    const sheet = aSheet();
    const [lost = aLead(), ...rest] = leads(5);
    await sheet.deliver(rest);
    sheet.before((call) => (call.endsWith(":append") ? "lost after" : null));
    await sheet.deliver([lost]);
    sheet.before(() => null);
    sheet.person.sort("Leads", 4, true);
    sheet.person.moveRow("Leads", 3, 1);
    sheet.person.edit("Leads", ids(sheet).indexOf(lost.id) + 1, 4, "corrected@example.com");
    sheet.person.edit("Leads", 0, 0, "Our number");
    sheet.restart();
    const next = aLead();
    expect((await sheet.deliver([lost, next], new Set([lost]))).map(({ type }) => type)).toEqual([
      "delivered",
      "delivered",
    ]);
    const renamed = rowsByColumn(sheet.person).map((row) => row["Our number"]);
    expect(renamed.sort()).toEqual([lost, next, ...rest].map(({ id }) => id).sort());
  });

  test("a look that failed is not taken for 'not there'", async () => {
    const sheet = aSheet();
    const lead = aLead();
    await sheet.deliver([lead]);
    sheet.before((call) => (call.includes("!A:A") ? "503" : null));
    expect((await sheet.deliver([lead, aLead()], new Set([lead]))).map(({ type }) => type)).toEqual([
      "retry",
      "delivered",
    ]);
    expect(ids(sheet).filter((id) => id === lead.id)).toHaveLength(1);
  });

  test("the whole id column of a large sheet is read in one request", async () => {
    const sheet = aSheet();
    for (let i = 0; i < 10; i += 1) await sheet.deliver(leads(500));
    const before = sheet.calls.length;
    const late = aLead();
    await sheet.deliver([late], new Set([late]));
    expect(sheet.calls.slice(before).filter((call) => call.includes("!A:A"))).toHaveLength(1);
    expect(ids(sheet)).toHaveLength(5_001);
  });

  test("10 000 waiting leads take at most 25 append calls, and 25 calls in all", async () => {
    const sheet = aSheet();
    for (let i = 0; i < 20; i += 1) {
      await sheet.deliver(leads(500));
      sheet.pass(1_000);
    }
    console.log(`10 000 leads: ${appends(sheet)} appends, ${sheet.calls.length} calls in all`);
    expect(ids(sheet)).toHaveLength(10_000);
    expect(appends(sheet)).toBeLessThanOrEqual(25);
    expect(sheet.calls.length).toBeLessThanOrEqual(25);
  }, 30_000);
});

describe("statuses", () => {
  test("show where a lead has arrived, and drop their mark when nothing will change any more", async () => {
    const sheet = aSheet({ others: ["hubspot", "zapier", "mail-team"], crm: ["hubspot", "zapier"] });
    const lead = aLead();
    await sheet.deliver([lead]);
    const hubspot = aStatus(lead, "hubspot");
    const failed = aStatus(lead, "zapier", { state: "dead", attempts: 3 });
    expect(await sheet.sync([{ lead, deliveries: [hubspot, failed] }])).toEqual({ type: "delivered" });
    expect(rowsByColumn(sheet.person)[0]).toMatchObject({
      crm_synced: expect.stringMatching(/^no #/),
      status_hubspot: "delivered",
      status_zapier: expect.stringMatching(/^failed #/),
      "status_mail-team": expect.stringMatching(/^not sent #/),
    });
    await sheet.sync([{ lead, deliveries: [hubspot, aStatus(lead, "zapier", { attempts: 4 })] }]);
    expect(rowsByColumn(sheet.person)[0]).toMatchObject({ crm_synced: "yes", status_zapier: "delivered" });
  });

  test("hit the right row when a person sorts between our look and our write", async () => {
    const sheet = aSheet({ others: ["hubspot"] });
    const batch = leads(6);
    await sheet.deliver(batch);
    sheet.before((call) => {
      if (call.endsWith(":batchUpdate")) sheet.person.sort("Leads", 0, true);
      return null;
    });
    const [, second] = batch;
    if (second) await sheet.sync([{ lead: second, deliveries: [aStatus(second, "hubspot")] }]);
    const delivered = rowsByColumn(sheet.person).filter((row) => row.status_hubspot === "delivered");
    expect(delivered.map((row) => row.lead_id)).toEqual([second?.id]);
  });

  test("follow a row into another tab and a column to another place, and leave alone what a person wrote over", async () => {
    const sheet = aSheet({ others: ["hubspot"] });
    const [moved = aLead(), edited = aLead()] = leads(2);
    await sheet.deliver([moved, edited]);
    const [header = [], row = [], ...rest] = sheet.person.rows("Leads");
    sheet.person.addTab("Won", [header, row]);
    sheet.person.deleteRow("Leads", 1);
    expect(rest).toHaveLength(1);
    sheet.person.edit("Leads", 1, header.indexOf("status_hubspot"), "called them");
    sheet.person.moveColumn("Leads", header.indexOf("crm_synced"), 1);
    await sheet.sync([moved, edited].map((lead) => ({ lead, deliveries: [aStatus(lead, "hubspot")] })));
    expect(rowsByColumn(sheet.person, "Won")[0]).toMatchObject({ crm_synced: "yes", status_hubspot: "delivered" });
    expect(rowsByColumn(sheet.person)[0]).toMatchObject({ crm_synced: "yes", status_hubspot: "called them" });
  });

  test("a hundred leads are one request", async () => {
    const sheet = aSheet({ others: ["hubspot", "pipedrive"] });
    const batch = leads(100);
    await sheet.deliver(batch);
    const before = sheet.calls.filter((call) => call.startsWith("POST")).length;
    await sheet.sync(
      batch.map((lead) => ({ lead, deliveries: [aStatus(lead, "hubspot"), aStatus(lead, "pipedrive")] })),
    );
    expect(sheet.calls.filter((call) => call.startsWith("POST")).length - before).toBe(1);
    expect(rowsByColumn(sheet.person).every((row) => row.crm_synced === "yes")).toBe(true);
  });
});

describe("failed integrations", () => {
  const dead = { state: "dead", attempts: 3, reason: { code: "server_error", message: "answered 503" } } as const;

  test("a dead letter is one row without personal data, also when it is told twice or its answer was lost", async () => {
    const sheet = aSheet({ others: ["hubspot"] });
    const lead = aLead({ name: "Ada Lovelace" });
    await sheet.deliver([lead]);
    const record = { lead, deliveries: [aStatus(lead, "hubspot", dead)] };
    let updates = 0;
    sheet.before((call) => (call.endsWith(":batchUpdate") && ++updates === 2 ? "lost after" : null));
    expect((await sheet.sync([record])).type).toBe("uncertain");
    for (let i = 0; i < 2; i += 1) expect((await sheet.sync([record])).type).toBe("delivered");
    expect(rowsByColumn(sheet.person, "Failed Integrations")).toEqual([
      {
        id: `dlv_${lead.id.slice(5)}_hubspot/3`,
        type: "hubspot",
        lead_id: lead.id,
        error: "answered 503",
        attempts: "3",
        last_attempt: new Date(aMoment).toISOString(),
        next_retry: expect.stringMatching(/^dead #[0-9a-f]{10}$/),
      },
    ]);
    expect(JSON.stringify(sheet.person.rows("Failed Integrations"))).not.toMatch(/Ada|@/);
  });

  test("a replayed one shows its next attempt, and is marked when it has arrived", async () => {
    const sheet = aSheet({ others: ["hubspot"] });
    const lead = aLead();
    await sheet.deliver([lead]);
    await sheet.sync([{ lead, deliveries: [aStatus(lead, "hubspot", dead)] }]);
    const next = { state: "pending", attempts: 3, nextAttemptAt: aMoment + hour } as const;
    await sheet.sync([{ lead, deliveries: [aStatus(lead, "hubspot", next)] }]);
    const cell = () => rowsByColumn(sheet.person, "Failed Integrations").map((row) => row.next_retry);
    expect(cell()).toEqual([expect.stringContaining(new Date(aMoment + hour).toISOString())]);
    await sheet.sync([{ lead, deliveries: [aStatus(lead, "hubspot", { attempts: 4 })] }]);
    expect(cell()).toEqual(["delivered"]);
  });

  test("a list a person has renamed is begun anew", async () => {
    const sheet = aSheet({ others: ["hubspot"] });
    const [first = aLead(), second = aLead()] = leads(2);
    await sheet.deliver([first, second]);
    for (let i = 0; i < 2; i += 1) await sheet.sync([{ lead: first, deliveries: [aStatus(first, "hubspot", dead)] }]);
    sheet.person.renameTab("Failed Integrations", "Old");
    const record = { lead: second, deliveries: [aStatus(second, "hubspot", dead)] };
    expect([(await sheet.sync([record])).type, (await sheet.sync([record])).type]).toEqual(["retry", "delivered"]);
    expect(rowsByColumn(sheet.person, "Failed Integrations").map((row) => row.lead_id)).toEqual([second.id]);
  });

  test("one that dies again gets a second row, and the first says so", async () => {
    const sheet = aSheet({ others: ["hubspot"] });
    const lead = aLead();
    await sheet.deliver([lead]);
    for (const attempts of [3, 6])
      await sheet.sync([{ lead, deliveries: [aStatus(lead, "hubspot", { ...dead, attempts })] }]);
    expect(rowsByColumn(sheet.person, "Failed Integrations").map((row) => row.next_retry)).toEqual([
      "failed again",
      expect.stringMatching(/^dead #/),
    ]);
  });
});

describe("troubles have a name and a cure", () => {
  const reasons = async (sheet: TestSheet) => {
    const [outcome] = await sheet.deliver(leads(1));
    return outcome?.type === "delivered" ? outcome : [outcome?.type, outcome?.reason.code, outcome?.reason.message];
  };

  test.each([
    [{ shared: false }, "not_shared", /share it as Editor/],
    [{ apiEnabled: false }, "api_disabled", /not enabled/],
    [{ spreadsheetId: "another" }, "spreadsheet_not_found", /see the id/],
    [{ accountExists: false }, "unknown_account", /no such service account/],
    [{ skewMs: 2 * hour }, "clock_skew", /120 min behind Google's; set this machine's clock/],
    [{ skewMs: -hour / 3 }, "clock_skew", /20 min ahead of Google's/],
    [{ mostCells: 26_100 }, "spreadsheet_full", /10 million/],
  ])("%j blocks as %s", async (settings, code, message) => {
    const sheet = aSheet();
    Object.assign(sheet.vendor.settings, settings);
    if ("mostCells" in settings) sheet.person.addTab("Leads", [["lead_id"]]);
    expect(await reasons(sheet)).toEqual(["blocked", code, expect.stringMatching(message)]);
  });

  test("the quota's 429 is a wait that costs no try", async () => {
    const sheet = aSheet();
    Object.assign(sheet.vendor.settings, { limits: true });
    let last: unknown;
    for (let i = 0; i < 70; i += 1) [last] = await sheet.deliver(leads(1));
    expect(last).toEqual({ type: "retry", reason: { code: "rate_limited", message: "answered 429", status: 429 } });
  });

  test("a token is used for an hour and renewed before it ends; a revoked one is replaced at once", async () => {
    const sheet = aSheet();
    const tokens = () => sheet.calls.filter((call) => call === "POST /token").length;
    await sheet.deliver(leads(1));
    sheet.pass(50 * 60_000);
    await sheet.deliver(leads(1));
    expect(tokens()).toBe(1);
    sheet.pass(6 * 60_000);
    await sheet.deliver(leads(1));
    expect(tokens()).toBe(2);
    sheet.vendor.own.revokeTokens();
    expect((await sheet.deliver(leads(1)))[0]?.type).toBe("delivered");
    expect(tokens()).toBe(3);
  });

  test("a tab a person deleted or renamed is made anew, and that is told", async () => {
    const sheet = aSheet();
    await sheet.deliver(leads(1));
    sheet.person.renameTab("Leads", "Old leads");
    sheet.pass(hour / 10);
    expect(await reasons(sheet)).toMatchObject({ warnings: ['the tab "Leads" was gone and has been made anew'] });
    expect([ids(sheet).length, ids(sheet, "Old leads").length]).toEqual([1, 1]);
  });

  test("a tab that vanishes between look and append is a retry that makes it anew", async () => {
    const sheet = aSheet();
    await sheet.deliver(leads(1));
    sheet.person.deleteTab("Leads");
    expect(await reasons(sheet)).toEqual(["retry", "tab_missing", expect.any(String)]);
    expect(await reasons(sheet)).toMatchObject({ type: "delivered" });
  });

  test("a header row that was deleted blocks, rather than filing leads under other leads", async () => {
    const sheet = aSheet();
    await sheet.deliver(leads(2));
    sheet.person.deleteRow("Leads", 0);
    sheet.pass(hour / 10);
    expect(await reasons(sheet)).toEqual(["blocked", "header_gone", expect.stringMatching(/put back/)]);
  });

  test("a full spreadsheet goes on in a narrow second tab where that still fits, and tells of it", async () => {
    const sheet = aSheet();
    sheet.person.addTab("Leads", [["lead_id", ...Array.from({ length: 25 }, (_, i) => `mine ${i}`)]]);
    await sheet.deliver(leads(1));
    // Room for three narrow rows and not for three wide ones.
    Object.assign(sheet.vendor.settings, { mostCells: 26_000 + 47 * 1_001 + 110 });
    const warnings = [expect.stringMatching(/nearly full.*"Leads 2"/)];
    expect(await sheet.deliver(leads(3))).toEqual(
      Array(3).fill({ type: "delivered", ref: "Leads 2", warnings, status: 200 }),
    );
    expect(await reasons(sheet)).toEqual(["blocked", "spreadsheet_full", expect.any(String)]);
    expect([ids(sheet).length, ids(sheet, "Leads 2").length]).toEqual([1, 3]);
  });
});

test("doctor tells what is right, what is missing and whether it may write", async () => {
  const sheet = aSheet();
  sheet.person.addTab("Leads", [["lead_id", "email"]]);
  const results = await sheet.destination.check?.(sheet.tools);
  expect(results?.map(({ what, result }) => [what, result])).toEqual([
    ["spreadsheet", "ok"],
    ["right to write", "ok"],
    ['tab "Leads"', "warning"],
  ]);
  Object.assign(sheet.vendor.settings, { shared: false });
  expect(await sheet.destination.check?.(sheet.tools)).toEqual([
    expect.objectContaining({ what: "spreadsheet", result: "problem", cure: "share it as Editor" }),
  ]);
});

test("setup shows what is to be made, and makes it once", async () => {
  const sheet = aSheet({ others: ["hubspot"] });
  const steps = (await sheet.destination.setup?.(sheet.tools)) ?? [];
  expect(sheet.person.tabs()).toEqual(["Sheet1"]);
  for (const { apply } of steps) expect(await apply?.()).toMatchObject({ result: "ok" });
  expect(sheet.person.tabs()).toEqual(["Sheet1", "Leads", "Failed Integrations"]);
  expect((await sheet.destination.setup?.(sheet.tools))?.map(({ apply }) => apply)).toEqual([null, null]);
});
