import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { checkConfig, type LeadkeepConfig } from "../../src/config/config.ts";
import type { ConfigError } from "../../src/model/errors.ts";
import type { Log } from "../../src/model/log.ts";
import { silentLog } from "../../src/model/log.ts";
import { defaultRetention, type Retention } from "../../src/model/retention.ts";
import { createRetention } from "../../src/privacy/retention.ts";
import { checkRetention } from "../../src/privacy/retention-check.ts";
import { aGateway } from "../support/a-gateway.ts";
import { aLead, anEntry, aWithheldDelivery } from "../support/a-lead.ts";
import { runLeadkeep } from "../support/leadkeep-command.ts";
import { aLeadWithOutcome, aLedger, anActor, subjectOf, theRights } from "../support/rights.ts";
import { aFolder } from "../support/sqlite-file.ts";

const dayMs = 86_400_000;
const now = Date.UTC(2028, 5, 1);
const reason = { code: "x", message: "x" };

function aDuty(
  byDefault: Partial<Retention>,
  { forms = {}, log = silentLog }: { forms?: Record<string, Retention>; log?: Log } = {},
) {
  const ledger = aLedger();
  const pauses: number[] = [];
  const duty = createRetention({
    ledger,
    rules: { byDefault: { ...defaultRetention, ...byDefault }, forms: new Map(Object.entries(forms)) },
    log,
    now: () => now,
    wait: async (ms) => void pauses.push(ms),
  });
  const keep = async (overrides: Parameters<typeof aLead>[0] & { ageDays?: number }) => {
    const { ageDays = 0, ...rest } = overrides;
    const lead = aLead({ receivedAt: now - ageDays * dayMs, ...rest });
    await ledger.accept(anEntry({ lead, deliveries: [aWithheldDelivery()] }));
    return lead.id;
  };
  const left = async () => (await Array.fromAsync(ledger.listLeads({}))).map(({ lead }) => lead.id).sort();
  return { ledger, duty, pauses, keep, left };
}

const twoYears = { months: 24 };

test("leads older than their form's period end, younger ones and those of forms without one stay", async () => {
  const { duty, keep, left } = aDuty({ leads: twoYears }, { forms: { kept: defaultRetention } });
  await keep({ ageDays: 800 });
  const kept = [await keep({ ageDays: 700 }), await keep({ ageDays: 800, form: "kept" })];
  await duty.run();
  expect(await left()).toEqual(kept.sort());
});

test("of several machines one runs it at a time, and the next when the first is done", async () => {
  const { ledger, duty, keep, left } = aDuty({ leads: twoYears });
  const old = await keep({ ageDays: 800 });
  const other = await ledger.together.lease("retention", { holder: "another machine", forMs: 60_000 });
  expect([await duty.runInRole(), await left()]).toEqual([false, [old]]);
  if (other) await ledger.together.release(other);
  expect([await duty.runInRole(), await left()]).toEqual([true, []]);
  expect(await ledger.together.lease("retention", { holder: "another machine", forMs: 60_000 })).not.toBeNull();
});

test("a machine that lost the role while it stood still ends nothing more", async () => {
  const { ledger, duty, keep, left } = aDuty({ leads: twoYears });
  const old = await keep({ ageDays: 800 });
  expect(await duty.run({ mayGoOn: async () => false })).toMatchObject([{ what: "leads", count: 0 }, {}, {}]);
  expect(await left()).toEqual([old]);
  await ledger.close();
});

test("by default leads are kept, suspected spam ends after 30 days", async () => {
  const { duty, keep, left } = aDuty({});
  const old = await keep({ ageDays: 3_000 });
  await keep({ ageDays: 31, state: "quarantined" });
  const fresh = await keep({ ageDays: 29, state: "quarantined" });
  await duty.run();
  expect(await left()).toEqual([old, fresh].sort());
});

test("the attempts of a delivery that is over end after 90 days, the delivery and its id there stay", async () => {
  const { duty, ledger } = aDuty({});
  const { lead } = await aLeadWithOutcome(
    ledger,
    { lead: aLead({ receivedAt: now - 600 * dayMs }) },
    { type: "delivered", ref: "4711" },
  );
  await duty.run();
  expect((await ledger.findLead(lead.id))?.deliveries).toMatchObject([
    { state: "delivered", ref: "4711", history: [] },
  ]);
});

test("a plan tells what would end, how many of it had not arrived everywhere, and ends nothing", async () => {
  const { duty, ledger, keep, left } = aDuty({ leads: twoYears });
  await aLeadWithOutcome(ledger, { lead: aLead({ receivedAt: now - 800 * dayMs }) }, { type: "rejected", reason });
  await keep({ ageDays: 800 });
  await keep({ ageDays: 40, state: "quarantined" });
  const rows = await duty.plan();
  expect(rows.map(({ form, what, count, unfinished }) => [form, what, count, unfinished])).toEqual([
    ["contact", "leads", 2, 1],
    ["contact", "quarantine", 1, 0],
    ["contact", "attempts", 0, 0],
  ]);
  expect(rows[0]?.before).toBe(Date.UTC(2026, 5, 1));
  expect(await left()).toHaveLength(3);
});

