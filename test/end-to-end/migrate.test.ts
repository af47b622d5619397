import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { openPostgresLedger } from "../../src/ledger/postgres/postgres-ledger.ts";
import { openTransferTarget } from "../../src/ledger/postgres/transfer-target.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import { openTransferSource } from "../../src/ledger/sqlite/transfer-source.ts";
import { type Compared, type TransferStep, transfer } from "../../src/ledger/transfer.ts";
import { startSandbox } from "../../src/sandbox/index.ts";
import { anActor, arrived, claimFrom, claimOne } from "../conformance/ledger/steps.ts";
import { aDatabase, type Database } from "../support/a-database.ts";
import { aGateway, aPerson } from "../support/a-gateway.ts";
import { aConsent, aDelivery, aLead, aMoment, anEntry, aWithheldDelivery } from "../support/a-lead.ts";
import { runLeadkeep, startLeadkeep } from "../support/leadkeep-command.ts";

type SqliteLedger = ReturnType<typeof openSqliteLedger>;

let database: Database;
let folder: string;
let path: string;
let ledger: SqliteLedger;

beforeEach(async () => {
  database = await aDatabase();
  folder = mkdtempSync(join(tmpdir(), "leadkeep-"));
  path = join(folder, "ledger.db");
  const interests = { statusAt: ["sheets"], oncePerPerson: ["crm"] };
  ledger = openSqliteLedger({ path, interests });
});

