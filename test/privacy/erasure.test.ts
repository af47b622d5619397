import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { hubspot, make, pipedrive, webhook, zapier } from "../../src/destinations/index.ts";
import type { LeadRecord } from "../../src/ledger/ledger.ts";
import { configureDestination } from "../../src/model/configured-destination.ts";
import type { Attempt } from "../../src/model/delivery.ts";
import { type DestinationSpec, defineDestination, type RemoteCopy } from "../../src/model/destination.ts";
import { deliveryIdOf } from "../../src/model/id.ts";
import type { Outcome } from "../../src/model/outcome.ts";
import { erasureFollowUps, planErasure } from "../../src/privacy/erasure.ts";
import { aGateway, type TestGateway } from "../support/a-gateway.ts";
import { aLead, aMoment, anEntry, aWithheldDelivery } from "../support/a-lead.ts";
import { commandFile, runLeadkeep } from "../support/leadkeep-command.ts";
import { aLeadWithOutcome, aLedger, anActor, aRecipient, subjectOf, theRights } from "../support/rights.ts";
import { aFolder } from "../support/sqlite-file.ts";
import { until } from "../support/until.ts";

const ada = "ada@example.com";
const reason = { code: "x", message: "x" };

/** A record with one delivery to `crm`. */
function aRecord(delivery: Partial<LeadRecord["deliveries"][number]>): LeadRecord {
  const lead = aLead({ email: ada });
  return {
    lead,
    work: { stage: "new", assignee: null, note: null, at: null },
    deliveries: [
      {
        id: deliveryIdOf(lead.id, "crm"),
        leadId: lead.id,
        destination: "crm",
        event: "lead.created",
        kind: "webhook",
        purpose: "enquiry",
        state: "dead",
        dueAt: null,
        tries: 1,
        attempts: delivery.history?.length ?? 0,
        firstTryAt: null,
        uncertain: false,
        superseded: false,
        progress: null,
        reason: null,
        ref: null,
        warnings: [],
        history: [],
        ...delivery,
      },
    ],
  };
}

function anAttempt(outcome: Attempt["outcome"], status: number | null = null): Attempt {
  return { n: 1, startedAt: aMoment, durationMs: 1, outcome, status, reason: null, basis: "consent" };
}