test("it goes in small steps with pauses, so that intake goes on meanwhile", async () => {
  const { duty, pauses, keep, left } = aDuty({ leads: twoYears });
  for (let i = 0; i < 5; i++) await keep({ ageDays: 800 });
  const rows = await duty.run({ limit: 2 });
  expect(rows.find(({ what }) => what === "leads")?.count).toBe(5);
  expect(pauses.length).toBeGreaterThanOrEqual(3);
  expect(await left()).toEqual([]);
});

test("it is on record who ended how much, and the log knows numbers only", async () => {
  const lines: object[] = [];
  const log = { ...silentLog, info: (fields: object) => void lines.push(fields) };
  const { duty, ledger, keep } = aDuty({ leads: twoYears }, { log });
  await keep({ ageDays: 800, email: "ada@example.com" });
  await duty.run({ actor: anActor });
  expect(lines).toEqual([{ form: "contact", what: "leads", count: 1 }]);
  expect(await ledger.acts({ limit: 1 })).toMatchObject([{ actor: anActor, subject: "contact" }]);
});

test("what is left of an erased person stays, since erasures elsewhere hang on it", async () => {
  const { duty, ledger, left } = aDuty({ leads: twoYears });
  const lead = aLead({ email: "ada@example.com", receivedAt: now - 800 * dayMs });
  await aLeadWithOutcome(ledger, { lead }, { type: "delivered" });
  const rights = theRights(ledger);
  await rights.erase(await subjectOf(rights, "ada@example.com"), anActor);
  await duty.run();
  expect(await left()).toEqual([lead.id]);
  expect((await rights.erasureStatus({ email: "ada@example.com" }))?.tasks).toHaveLength(1);
});

describe("in a config file", () => {
  const retentionOf = async (config: LeadkeepConfig) => (await checkConfig(config, {})).retention;

  test("a form takes what it leaves out from the top level, and that from the defaults", async () => {
    const { byDefault, forms } = await retentionOf({
      retention: { leads: "24 months", quarantine: "2 weeks" },
      forms: { contact: {}, jobs: { retention: { leads: "6 months" } } },
    });
    expect(byDefault).toEqual({ leads: { months: 24 }, quarantine: { days: 14 }, attempts: { days: 90 } });
    expect([...forms]).toEqual([["jobs", { ...byDefault, leads: { months: 6 } }]]);
  });

  test("what is no period, and a misspelt name, stop the start by path", async () => {
    const config = {
      retention: { leads: "soon", leeds: "1 year" },
      forms: { jobs: { retention: { attempts: "0d" } } },
    };
    const error = await retentionOf(config).catch((thrown: unknown) => thrown);
    expect((error as ConfigError).problems.map(({ path }) => path)).toEqual([
      "retention.leads",
      "retention.leeds",
      "forms.jobs.retention.attempts",
    ]);
  });

  test("doctor warns of leads that are kept for ever, and not of others", () => {
    const forms = new Map([["jobs", { ...defaultRetention, leads: twoYears }]]);
    expect(checkRetention({ byDefault: defaultRetention, forms })).toMatchObject([
      { what: "retention", result: "warning", cure: expect.any(String) },
      { what: 'retention of "jobs"', result: "ok" },
    ]);
  });
});

test("leadkeep retention shows with --dry-run what it ends without", async () => {
  const folder = aFolder();
  writeFileSync(join(folder, "leadkeep.config.mjs"), 'export default { retention: { leads: "1 day" } };\n');
  const { gateway, post, close } = await aGateway({ dataFolder: join(folder, ".leadkeep") });
  const lead = aLead({ receivedAt: Date.now() - 3 * dayMs });
  await gateway.ledger.accept(anEntry({ lead, deliveries: [] }));
  const fresh = await post({ email: "ada@example.com" });
  await close();
  const row = { form: "contact", what: "leads", count: 1 };
  const dryRun = await runLeadkeep(["retention", "--dry-run", "--json"], { folder });
  expect(JSON.parse(dryRun.stdout)).toContainEqual(expect.objectContaining({ ...row, unfinished: 0 }));
  const run = await runLeadkeep(["retention"], { folder });
  expect(run).toMatchObject({ code: 0, stdout: expect.stringMatching(/contact +leads +\S+ \S+ +1/) });
  const leads = JSON.parse((await runLeadkeep(["leads", "--json"], { folder })).stdout) as { lead_id: string }[];
  expect(leads.map(({ lead_id }) => lead_id)).toEqual([fresh]);
});
