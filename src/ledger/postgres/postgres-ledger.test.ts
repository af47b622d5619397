import pg from "pg";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { aMoment, anEntry } from "../../../test/support/a-lead.ts";
import { aPostgres } from "../../../test/support/a-postgres.ts";
import { startNode } from "../../../test/support/node-process.ts";
import { type PostgresServer, startPostgres } from "../../../test/support/postgres-server.ts";
import { startProxy, type TcpProxy } from "../../../test/support/tcp-proxy.ts";
import { until } from "../../../test/support/until.ts";
import { LedgerUnavailable } from "../../model/errors.ts";
import type { LeadId } from "../../model/id.ts";
import type { Claim, Ledger } from "../ledger.ts";
import { openPostgresLedger, type PostgresLedgerOptions } from "./postgres-ledger.ts";

const soon = { connectMs: 500, statementMs: 1_000 };

async function aLedger(options: PostgresLedgerOptions): Promise<Ledger> {
  const ledger = await openPostgresLedger(options);
  onTestFinished(() => ledger.close());
  return ledger;
}

async function idsIn(ledger: Ledger): Promise<LeadId[]> {
  const ids: LeadId[] = [];
  for await (const { lead } of ledger.listLeads({})) ids.push(lead.id);
  return ids;
}

/** Accepts this one as soon as the database takes it again. */
function acceptedAgain(ledger: Ledger, entry = anEntry()): Promise<unknown> {
  return until(() =>
    ledger.accept(entry).catch((error) => {
      expect(error).toBeInstanceOf(LedgerUnavailable);
      return null;
    }),
  );
}

test("500 submissions at once cost a few commits, not 500", async () => {
  const place = await aPostgres();
  const ledger = await aLedger(place);
  await Promise.all(Array.from({ length: 500 }, () => ledger.accept(anEntry())));
  const { rows } = await place.query("SELECT SUM(n) AS commits FROM changes");
  expect(Number(rows[0]?.commits)).toBeLessThanOrEqual(4);
});

describe("one attempt at a time", () => {
  test("a frozen worker that wakes after its lease cannot overwrite a newer result", async () => {
    const place = await aPostgres();
    const [frozen, other] = [await aLedger(place), await aLedger(place)];
    const { leadId } = await frozen.accept(anEntry());
    const [old] = await claimFrom(frozen, "frozen", aMoment);
    const reason = { code: "interrupted", message: "the attempt was interrupted" };
    await other.recover({
      now: aMoment + 40_000,
      isDead: () => false,
      settle: () => ({
        outcome: { type: "uncertain", reason },
        next: { state: "pending", dueAt: aMoment, tries: 1, uncertain: true, reason },
      }),
    });
    const [newer] = await claimFrom(other, "other", aMoment + 40_000);
    // It wakes now, while the newer attempt is under way and after it.
    expect(await frozen.saveProgress({ deliveryId: old.delivery.id, n: 1 }, { old: true })).toBe(false);
    expect(await frozen.settle(arrivedAs(old, "old"))).toBe(false);
    expect(await other.settle(arrivedAs(newer, "newer"))).toBe(true);
    expect(await frozen.settle(arrivedAs(old, "old"))).toBe(false);
    const [delivery] = (await other.findLead(leadId))?.deliveries ?? [];
    expect(delivery).toMatchObject({ state: "delivered", ref: "newer", progress: null });
    expect(delivery?.history.map(({ outcome }) => outcome)).toEqual(["uncertain", "delivered"]);
  });
});

describe("an erasure at the very moment of a claim", () => {
  test("never leaves a destination out that may hold the lead", async () => {
    const place = await aPostgres();
    const [one, other] = [await aLedger(place), await aLedger(place)];
    for (let i = 0; i < 25; i++) {
      const { leadId } = await one.accept(anEntry());
      const seen: string[] = [];
      const followUps = ({ deliveries }: { deliveries: { state: string }[] }) => {
        seen.push(deliveries[0]?.state ?? "");
        return [];
      };
      const actor = { type: "command", name: "test" } as const;
      const [claims] = await Promise.all([
        claimFrom(one, "w", aMoment).catch(() => []),
        other.erase([leadId], { tombstones: [], now: aMoment, actor, followUps }),
      ]);
      expect(seen).toEqual([claims.length > 0 ? "claimed" : "pending"]);
      if (claims[0]) expect(await one.settle(arrivedAs(claims[0], "there"))).toBe(true);
    }
  });
});