describe("what happens at a destination", () => {
  test.each<[string, Partial<LeadRecord["deliveries"][number]>]>([
    ["it has the lead", { state: "delivered", ref: "4711" }],
    ["it is being sent the lead", { state: "claimed" }],
    ["an answer was lost", { state: "pending", uncertain: true }],
    ["an attempt before it died may have arrived", { history: [anAttempt("uncertain")] }],
    ["the process died during an attempt", { history: [anAttempt(null)] }],
    ["it failed with the request in its hands", { history: [anAttempt("retry", 502)] }],
    ["it was replayed and delivered before", { state: "pending", history: [anAttempt("delivered", 200)] }],
    ["one of its steps was done", { progress: { contact: "4711" } }],
    ["nobody knows any more how the attempts went", { attempts: 3 }],
  ])("an erasure is delivered when %s", (_, delivery) => {
    expect(erasureFollowUps(aRecord(delivery), [aRecipient()])).toEqual([
      { destination: "crm", kind: "webhook", purpose: "enquiry", event: "lead.erased", reason: null },
    ]);
  });

  test.each<[string, Partial<LeadRecord["deliveries"][number]>]>([
    ["the lead was withheld", { state: "withheld" }],
    ["it waits for its first attempt", { state: "pending" }],
    ["it refused the lead", { history: [anAttempt("rejected", 400)] }],
    ["it could not be reached", { state: "pending", history: [anAttempt("retry")] }],
    ["it asked to wait", { state: "pending", history: [anAttempt("retry", 429)] }],
    ["it would not let us in", { state: "pending", history: [anAttempt("blocked", 401)] }],
  ])("nothing when %s", (_, delivery) => {
    const record = aRecord(delivery);
    expect(erasureFollowUps(record, [aRecipient()])).toEqual([]);
    const subject = { identifier: { email: ada }, leads: [record], mentions: [], others: [] };
    expect(planErasure(subject, [aRecipient()]).leads[0]?.destinations).toMatchObject([{ what: "nothing" }]);
  });

  test("a line on the checklist when it cannot be told, with what to do there", () => {
    const mail = aRecipient({ erase: null, byHand: "delete the mail with this lead's id" });
    expect(erasureFollowUps(aRecord({ state: "delivered" }), [mail])).toMatchObject([
      { reason: { code: "by_hand", message: "delete the mail with this lead's id" } },
    ]);
    const nameless = aRecipient({ erase: null, label: "Old CRM" });
    expect(erasureFollowUps(aRecord({ state: "delivered" }), [nameless])).toMatchObject([
      { reason: { code: "by_hand", message: expect.stringContaining("Old CRM") } },
    ]);
  });

  test("a line on the checklist in the plan already, when its options leave the erasure to a person", () => {
    const url = "https://example.com/hook";
    const byHand = [zapier({ url }), make({ url }), webhook({ url, events: ["lead.created"] })];
    const able = [zapier({ url, followUps: true }), make({ url, followUps: true }), webhook({ url })];
    const crms = [pipedrive({ apiToken: "t", domain: "acme" }), hubspot({ accessToken: "t" })];
    const leftAlone = [
      pipedrive({ apiToken: "t", domain: "acme", erase: "by-hand" }),
      hubspot({ accessToken: "t", erase: "by-hand" }),
    ];
    const planned = (spec: DestinationSpec) => {
      const { destination } = configureDestination("crm", spec);
      const subject = {
        identifier: { email: ada },
        leads: [aRecord({ state: "delivered" })],
        mentions: [],
        others: [],
      };
      return planErasure(subject, destination ? [destination] : []).leads[0]?.destinations[0];
    };
    for (const spec of [...byHand, ...leftAlone])
      expect(planned(spec)).toMatchObject({ what: "by_hand", detail: spec.definition.byHand });
    for (const spec of [...able, ...crms]) expect(planned(spec)).toMatchObject({ what: "erase", detail: null });
  });

  test("a line on the checklist when it is not configured any more", () => {
    expect(erasureFollowUps(aRecord({ state: "delivered" }), [])).toMatchObject([
      { destination: "crm", reason: { code: "by_hand", message: expect.stringContaining("not configured any more") } },
    ]);
  });
});

describe("erasing a person", () => {
  test("takes every lead, suspected spam too, and leaves those of others that mention them", async () => {
    const ledger = aLedger();
    const own = [aLead({ email: ada }), aLead({ email: ada, state: "quarantined" })];
    const other = aLead({ email: "bob@example.com", message: `ask ${ada}` });
    for (const lead of [...own, other]) await ledger.accept(anEntry({ lead, deliveries: [aWithheldDelivery()] }));
    const rights = theRights(ledger);
    const { erased, scrubbed } = await rights.erase(await subjectOf(rights, ada), anActor);
    expect(erased.sort()).toEqual(own.map(({ id }) => id).sort());
    expect(scrubbed).toBe(true);
    expect((await ledger.findLead(other.id))?.lead).toMatchObject({ state: "active", message: `ask ${ada}` });
    expect((await subjectOf(rights, ada)).leads).toEqual([]);
  });

  test("makes one erasure for each destination that may have a copy, followed to its end", async () => {
    const ledger = aLedger();
    await aLeadWithOutcome(ledger, { lead: aLead({ email: ada }) }, { type: "delivered", ref: "4711" });
    await aLeadWithOutcome(ledger, { lead: aLead({ email: ada }) }, { type: "uncertain", reason });
    await aLeadWithOutcome(ledger, { lead: aLead({ email: ada }) }, { type: "rejected", reason });
    const rights = theRights(ledger);
    const { tasks } = await rights.erase(await subjectOf(rights, ada), anActor);
    expect(tasks).toHaveLength(2);
    expect(tasks).toMatchObject([
      { destination: "crm", state: "pending" },
      { destination: "crm", state: "pending" },
    ]);
    expect(tasks.map(({ ref }) => ref)).toContain("4711");
    expect(await rights.erasureStatus({ email: ada })).toEqual({ erasedAt: aMoment + 60_000, tasks });
    expect(await rights.erasureStatus({ email: "bob@example.com" })).toBeNull();
  });

  test("tries again when another process keeps the files from being cleaned, and says when it could not", async () => {
    const ledger = aLedger();
    const lead = aLead({ email: ada });
    await ledger.accept(anEntry({ lead }));
    const waits: number[] = [];
    const busy = { ...ledger, scrub: async () => false };
    const rights = theRights(busy, { wait: async (ms) => void waits.push(ms) });
    expect(await rights.erase(await subjectOf(rights, ada), anActor)).toMatchObject({ scrubbed: false });
    expect(waits.length).toBeGreaterThan(2);
  });
});