afterEach(async () => {
  await ledger.close();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

type Steps = { onStep?(step: TransferStep): Promise<void> | void; size?: number };

/** A transfer as the command does it. */
async function move({ onStep = () => {}, size = 3 }: Steps = {}): Promise<Compared[]> {
  const target = await openTransferTarget(database.url, "leadkeep");
  const source = openTransferSource(path, ["crm"]);
  try {
    return await transfer({ source, target, now: Date.now, report: (step) => void onStep(step), size });
  } finally {
    source.close();
    await target.close();
  }
}

const there = (text: string, values?: unknown[]) => database.query(text, values);

/** Something of everything a ledger can hold. */
async function fill(): Promise<void> {
  const two = [aDelivery(), aDelivery({ destination: "sheets", kind: "google-sheets" })];
  for (let i = 0; i < 10; i += 1) await ledger.accept(anEntry({ deliveries: two, key: `key-${i}` }));
  const spoken = aLead({ consents: [aConsent()], message: "naïve – “quoted” \u{1f600}\n\ttab \\ back ' quote" });
  await ledger.accept(anEntry({ lead: spoken, deliveries: two }));
  const withheld = aLead();
  const awaited = { captcha: "turnstile", token: "a token" };
  await ledger.accept(anEntry({ lead: withheld, deliveries: [aWithheldDelivery()], awaited }));
  for (const claim of await claimFrom(ledger, { destination: "sheets", limit: 2 })) await ledger.settle(arrived(claim));
  const claims = await claimFrom(ledger, { limit: 4 });
  const [first, second, third] = claims;
  if (!first || !second || !third) throw new Error("nothing was claimed");
  await ledger.saveProgress({ deliveryId: first.delivery.id, n: 1 }, { person: 12, done: ["a"] });
  await ledger.settle(arrived(first));
  const run = "vrf_1" as const;
  const missing = [{ leadId: first.lead.id, attempts: 1 }];
  await ledger.verifications.note({ run, destination: "crm", at: aMoment, missing, seen: [] });
  await ledger.verifications.save({
    id: run,
    destination: null,
    since: null,
    until: aMoment,
    repair: false,
    state: "complete",
    by: anActor,
    startedAt: aMoment,
    endedAt: aMoment,
    reached: first.lead.id,
    counts: { expected: 1, leads: 1, accounted: 0, repaired: 0, tallies: [] },
  });
  const reason = { code: "gone", message: "answered 410", status: 410 };
  const died = { deliveryId: second.delivery.id, n: 1, durationMs: 5 };
  await ledger.settle({ ...died, outcome: { type: "rejected", reason }, next: { state: "dead", tries: 1, reason } });
  const retry = { state: "pending", dueAt: aMoment + 60_000, tries: 1, uncertain: true, reason } as const;
  await ledger.settle({ ...died, deliveryId: third.delivery.id, outcome: { type: "uncertain", reason }, next: retry });
  await ledger.recordConsent(withheld.id, aConsent({ source: "console", locale: "de", recipients: ["crm"] }), anActor);
  await ledger.recordConsent(spoken.id, aConsent({ action: "withdrawn", purpose: "marketing" }), anActor);
  await ledger.erase([spoken.id], { tombstones: ["t1"], now: aMoment, actor: anActor, followUps: () => [] });
  await ledger.noteWork(
    withheld.id,
    { stage: "working", assignee: "grace@example.com", note: "rang" },
    { now: aMoment, actor: anActor },
  );
  await ledger.pause({ destination: "other", since: aMoment, by: "machine", reason });
  const person = {
    id: "p1",
    email: "owner@example.com",
    name: "Owner",
    role: "owner",
    createdAt: aMoment,
    lastSeenAt: null,
  } as const;
  await ledger.accounts.addPerson(person, "hash");
  await ledger.accounts.addSession({ hash: "s1", person: "p1", proof: "x", now: aMoment, expiresAt: aMoment + 1e12 });
  await ledger.accounts.addLink({ hash: "l1", expiresAt: aMoment + 1e12 });
  await ledger.accounts.addToken(
    { id: "t1", name: "script", scopes: ["leads:read"], createdAt: aMoment, createdBy: "p1", lastUsedAt: null },
    "hash",
  );
}

test("everything on record comes over to the letter, counted and checked table by table", async () => {
  await fill();
  await ledger.close();
  const compared = await move();
  expect(compared.filter(({ same }) => !same)).toEqual([]);
  const rows = Object.fromEntries(compared.map(({ table, rows }) => [table, rows]));
  expect(rows).toMatchObject({ leads: 12, deliveries: 23, submission_keys: 10, attempts: 6, tombstones: 1, people: 1 });
  const empty = compared.filter(({ rows: n }) => n === 0).map(({ table }) => table);
  // Only a sealed ledger has something of these: test/secrets/encryption-commands.test.ts.
  expect(empty).toEqual(["sealing", "keys_to_destroy"]);
});

test("a running gateway goes on taking leads while its ledger is moved, and they come over", async () => {
  await ledger.accept(anEntry());
  let late = 0;
  await move({
    onStep: async ({ type }) => {
      if (type !== "waiting") return;
      late += 1;
      if (late <= 5) await ledger.accept(anEntry({ key: `late-${late}` }));
      else await ledger.close();
    },
  });
  expect(await there("SELECT count(*)::int AS n FROM leads")).toEqual([{ n: 6 }]);
});

test("while it is moved nothing can be claimed from the ledger, whoever tries", async () => {
  await ledger.accept(anEntry());
  const tried: Promise<unknown>[] = [];
  await move({
    onStep: async ({ type }) => {
      if (type !== "waiting" || tried.length > 0) return;
      tried.push(claimFrom(ledger).catch((error: Error) => error.message));
      await Promise.all(tried);
      await ledger.close();
    },
  });
  expect(await Promise.all(tried)).toEqual([expect.stringMatching(/being moved/)]);
});

test("an attempt under way is settled at the source first", async () => {
  await ledger.accept(anEntry());
  const claim = await claimOne(ledger, { now: Date.now(), leaseUntil: Date.now() + 60_000 });
  let settled: Promise<boolean> | null = null;
  await move({
    onStep: async ({ type }) => {
      if (type === "settling") settled ??= ledger.settle(arrived(claim));
      if (type === "waiting") await ledger.close();
    },
  });
  expect(await settled).toBe(true);
  expect(await there("SELECT state FROM deliveries")).toEqual([{ state: "delivered" }]);
});

test("an attempt whose worker has died comes over as claimed, to be recovered as uncertain", async () => {
  await ledger.accept(anEntry({ lead: aLead({ receivedAt: aMoment - 200_000 }) }));
  await claimOne(ledger, { now: aMoment - 120_000 });
  await ledger.close();
  await move();
  expect(await there("SELECT state, attempts FROM deliveries")).toEqual([{ state: "claimed", attempts: 1 }]);
});

test("what a person decides while it is moved comes over: an erasure, a withdrawal, a note", async () => {
  await fill();
  const [lead] = [aLead({ message: "secret" })];
  await ledger.accept(anEntry({ lead }));
  let acted = false;
  const compared = await move({
    onStep: async ({ type }) => {
      if (type !== "waiting" || acted) return;
      acted = true;
      await ledger.erase([lead.id], { tombstones: ["t2"], now: aMoment, actor: anActor, followUps: () => [] });
      await ledger.close();
    },
  });
  expect(compared.filter(({ same }) => !same)).toEqual([]);
  const [erased] = await there("SELECT document, state FROM leads WHERE id = $1", [lead.id]);
  expect(erased?.state).toBe("erased");
  expect(erased?.document).not.toContain("secret");
});

test("leads that retention ends meanwhile are gone on the other side too", async () => {
  const lead = aLead();
  await ledger.accept(anEntry({ lead }));
  await ledger.accept(anEntry({ lead: aLead({ receivedAt: aMoment + 1_000_000 }) }));
  let ended = false;
  await move({
    onStep: async ({ type }) => {
      if (type !== "waiting" || ended) return;
      ended = true;
      const expiry = { what: "leads", form: "contact", state: "active", before: aMoment + 1 } as const;
      await ledger.expire(expiry, { limit: 10, now: aMoment, actor: anActor });
      await ledger.close();
    },
  });
  expect(await there("SELECT id FROM leads WHERE id = $1", [lead.id])).toEqual([]);
  expect(await there("SELECT lead_id FROM deliveries WHERE lead_id = $1", [lead.id])).toEqual([]);
});

test.each(["copying", "verifying"])(
  "a move that broke off while %s goes on where it was when it is begun again",
  async (at) => {
    await fill();
    await ledger.close();
    const broken = move({
      onStep: ({ type, ...step }) => {
        if (type === at && "table" in step && step.table === "attempts") throw new Error("cut off");
      },
    });
    await expect(broken).rejects.toThrow("cut off");
    const compared = await move();
    expect(compared.filter(({ same }) => !same)).toEqual([]);
  },
);

test("the source delivers nothing and takes nothing any more once it was moved", async () => {
  await ledger.accept(anEntry());
  await ledger.close();
  await move();
  expect(() => openSqliteLedger({ path })).toThrow(/was moved to Postgres/);
});

test("a pause that stood before comes over, and those of the move do not", async () => {
  await ledger.accept(anEntry());
  await ledger.pause({
    destination: "crm",
    since: 5,
    by: "person",
    reason: { code: "paused", message: "by a person" },
  });
  await ledger.accept(anEntry({ deliveries: [aDelivery({ destination: "other" })] }));
  await ledger.close();
  await move();
  expect(await there("SELECT destination, since FROM pauses")).toEqual([{ destination: "crm", since: "5" }]);
});

test("a move that is cancelled leaves the source as it was", async () => {
  await ledger.accept(anEntry());
  const source = openTransferSource(path, ["crm"]);
  source.hold(Date.now());
  await expect(claimFrom(ledger)).rejects.toThrow(/being moved/);
  source.release();
  source.close();
  expect(await ledger.pauses()).toEqual([]);
  expect(await claimFrom(ledger)).toHaveLength(1);
});

test("a ledger is moved only to where there is none", async () => {
  await ledger.accept(anEntry());
  await ledger.close();
  await move();
  path = join(folder, "another.db");
  ledger = openSqliteLedger({ path });
  await ledger.accept(anEntry());
  await ledger.close();
  await expect(move()).rejects.toThrow(/leads or people in .* already/);
});

test("no gateway works on a database into which a ledger is being moved, until that is done", async () => {
  await ledger.accept(anEntry());
  await ledger.close();
  const open = () => openPostgresLedger({ url: database.url });
  let answer: Promise<string> | null = null;
  await move({
    onStep: async ({ type }) => {
      if (type === "copying") answer ??= open().then(() => "opened", String);
      if (type === "waiting") await answer;
    },
  });
  expect(await answer).toMatch(/is being filled by leadkeep migrate/);
  await (await open()).close();
});

test("a ledger is not moved to a database a gateway works on", async () => {
  const other = await openPostgresLedger({ url: database.url });
  await ledger.accept(anEntry());
  await ledger.close();
  await expect(move()).rejects.toThrow(/A Leadkeep works on/);
  await other.close();
});

test("on the other side the record goes on: what waited is claimed, acts and marks are numbered on", async () => {
  await fill();
  const [before] = await ledger.acts({ limit: 1 });
  const records = [];
  for await (const record of ledger.listLeads({})) records.push(record);
  await ledger.close();
  await move();
  const interests = { statusAt: ["sheets"], oncePerPerson: ["crm"] };
  const moved = await openPostgresLedger({ url: database.url, interests });
  const there = [];
  for await (const record of moved.listLeads({})) there.push(record);
  expect(there).toEqual(records);
  expect((await claimFrom(moved)).length).toBeGreaterThan(0);
  await moved.recordAct({ at: aMoment, actor: anActor, act: "looked", subject: "x" });
  expect((await moved.acts({ limit: 1 }))[0]?.n).toBe((before?.n ?? 0) + 1);
  await moved.close();
});

const variables = () => ({ LEADKEEP_DATA: folder, LEADKEEP_ALLOW_PRIVATE_NETWORK: "1" });

test("leadkeep migrate moves the ledger of a gateway that is running, and a gateway on Postgres brings what waited, once", async () => {
  await ledger.close();
  const sandbox = await startSandbox();
  onTestFinished(() => sandbox.close());
  const hook = { CRM_WEBHOOK_URL: sandbox.vendors.webhook.url };
  const old = await aGateway({ dataFolder: folder, variables: hook });
  const delivered = await old.post(aPerson());
  await old.delivery(delivered, "webhook", "delivered");
  const command = startLeadkeep(["migrate", "--to", "postgres"], {
    folder,
    variables: { ...variables(), ...hook, DATABASE_URL: database.url },
  });
  await command.said(/Now stop the gateway/);
  const late = await old.post(aPerson());
  await old.close();
  const { code, stdout } = await command.ended;
  expect([code, stdout]).toEqual([0, expect.stringMatching(/The ledger is in Postgres/)]);
  expect(sandbox.vendors.webhook.received).toHaveLength(1);
  const next = await aGateway({ dataFolder: folder, variables: { ...hook, DATABASE_URL: database.url } });
  await next.delivery(late, "webhook", "delivered");
  await next.close();
  expect(sandbox.vendors.webhook.received.map(({ json }) => (json as { lead_id: string }).lead_id)).toEqual([
    delivered,
    late,
  ]);
});

test("leadkeep migrate --dry-run says what would come over, and changes nothing", async () => {
  await fill();
  const { code, stdout } = await runLeadkeep(["migrate", "--to", "postgres", "--dry-run", "--json"], {
    folder,
    variables: { ...variables(), DATABASE_URL: database.url },
  });
  expect(code).toBe(0);
  expect(JSON.parse(stdout).tables).toContainEqual({ table: "leads", rows: 12 });
  expect(await claimFrom(ledger, { limit: 1 })).toHaveLength(1);
  expect(await there("SELECT to_regclass('leads') AS leads")).toEqual([{ leads: null }]);
});

test("leadkeep migrate --cancel lets the embedded ledger deliver again, and empties the copy", async () => {
  await fill();
  const source = openTransferSource(path, []);
  const target = await openTransferTarget(database.url, "leadkeep");
  await target.begin(source.hold(Date.now()));
  source.close();
  await target.close();
  const { code } = await runLeadkeep(["migrate", "--to", "postgres", "--cancel"], {
    folder,
    variables: { ...variables(), DATABASE_URL: database.url },
  });
  expect(code).toBe(0);
  expect(await claimFrom(ledger, { limit: 1 })).toHaveLength(1);
  await (await openPostgresLedger({ url: database.url })).close();
});

test("a machine with another secret than the one people are on record under is refused, without saying either", async () => {
  const first = { ...variables(), DATABASE_URL: database.url, LEADKEEP_SECRET: "the-first-secret-of-all" };
  expect((await runLeadkeep(["leads"], { folder, variables: first })).code).toBe(0);
  const other = { ...first, LEADKEEP_SECRET: "another-secret-altogether" };
  const { code, stderr } = await runLeadkeep(["leads"], { folder, variables: other });
  expect([code, stderr]).toEqual([1, expect.stringMatching(/LEADKEEP_SECRET: is not the secret/)]);
  expect(stderr).not.toMatch(/first-secret|another-secret/);
  const rotated = { ...other, LEADKEEP_OLD_SECRETS: first.LEADKEEP_SECRET };
  expect((await runLeadkeep(["leads"], { folder, variables: rotated })).code).toBe(0);
});
