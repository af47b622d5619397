import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { aDelivery, aLead, aMoment, anEntry } from "../../../test/support/a-lead.ts";
import { anEnginePlace, jobsOf } from "../../../test/support/an-engine-place.ts";
import { startNode } from "../../../test/support/node-process.ts";
import type { EngineName } from "../engines.ts";
import type { Claim, ClaimRequest, Ledger, Settlement } from "../ledger.ts";
import { openPostgresLedger } from "./postgres-ledger.ts";

let place: Awaited<ReturnType<typeof anEnginePlace>>;
const opened: Ledger[] = [];
beforeAll(async () => {
  place = await anEnginePlace();
});
afterEach(async () => {
  for (const ledger of opened.splice(0)) await ledger.close();
  await place.empty();
});
afterAll(() => place?.drop());

async function open(engine: EngineName = "pg-boss"): Promise<Ledger> {
  const ledger = await openPostgresLedger({ url: place.url, schema: place.schema, engine });
  opened.push(ledger);
  return ledger;
}

const reason = { code: "interrupted", message: "the attempt was interrupted" };
const delivered = { state: "delivered", ref: null, warnings: [] as string[] } as const;

function claimFrom(ledger: Ledger, overrides: Partial<ClaimRequest> = {}): Promise<Claim[]> {
  const gate = () => ({ type: "open", basis: "consent" }) as const;
  const times = { now: aMoment, leaseUntil: aMoment + 30_000 };
  return ledger.claim({ destination: "crm", limit: 10, worker: "w", gate, ...times, ...overrides });
}

function settled({ delivery }: Claim, next: Settlement["next"] = delivered): Settlement {
  const outcome = next.state === "delivered" ? ({ type: "delivered" } as const) : ({ type: "retry", reason } as const);
  return { deliveryId: delivery.id, n: delivery.attempts, durationMs: 1, outcome, next };
}

/** Keeps so many leads, and has them issued. */
async function issued(ledger: Ledger, count: number) {
  const leads = Array.from({ length: count }, (_, i) => aLead({ receivedAt: aMoment - count + i }));
  for (const lead of leads) await ledger.accept(anEntry({ lead }));
  const [first] = await claimFrom(ledger, { limit: 1 });
  if (first) await ledger.settle(settled(first));
  return leads.slice(1);
}

async function jobs(): Promise<{ state: string; data: unknown; priority: number }[]> {
  const { rows } = await place.query(`SELECT state::text, data, priority FROM ${jobsOf(place)}.job`);
  return rows;
}

const leadsOf = (claims: readonly Claim[]) => claims.map(({ lead }) => lead.id);