describe("a tombstone", () => {
  /** Ada, with a phone number, erased at `aMoment + 60_000` under the secret given. */
  async function erased(secret: string) {
    const ledger = aLedger();
    await ledger.accept(anEntry({ lead: aLead({ email: ada, phone: "+442079460018" }) }));
    await ledger.accept(anEntry({ lead: aLead({ email: "bob@example.com", formData: { friend: ada } }) }));
    const rights = theRights(ledger, { secrets: [secret] });
    await rights.erase(await subjectOf(rights, ada), anActor);
    return ledger;
  }

  test("keeps an import from bringing back what is older, by address or by number", async () => {
    const rights = theRights(await erased("a secret of the test"));
    expect(await rights.isErased({ email: ada, phone: null }, aMoment)).toBe(true);
    expect(await rights.isErased({ email: null, phone: "+442079460018" }, aMoment)).toBe(true);
    expect(await rights.isErased({ email: ada, phone: null }, aMoment + 60_001)).toBe(false);
    expect(await rights.isErased({ email: "eve@example.com", phone: null }, aMoment)).toBe(false);
  });

  test("stands for the person alone, not for whoever named them", async () => {
    const rights = theRights(await erased("a secret of the test"));
    expect(await rights.isErased({ email: "bob@example.com", phone: null }, aMoment)).toBe(false);
  });

  test("holds when the secret has been changed and the old one is kept", async () => {
    const ledger = await erased("the old secret");
    const isErased = (...secrets: [string, ...string[]]) =>
      theRights(ledger, { secrets }).isErased({ email: ada, phone: null }, aMoment);
    expect(await isErased("the new secret", "the old secret")).toBe(true);
    expect(await isErased("the new secret")).toBe(false);
  });
});

/** A destination that takes leads, and remembers what it was told to erase; `answer` is what it says to that. */
function anErasingCrm(answer: () => Outcome = () => ({ type: "delivered" })) {
  const told: RemoteCopy[] = [];
  const kind = defineDestination({
    kind: "test-crm",
    label: "Test CRM",
    options: z.object({}),
    deliver: async () => ({ type: "delivered", ref: "4711" }),
    erase: async (copy) => {
      told.push(copy);
      return answer();
    },
  });
  return { told, spec: kind({}) };
}

describe("in a running gateway", () => {
  async function running(answer?: () => Outcome): Promise<{ site: TestGateway; told: RemoteCopy[]; folder: string }> {
    const { told, spec } = anErasingCrm(answer);
    const folder = join(aFolder(), "data");
    return { site: await aGateway({ dataFolder: folder, config: { destinations: { crm: spec } } }), told, folder };
  }

  test("the destination is told of the erasure by ids alone, until it has done it", async () => {
    let failures = 2;
    const down: Outcome = { type: "retry", reason };
    const { site, told } = await running(() => (failures-- > 0 ? down : { type: "delivered" }));
    try {
      const lead = await site.post({ email: ada, consent: "on" });
      await site.delivery(lead, "crm", "delivered");
      const { rights } = site.gateway;
      await rights.erase(await subjectOf(rights, ada), anActor);
      const status = await until(async () => {
        const now = await rights.erasureStatus({ email: ada });
        return now?.tasks.every(({ state }) => state === "delivered") ? now : null;
      });
      expect(status.tasks).toMatchObject([{ destination: "crm", ref: "4711", attempts: 3 }]);
      expect(told.at(-1)).toMatchObject({ leadId: lead, ref: "4711", uncertain: false });
      expect(JSON.stringify(told)).not.toContain("ada");
    } finally {
      await site.close();
    }
  });

  test("a retry of the erased submission brings nobody back, and a new one is a new lead", async () => {
    const { site } = await running();
    try {
      const post = async (key: string) => {
        const headers = { "content-type": "application/json", "idempotency-key": key };
        const body = JSON.stringify({ email: ada, consent: "on" });
        return (await (await fetch(`${site.url}/f/contact`, { method: "POST", headers, body })).json()) as object;
      };
      const first = await post(`form of ${ada}`);
      const { rights } = site.gateway;
      await rights.erase(await subjectOf(rights, ada), anActor);
      expect(await post(`form of ${ada}`)).toEqual(first);
      expect((await subjectOf(rights, ada)).leads).toEqual([]);
      await post("another form");
      expect((await subjectOf(rights, ada)).leads).toHaveLength(1);
    } finally {
      await site.close();
    }
  });

  test("no byte of the person remains in the data folder, nor in what the form's key said", async () => {
    const { site, folder } = await running();
    const marks = [
      "adamark",
      "Lovelacemark",
      "7946001",
      "messagemark",
      "fieldmark",
      "keymark",
      "agentmark",
      "gclidmark",
    ];
    try {
      const headers = { "content-type": "application/json", "idempotency-key": "keymark-1", "user-agent": "agentmark" };
      const body = JSON.stringify({
        email: "adamark@example.com",
        name: "Ada Lovelacemark",
        phone: "+44 20 7946 0018",
        message: "messagemark",
        shoe: "fieldmark",
        gclid: "gclidmark",
        consent: "on",
      });
      const answer = await fetch(`${site.url}/f/contact`, { method: "POST", headers, body });
      const { lead_id: lead } = (await answer.json()) as { lead_id: string };
      await site.post({ email: "bob@example.com", consent: "on" });
      await site.delivery(lead, "crm", "delivered");
      expect(marksIn(folder, marks)).not.toEqual([]);
      const { rights } = site.gateway;
      const { scrubbed } = await rights.erase(await subjectOf(rights, "adamark@example.com"), anActor);
      expect(scrubbed).toBe(true);
      expect(marksIn(folder, marks)).toEqual([]);
    } finally {
      await site.close();
    }
    expect(marksIn(folder, marks)).toEqual([]);
  });
});