describe("a database that is in trouble", () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres("max_connections=20", "superuser_reserved_connections=3");
  });
  afterAll(() => server?.remove());

  let made = 0;
  const aPlace = () => ({ url: server.url, schema: `trouble_${++made}`, ...soon });

  async function behindAProxy(): Promise<{ ledger: Ledger; proxy: TcpProxy }> {
    const proxy = await startProxy(Number(new URL(server.url).port));
    onTestFinished(() => proxy.close());
    const url = new URL(server.url);
    url.port = String(proxy.port);
    return { ledger: await aLedger({ ...aPlace(), url: url.href }), proxy };
  }

  test("refuses submissions while it is stopped, fast and all of them, and goes on by itself", async () => {
    const ledger = await aLedger(aPlace());
    const kept = anEntry();
    await ledger.accept(kept);
    await server.stop();
    const results = await Promise.allSettled(Array.from({ length: 2_000 }, () => ledger.accept(anEntry())));
    for (const result of results)
      expect(result).toMatchObject({ status: "rejected", reason: expect.any(LedgerUnavailable) });
    await expect(ledger.findLead(kept.lead.id)).rejects.toThrow(LedgerUnavailable);
    await expect(ledger.checkWritable()).rejects.toThrow(/See that Postgres runs/);
    await server.start();
    const next = anEntry();
    await acceptedAgain(ledger, next);
    expect(await idsIn(ledger)).toEqual([next.lead.id, kept.lead.id]);
  });

  test("killed under load it loses no lead it was told is kept", { timeout: 120_000 }, async () => {
    const ledger = await aLedger(aPlace());
    const kept: LeadId[] = [];
    let over = false;
    const submit = async () => {
      while (!over)
        await ledger.accept(anEntry()).then(
          ({ leadId }) => kept.push(leadId),
          () => pause(5),
        );
    };
    const load = Promise.all(Array.from({ length: 16 }, submit));
    for (let i = 0; i < 3; i++) {
      const before = kept.length;
      await until(() => kept.length > before + 200);
      await server.kill();
      await server.start();
    }
    over = true;
    await load;
    await acceptedAgain(ledger);
    const found = new Set(await idsIn(ledger));
    expect(kept.filter((id) => !found.has(id))).toEqual([]);
  });

  test("connections it has ended while they were idle are replaced, and nobody is refused", async () => {
    const ledger = await aLedger(aPlace());
    for (let i = 0; i < 3; i++) {
      const entry = anEntry();
      await Promise.all([ledger.accept(entry), ledger.nextDue("crm"), ledger.pauses(), ledger.forms()]);
      await onServer("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'leadkeep'");
      const answers = [ledger.findLead(entry.lead.id), ledger.accept(anEntry()), ledger.nextDue("crm")];
      for (const answer of await Promise.all(answers)) expect(answer).not.toBeNull();
    }
  });

  test("a connection cut half open is given up, and the next one works", async () => {
    const { ledger, proxy } = await behindAProxy();
    await ledger.accept(anEntry());
    proxy.freeze();
    await expect(ledger.accept(anEntry())).rejects.toThrow(LedgerUnavailable);
    await expect(ledger.nextDue("crm")).rejects.toThrow(LedgerUnavailable);
    proxy.thaw();
    const entry = anEntry();
    await acceptedAgain(ledger, entry);
    expect(await ledger.findLead(entry.lead.id)).not.toBeNull();
  });

  test("connections that are cut, used or not, end nothing but themselves", async () => {
    const { ledger, proxy } = await behindAProxy();
    for (let i = 0; i < 5; i++) {
      const writes = Array.from({ length: 20 }, () => ledger.accept(anEntry()).catch(() => {}));
      proxy.cut();
      await Promise.all(writes);
      proxy.cut();
      await acceptedAgain(ledger);
    }
  });

  test("a commit whose answer is lost is looked up: the lead is kept, once", async () => {
    const { ledger, proxy } = await behindAProxy();
    const [first, again] = [anEntry({ key: "k" }), anEntry({ key: "k" })];
    await ledger.checkWritable();
    proxy.cutAfter("COMMIT\0");
    const answers = await Promise.all([ledger.accept(first), ledger.accept(again)]);
    expect(answers).toEqual([
      { leadId: first.lead.id, repeated: false },
      { leadId: first.lead.id, repeated: true },
    ]);
    expect(await idsIn(ledger)).toEqual([first.lead.id]);
    expect(await ledger.leadCounts()).toMatchObject({ active: 1 });
  });

  test("a database that takes no writes refuses them and says so; allowed again it goes on", async () => {
    const place = aPlace();
    const ledger = await aLedger(place);
    const entry = anEntry();
    await ledger.accept(entry);
    await onServer("ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()");
    await until(() =>
      ledger.checkWritable().then(
        () => false,
        () => true,
      ),
    );
    await expect(ledger.accept(anEntry())).rejects.toThrow(/takes no writes/);
    expect(await ledger.findLead(entry.lead.id)).not.toBeNull();
    await onServer(
      "SET default_transaction_read_only = off",
      "ALTER SYSTEM RESET default_transaction_read_only",
      "SELECT pg_reload_conf()",
    );
    await acceptedAgain(ledger);
  });

  test("with all its connections taken it refuses, and goes on when one is free", async () => {
    const ledger = await aLedger({ ...aPlace(), poolSize: 2 });
    const others = await allConnections();
    await expect(ledger.accept(anEntry())).rejects.toThrow(/too many connections/);
    await Promise.all(others.map((client) => client.end()));
    await acceptedAgain(ledger);
  });

  test("a lock somebody else holds for too long refuses a submission, and it goes through afterwards", async () => {
    const place = aPlace();
    const ledger = await aLedger(place);
    const other = new pg.Client(server.url);
    await other.connect();
    await other.query(`BEGIN; LOCK TABLE ${place.schema}.leads`);
    const entry = anEntry();
    await expect(ledger.accept(entry)).rejects.toThrow(LedgerUnavailable);
    await other.end();
    await acceptedAgain(ledger, entry);
    expect(await idsIn(ledger)).toEqual([entry.lead.id]);
  });

  test("no message tells the password", async () => {
    const url = new URL(server.url);
    url.password = "not-the-secret";
    const error = await openPostgresLedger({ ...aPlace(), url: url.href }).catch((cause) => cause);
    expect(error).toBeInstanceOf(LedgerUnavailable);
    expect(`${error.message} ${error.stack}`).not.toContain("not-the-secret");
    expect(error.message).toMatch(/refused the password/);
  });

  /** Takes the ledgers' connections away, and then every one there is. */
  async function allConnections(): Promise<pg.Client[]> {
    const taken: pg.Client[] = [];
    for (;;) {
      const client = new pg.Client(server.url);
      client.on("error", () => {});
      try {
        await client.connect();
      } catch {
        return taken;
      }
      taken.push(client);
      const ours = "FROM pg_stat_activity WHERE application_name = 'leadkeep'";
      await client.query(`SELECT pg_terminate_backend(pid) ${ours}`);
      await until(async () => (await client.query(`SELECT 1 ${ours}`)).rowCount === 0);
    }
  }

  async function onServer(...texts: string[]): Promise<void> {
    const client = new pg.Client(server.url);
    await client.connect();
    try {
      for (const text of texts) await client.query(text);
    } finally {
      await client.end();
    }
  }
});