describe("jobs", () => {
  test("a job holds the id of its delivery and nothing else, and is gone when that is settled", async () => {
    const ledger = await open();
    await ledger.accept(anEntry());
    const [claim] = (await claimFrom(ledger)) as [Claim];
    expect(await jobs()).toMatchObject([{ state: "active", data: { delivery: claim.delivery.id } }]);
    expect(Object.keys((await jobs())[0]?.data ?? {})).toEqual(["delivery"]);
    await ledger.settle(settled(claim));
    expect(await jobs()).toEqual([]);
  });

  test("what waits for the future has no job, and of what is due only the first ones have", async () => {
    const ledger = await open();
    const entries = Array.from({ length: 300 }, () => anEntry());
    await Promise.all(entries.map((entry) => ledger.accept(entry)));
    await ledger.accept(anEntry({ lead: aLead({ receivedAt: aMoment + 1 }) }));
    const claims = await claimFrom(ledger, { limit: 1 });
    expect(await jobs()).toHaveLength(256);
    const later = { state: "pending", dueAt: aMoment + 5_000, tries: 1, uncertain: false, reason } as const;
    for (const claim of claims) await ledger.settle(settled(claim, later));
    expect(await jobs()).toHaveLength(255);
  });

  test("a new lead goes before what already waits in the queue for its retry", async () => {
    const ledger = await open();
    for (let i = 0; i < 2; i++) await ledger.accept(anEntry());
    for (const claim of await claimFrom(ledger)) {
      await ledger.settle(
        settled(claim, { state: "pending", dueAt: aMoment - 60_000, tries: 1, uncertain: false, reason }),
      );
    }
    await claimFrom(ledger, { limit: 1 });
    const fresh = aLead();
    await ledger.accept(anEntry({ lead: fresh }));
    expect(leadsOf(await claimFrom(ledger, { limit: 1 }))).toEqual([fresh.id]);
  });

  test("what is cancelled or erased while its job waits is not claimed, and its job ends", async () => {
    const ledger = await open();
    const [one, other, third] = await issued(ledger, 4);
    const request = { now: aMoment, actor: { type: "command", name: "somebody" } } as const;
    const record = await ledger.findLead(one?.id ?? "lead_");
    await ledger.cancel([record?.deliveries[0]?.id ?? "dlv_"], { ...request, reason });
    await ledger.erase([other?.id ?? "lead_"], { ...request, tombstones: [], followUps: () => [] });
    expect(leadsOf(await claimFrom(ledger))).toEqual([third?.id]);
    expect((await jobs()).map(({ state }) => state)).toEqual(["active"]);
  });

  test.each([
    ["deleted", "DELETE FROM JOBS"],
    ["cancelled", "UPDATE JOBS SET state = 'cancelled', completed_on = now()"],
    ["failed", "UPDATE JOBS SET state = 'failed', completed_on = now()"],
  ])("a delivery whose job was %s by others is issued again", async (_, statement) => {
    const ledger = await open();
    const leads = await issued(ledger, 3);
    await place.query(statement.replace("JOBS", `${jobsOf(place)}.job`));
    expect(leadsOf(await claimFrom(ledger))).toEqual(leads.map(({ id }) => id));
  });

  test("what others put into the queue is of no consequence", async () => {
    const ledger = await open();
    const leads = await issued(ledger, 3);
    await place.query(`INSERT INTO ${jobsOf(place)}.job (name, priority, data) VALUES ('crm', 2147483647, NULL)`);
    await place.query(`INSERT INTO ${jobsOf(place)}.job (name, data) VALUES ('crm', '{"delivery":"dlv_7"}')`);
    expect(leadsOf(await claimFrom(ledger))).toEqual(leads.map(({ id }) => id));
    expect((await jobs()).map(({ state }) => state)).toEqual(["active", "active"]);
  });

  test("a queue somebody has deleted is made anew", async () => {
    const ledger = await open();
    const leads = await issued(ledger, 3);
    await place.query(`DELETE FROM ${jobsOf(place)}.job; DELETE FROM ${jobsOf(place)}.queue`);
    await claimFrom(ledger).catch(() => {});
    expect(leadsOf(await claimFrom(ledger))).toEqual(leads.map(({ id }) => id));
  });
});