describe("leadkeep erase", () => {
  async function aFolderWithAda(): Promise<string> {
    const folder = aFolder();
    const site = await aGateway({ dataFolder: join(folder, ".leadkeep") });
    await site.post({ email: ada, message: "Call me" });
    await site.close();
    return folder;
  }
  const remaining = async (folder: string) =>
    JSON.parse((await runLeadkeep(["leads", "--state", "active", "--json"], { folder })).stdout).length;

  test("--dry-run shows the plan and changes nothing", async () => {
    const folder = await aFolderWithAda();
    const { code, stdout } = await runLeadkeep(["erase", ada, "--dry-run"], { folder });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^lead_.*contact/);
    expect(await remaining(folder)).toBe(1);
  });

  test("erases only when the address is typed once more", async () => {
    const folder = await aFolderWithAda();
    const erase = (typed: string) =>
      spawnSync(process.execPath, [commandFile, "erase", ada], { cwd: folder, input: typed, encoding: "utf8" });
    expect(erase("yes\n")).toMatchObject({ status: 1, stderr: expect.stringContaining("Nothing was erased") });
    expect(erase("")).toMatchObject({ status: 1, stderr: expect.stringContaining("Nothing was erased") });
    expect(await remaining(folder)).toBe(1);
    expect(erase(" ADA@example.com\n")).toMatchObject({ status: 0, stdout: expect.stringContaining("1 lead erased") });
    expect(await remaining(folder)).toBe(0);
  });

  test("--yes asks nothing; --status tells how it stands; and then there is nobody", async () => {
    const folder = await aFolderWithAda();
    expect((await runLeadkeep(["erase", ada, "--status"], { folder })).code).toBe(1);
    const { code, stdout } = await runLeadkeep(["erase", ada, "--yes", "--json"], { folder });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ erased: [expect.stringMatching(/^lead_/)], tasks: [], scrubbed: true });
    const status = await runLeadkeep(["erase", ada, "--status"], { folder });
    expect(status).toMatchObject({ code: 0, stdout: expect.stringContaining("Erased here on") });
    expect((await runLeadkeep(["erase", ada, "--yes"], { folder })).code).toBe(1);
    expect((await runLeadkeep(["erase", "not a person", "--yes"], { folder })).code).toBe(2);
  });
});

/** Which of these texts stand in any file of a folder. */
function marksIn(folder: string, marks: readonly string[]): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name));
  const bytes = files.filter((file) => statSync(file).isFile()).map((file) => readFileSync(file));
  return marks.filter((mark) => bytes.some((one) => one.includes(mark)));
}
