import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createKeyedHash } from "../../src/intake/keyed-hash.ts";
import type { Next } from "../../src/ledger/ledger.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import type { Lead } from "../../src/model/lead.ts";
import { aConsent, aDelivery, aLead, aMoment, anEntry, aWithheldDelivery } from "../support/a-lead.ts";
import { type Ended, runLeadkeep } from "../support/leadkeep-command.ts";

const secret = "a secret of sixteen characters";
const email = "ada@example.com";
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "leadkeep-"));
  writeFileSync(join(folder, ".env"), `CRM_WEBHOOK_URL=https://crm.example.com\nLEADKEEP_SECRET=${secret}\n`);
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function run(...args: string[]): Promise<Ended> {
  return runLeadkeep(args, { folder });
}

async function onLedger<T>(work: (ledger: ReturnType<typeof openSqliteLedger>) => Promise<T>): Promise<T> {
  const ledger = openSqliteLedger({ path: join(folder, ".leadkeep/ledger.db") });
  try {
    return await work(ledger);
  } finally {
    await ledger.close();
  }
}

/** A lead that waits for the webhook. */
function kept(overrides: Partial<Lead> = {}, deliveries = [aDelivery({ destination: "webhook" })]): Promise<Lead> {
  return onLedger(async (ledger) => {
    const lead = aLead({
      email,
      person: createKeyedHash([secret]).personKey(email),
      consents: [aConsent()],
      ...overrides,
    });
    await ledger.accept(anEntry({ lead, deliveries }));
    return lead;
  });
}

async function actionsOf({ id }: Lead): Promise<string[]> {
  const record = await onLedger((ledger) => ledger.findLead(id));
  return record?.lead.consents.map(({ purpose, action }) => `${purpose} ${action}`) ?? [];
}

test.each(["lead", "email"])("withdraw takes a %s, and holds for all leads of the person", async (by) => {
  const first = await kept();
  const second = await kept();
  const { code, stdout } = await run("withdraw", by === "lead" ? first.id : "Ada@Example.com", "enquiry");
  expect([code, stdout.split("\n")[0]]).toEqual([0, 'Consent for "enquiry" is withdrawn, for 2 leads of this person.']);
  expect(stdout).toContain("2 waiting deliveries were stopped.");
  for (const lead of [first, second]) expect(await actionsOf(lead)).toEqual(["enquiry granted", "enquiry withdrawn"]);
});

test("withdraw says when it was withdrawn before", async () => {
  const lead = await kept();
  await run("withdraw", lead.id, "enquiry");
  const { code, stdout } = await run("withdraw", lead.id, "enquiry");
  expect([code, stdout]).toEqual([0, 'Consent for "enquiry" was withdrawn before. Nothing has changed.\n']);
});

test("withdraw --json prints one object", async () => {
  const lead = await kept();
  const { code, stdout } = await run("withdraw", lead.id, "enquiry", "--json");
  expect([code, JSON.parse(stdout)]).toEqual([
    0,
    {
      purpose: "enquiry",
      leads: [lead.id],
      stopped: [expect.stringMatching(/^dlv_.*_webhook$/)],
      follow_ups: [],
      by_hand: [],
    },
  ]);
});

test("withdraw ends with 1 and says what to do when something is left to do by hand", async () => {
  const lead = await kept({}, [aDelivery({ destination: "gone" })]);
  await onLedger(async (ledger) => {
    const now = aMoment;
    const [claim] = await ledger.claim({
      destination: "gone",
      limit: 1,
      now,
      leaseUntil: now + 1_000,
      worker: "test",
      gate: () => ({ type: "open", basis: "consent" }),
    });
    if (!claim) throw new Error("nothing was due");
    const next: Next = { state: "delivered", ref: null, warnings: [] };
    const { id: deliveryId, attempts: n } = claim.delivery;
    await ledger.settle({ deliveryId, n, durationMs: 1, outcome: { type: "delivered" }, next });
  });
  const { code, stdout } = await run("withdraw", lead.id, "enquiry");
  expect(code).toBe(1);
  expect(stdout).toContain(`By hand, at gone (${lead.id}): consent for "enquiry" was withdrawn`);
});

test.each(["nobody@example.com", "lead_019ab000-0000-7000-8000-000000000000", "nonsense"])(
  "withdraw ends with 1 when there is no lead of %s",
  async (who) => {
    const { code, stderr } = await run("withdraw", who, "enquiry");
    expect([code, stderr]).toEqual([1, `There is no lead of ${who}. List them with: leadkeep leads\n`]);
  },
);

test("withdraw without a purpose is wrong usage", async () => {
  expect((await run("withdraw", "ada@example.com")).code).toBe(2);
});

test("grant puts a consent on record with its wording, and releases what waited", async () => {
  const lead = await kept({ consents: [] }, [aWithheldDelivery({ destination: "webhook" })]);
  const { code, stdout } = await run("grant", lead.id, "enquiry", "--text", "By telephone.");
  expect([code, stdout]).toEqual([0, 'Consent for "enquiry" is on record. 1 withheld delivery was released.\n']);
  const record = await onLedger((ledger) => ledger.findLead(lead.id));
  expect(record?.lead.consents).toMatchObject([{ action: "granted", source: "command", text: "By telephone." }]);
  expect(record?.deliveries[0]?.state).toBe("pending");
});

test("grant ends with 1 for a lead whose person was erased", async () => {
  const lead = await kept();
  const request = {
    tombstones: [],
    now: Date.now(),
    actor: { type: "command", name: "test" },
    followUps: () => [],
  } as const;
  await onLedger((ledger) => ledger.erase([lead.id], request));
  const { code, stderr } = await run("grant", lead.id, "enquiry");
  expect(code).toBe(1);
  expect(stderr).toContain("erased");
});