describe("a worker killed", () => {
  const url = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);
  /** Claims, and dies where it is told to. */
  const worker = (where: string) => `
    const { openPostgresLedger } = await import(${url("./postgres-ledger.ts")});
    const ledger = await openPostgresLedger(${JSON.stringify({ url: place.url, schema: place.schema, engine: "pg-boss" })});
    const die = () => process.kill(process.pid, "SIGKILL");
    const gate = () => { ${where === "fetch" ? "die(); for (;;);" : ""} return { type: "open", basis: "consent" }; };
    await ledger.claim({ destination: "crm", limit: 10, now: ${aMoment}, leaseUntil: ${aMoment + 30_000}, worker: "dead", gate });
    die();`;

  async function killedAfter(where: "fetch" | "claim"): Promise<Ledger> {
    const ledger = await open();
    for (let i = 0; i < 3; i++) await ledger.accept(anEntry());
    const victim = startNode(worker(where));
    expect(await victim.exited).toBe("SIGKILL");
    return ledger;
  }

  test("between fetching jobs and claiming has done nothing: another one claims all of it as the first attempt", async () => {
    const ledger = await killedAfter("fetch");
    const claims = await claimedSoon(ledger, 3);
    expect(claims.map(({ delivery }) => [delivery.attempts, delivery.uncertain])).toEqual(Array(3).fill([1, false]));
  });

  test("between claiming and settling leaves attempts that count as uncertain, and each delivery is claimed once more", async () => {
    const ledger = await killedAfter("claim");
    expect(await claimFrom(ledger)).toEqual([]);
    const recovered = await ledger.recover({
      now: aMoment + 1,
      isDead: (name) => name === "dead",
      settle: ({ tries }) => ({
        outcome: { type: "uncertain", reason },
        next: { state: "pending", dueAt: aMoment, tries: tries + 1, uncertain: true, reason },
      }),
    });
    expect(recovered).toBe(3);
    const claims = await claimFrom(ledger);
    expect(claims.map(({ delivery }) => [delivery.attempts, delivery.uncertain])).toEqual(Array(3).fill([2, true]));
    for (const claim of claims) expect(await ledger.settle(settled(claim))).toBe(true);
    expect(await jobs()).toEqual([]);
  });
});

describe("several machines", () => {
  test("that open an empty database at the same moment all get to work on it", async () => {
    const empty = await anEnginePlace();
    const { url, schema } = empty;
    const ledgers = await Promise.all(
      Array.from({ length: 4 }, () => openPostgresLedger({ url, schema, poolSize: 2, engine: "pg-boss" })),
    );
    const entry = anEntry();
    await ledgers[0]?.accept(entry);
    const claims = await Promise.all(ledgers.map((ledger) => claimFrom(ledger)));
    expect(leadsOf(claims.flat())).toEqual([entry.lead.id]);
    for (const ledger of ledgers) await ledger.close();
    await empty.drop();
  });

  test("may have different engines", async () => {
    const [one, other] = [await open(), await open("ledger")];
    const leads = await issued(one, 20);
    const claims = [...(await claimFrom(other, { limit: 5 })), ...(await claimFrom(one, { limit: 100 }))];
    expect(leadsOf(claims).toSorted()).toEqual(leads.map(({ id }) => id).toSorted());
    for (const [i, claim] of claims.entries()) expect(await (i % 2 ? one : other).settle(settled(claim))).toBe(true);
    expect([...(await claimFrom(one)), ...(await claimFrom(other))]).toEqual([]);
    expect((await jobs()).filter(({ state }) => state === "created")).toEqual([]);
  });

  test("that claim at the same moment never have two leads of one person under way, and all are delivered", async () => {
    const ledgers = [await open(), await open(), await open()];
    const leads = Array.from({ length: 40 }, (_, i) => aLead({ person: `person-${i % 4}` }));
    await Promise.all(leads.map((lead) => ledgers[0]?.accept(anEntry({ lead, deliveries: [aDelivery()] }))));
    const seen: string[] = [];
    const underWay = new Set<string>();
    await Promise.all(
      ledgers.map(async (ledger, i) => {
        while (seen.length < leads.length) {
          for (const claim of await claimFrom(ledger, { worker: `w${i}`, limit: 3 })) {
            const person = String(claim.lead.person);
            expect(underWay.has(person)).toBe(false);
            underWay.add(person);
            await new Promise((resolve) => setImmediate(resolve));
            seen.push(claim.lead.id);
            underWay.delete(person);
            await ledger.settle(settled(claim));
          }
        }
      }),
    );
    expect(seen.toSorted()).toEqual(leads.map(({ id }) => id).toSorted());
    expect(await jobs()).toEqual([]);
  });
});

/** The server notices only after a moment that a killed client's transaction is over. */
async function claimedSoon(ledger: Ledger, count: number): Promise<Claim[]> {
  const claims: Claim[] = [];
  for (let i = 0; i < 100 && claims.length < count; i++) {
    claims.push(...(await claimFrom(ledger)));
    if (claims.length < count) await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return claims;
}