describe("a killed process", () => {
  test("loses no lead it was told is kept, and leaves none without its deliveries", { timeout: 120_000 }, async () => {
    const place = await aPostgres();
    const ledger = await aLedger(place);
    const urlOf = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);
    const code = `
      import { writeSync } from "node:fs";
      const { openPostgresLedger } = await import(${urlOf("./postgres-ledger.ts")});
      const { aDelivery, anEntry } = await import(${urlOf("../../../test/support/a-lead.ts")});
      const ledger = await openPostgresLedger(${JSON.stringify({ url: place.url, schema: place.schema })});
      const deliveries = ["crm", "mail", "sheet"].map((destination) => aDelivery({ destination }));
      async function acceptForEver() {
        for (;;) writeSync(1, (await ledger.accept(anEntry({ deliveries }))).leadId + "\\n");
      }
      for (let i = 0; i < 16; i++) acceptForEver();`;
    for (const enough of [50, 200]) {
      const victim = startNode(code);
      await victim.printed(enough);
      victim.kill("SIGKILL");
      expect(await victim.exited).toBe("SIGKILL");
      const kept = new Set<string>(await idsIn(ledger));
      expect(victim.lines.filter((id) => !kept.has(id))).toEqual([]);
    }
    for await (const { deliveries } of ledger.listLeads({})) {
      expect(deliveries.map(({ destination }) => destination)).toEqual(["crm", "mail", "sheet"]);
    }
  });
});

async function claimFrom(ledger: Ledger, worker: string, now: number): Promise<[Claim, ...Claim[]]> {
  const gate = () => ({ type: "open", basis: "consent" }) as const;
  const claims = await ledger.claim({ destination: "crm", limit: 9, now, leaseUntil: now + 30_000, worker, gate });
  return claims as [Claim, ...Claim[]];
}

function arrivedAs({ delivery }: Claim, ref: string) {
  return {
    deliveryId: delivery.id,
    n: delivery.attempts,
    durationMs: 1,
    outcome: { type: "delivered", ref },
    next: { state: "delivered", ref, warnings: [] as string[] },
  } as const;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
