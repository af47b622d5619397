import { statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Claim, LeadFilter, Ledger } from "../../src/ledger/ledger.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import type { LeadId } from "../../src/model/id.ts";
import { aBenchLead, filledDestinations } from "../support/fill-ledger.ts";
import { copyOfKeptLedger, keptLedger } from "../support/kept-ledgers.ts";
import { tellRound } from "../support/progress.ts";
import type { Row } from "../support/row.ts";
import { figureOf, ratioOf } from "../support/statistics.ts";

const dayMs = 86_400_000;
const smallest = 1_000;
const page = 50;
/** Leads accepted and delivered in a round: enough that one commit more or less does not show. */
const batch = 1_024;
const claimed = 64;
/** From so many leads on the ledger itself is used: a second one would fill the disk, and a few thousand more do not change it. */
const tooManyToCopy = 10_000_000;

/** `bytes`: of its file, before anything was added. */
type Side = { leads: number; ledger: Ledger; bytes: number; remove(): void; middle: LeadId };

/** What is done, and what it costs in milliseconds of processor time and on the clock, for one of `unit`. */
type Operation = { name: string; unit: string; target: Row["target"]; run(side: Side): Promise<Cost> };
type Cost = { cpuMs: number; wallMs: number };

/**
 * What the ledger's work costs at these sizes against the same at 1 000 leads, by processor time, which other programs on the
 * machine do not change much; the time on the clock stands in the notes. All in one process, in turns.
 */
export async function sizeRows(sizes: readonly number[], rounds: number): Promise<Row[]> {
  const sides: Side[] = [];
  try {
    for (const leads of [smallest, ...sizes]) sides.push(await aSide(leads));
    const operations = await operationsFor(sides);
    const costs = new Map<string, Cost[]>();
    // The first round warms up and does not count.
    for (let round = -1; round < rounds; round++) {
      tellRound("every operation at every size", Math.max(0, round), rounds);
      for (const operation of operations) {
        for (const side of inTurn(sides, round)) {
          const cost = await operation.run(side);
          const key = `${operation.name} ${side.leads}`;
          if (round >= 0) costs.set(key, [...(costs.get(key) ?? []), cost]);
        }
      }
    }
    const rows = operations.flatMap((operation) =>
      sizes.map((leads) => rowOf(operation, leads, (at) => costs.get(`${operation.name} ${at}`) ?? [])),
    );
    return [...rows, ...fileRows(sides)];
  } finally {
    for (const side of sides) {
      await side.ledger.close();
      side.remove();
    }
  }
}

async function aSide(leads: number): Promise<Side> {
  const { folder, remove } =
    leads < tooManyToCopy ? await copyOfKeptLedger(leads) : { folder: await keptLedger(leads), remove: () => {} };
  const path = join(folder, "ledger.db");
  const db = new DatabaseSync(path, { readOnly: true });
  const middle = db.prepare("SELECT id FROM leads WHERE seq = ?").get(leads >> 1)?.id as LeadId;
  db.close();
  return { leads, ledger: openSqliteLedger({ path }), bytes: statSync(path).size, remove, middle };
}

/** Whoever goes first one time goes last the next. */
function inTurn<T>(sides: readonly T[], round: number): readonly T[] {
  return round % 2 === 0 ? sides : sides.toReversed();
}

async function operationsFor(sides: readonly Side[]): Promise<Operation[]> {
  const [first] = sides;
  if (!first) return [];
  const flat = { atMost: 1.25 };
  return [
    { name: "accept", unit: "µs/lead", target: flat, run: accept },
    ...claimAndSettle(flat),
    reading("list page", (side) => side.ledger.pageOfLeads({}, { size: page })),
    reading("list page, middle", (side) => side.ledger.pageOfLeads({}, { size: page, before: side.middle })),
    ...(await filters(first)),
    reading("search that finds nothing", (side) =>
      side.ledger.pageOfLeads({ text: "nobody wrote this" }, { size: page }),
    ),
    reading("overview, 7 days", ({ ledger }) => overview(ledger, 7)),
    reading("overview, 90 days", ({ ledger }) => overview(ledger, 90)),
    reading("counts", ({ ledger }) => ledger.counts()),
    reading("backlog", ({ ledger }) => ledger.backlog()),
    reading("dead letters by cause", ({ ledger }) => ledger.deadLetters()),
  ];
}

async function accept({ ledger, leads }: Side): Promise<Cost> {
  const entries = Array.from({ length: batch }, (_, i) => ({
    lead: aBenchLead(leads + i, Date.now()),
    deliveries: filledDestinations.map((one) => ({ ...one, state: "pending", reason: null }) as const),
    key: null,
  }));
  return costOf(batch, () => Promise.all(entries.map((entry) => ledger.accept(entry))));
}

/** Brings the leads just accepted to the first destination, some at a time. Claiming and settling have to take turns, so one run measures both. */
function claimAndSettle(target: Row["target"]): Operation[] {
  const settling = new Map<Side, Cost>();
  async function claim(side: Side): Promise<Cost> {
    const claims: Cost[] = [];
    const settlements: Cost[] = [];
    for (let done = 0; done < batch; done += claimed) {
      let taken: Claim[] = [];
      claims.push(
        await costOf(claimed, async () => {
          taken = await side.ledger.claim({
            destination: filledDestinations[0].destination,
            limit: claimed,
            now: Date.now(),
            leaseUntil: Date.now() + 60_000,
            worker: "bench",
            gate: () => ({ type: "open", basis: "consent" }),
          });
        }),
      );
      if (taken.length !== claimed) throw new Error(`claimed ${taken.length} of ${claimed}`);
      settlements.push(await costOf(claimed, () => Promise.all(taken.map((one) => settle(side, one)))));
    }
    settling.set(side, meanOf(settlements));
    return meanOf(claims);
  }
  const nothing = { cpuMs: Number.NaN, wallMs: Number.NaN };
  return [
    { name: "claim", unit: "µs/delivery", target, run: claim },
    { name: "settle", unit: "µs/delivery", target, run: async (side) => settling.get(side) ?? nothing },
  ];
}

function settle({ ledger }: Side, { delivery }: Claim): Promise<boolean> {
  return ledger.settle({
    deliveryId: delivery.id,
    n: delivery.attempts,
    durationMs: 100,
    outcome: { type: "delivered", ref: "1", status: 201 },
    next: { state: "delivered", ref: "1", warnings: [] },
  });
}

/**
 * Every filter the console offers, with the cursor in the middle of the list. As many leads are asked for as the smallest ledger
 * has, so that each size does the same.
 */
async function filters(first: Side): Promise<Operation[]> {
  const now = Date.now();
  const all: Record<string, LeadFilter> = {
    form: { form: "quote" },
    "state quarantined": { state: "quarantined" },
    "state erased": { state: "erased" },
    "delivery pending": { deliveryState: "pending" },
    "delivery delivered": { deliveryState: "delivered" },
    "delivery dead": { deliveryState: "dead" },
    "delivery withheld": { deliveryState: "withheld" },
    "delivery cancelled": { deliveryState: "cancelled" },
    destination: { destination: "sheets" },
    "destination and dead": { destination: "sheets", deliveryState: "dead" },
    "cause of dead letters": { destination: "sheets", deliveryState: "dead", reasonCode: "rejected" },
    source: { source: "partner" },
    campaign: { campaign: "brand" },
    "stage new": { stage: "new" },
    "stage working": { stage: "working" },
    assignee: { assignee: "grace@example.com" },
    dates: { since: now - 80 * dayMs, until: now - 50 * dayMs },
    text: { text: "77." },
  };
  const operations: Operation[] = [];
  for (const [name, filter] of Object.entries(all)) {
    const found = await first.ledger.pageOfLeads(filter, { size: page, before: first.middle });
    const size = Math.max(1, found.records.length - (found.next ? 0 : 1));
    operations.push(
      reading(`filter: ${name}`, ({ ledger, middle }) => ledger.pageOfLeads(filter, { size, before: middle })),
    );
  }
  return operations;
}

/** What the console's first page asks of the ledger. */
async function overview(ledger: Ledger, days: number): Promise<unknown> {
  const now = Date.now();
  return Promise.all([
    ledger.leadCounts(),
    ledger.leadTallies(now - days * dayMs),
    ledger.forms(),
    ledger.counts(),
    ledger.attemptTallies(now - 7 * dayMs),
  ]);
}

/** Something that changes nothing, done several times over. */
function reading(name: string, read: (side: Side) => Promise<unknown>): Operation {
  const times = 3;
  return {
    name,
    unit: "ms",
    target: null,
    run: (side) =>
      costOf(times, async () => {
        for (let i = 0; i < times; i++) await read(side);
      }),
  };
}

async function costOf(times: number, work: () => Promise<unknown>): Promise<Cost> {
  const cpu = process.cpuUsage();
  const begun = performance.now();
  await work();
  const wallMs = performance.now() - begun;
  const { user, system } = process.cpuUsage(cpu);
  return { cpuMs: (user + system) / 1_000 / times, wallMs: wallMs / times };
}

function meanOf(costs: readonly Cost[]): Cost {
  const mean = (read: (cost: Cost) => number) => costs.reduce((sum, cost) => sum + read(cost), 0) / costs.length;
  return { cpuMs: mean((cost) => cost.cpuMs), wallMs: mean((cost) => cost.wallMs) };
}

function rowOf({ name, unit, target }: Operation, leads: number, costsAt: (leads: number) => readonly Cost[]): Row {
  const scale = unit === "ms" ? 1 : 1_000;
  const cpu = (at: number) => costsAt(at).map(({ cpuMs }) => cpuMs * scale);
  const wall = (at: number) => figureOf(costsAt(at).map(({ wallMs }) => wallMs * scale)).median.toFixed(2);
  const at = leads.toLocaleString("en");
  return {
    name: `${name} at ${at} leads`,
    unit,
    ours: figureOf(cpu(leads)),
    baseline: { name: "1,000 leads", figure: figureOf(cpu(smallest)) },
    ratio: ratioOf(cpu(leads), cpu(smallest)),
    target,
    note: `on the clock ${wall(leads)} ${unit}, at 1,000 ${wall(smallest)}`,
    cell: { of: `${name}, ${unit}`, at: `${at} leads` },
  };
}

/** Everything on record, with what happened to it. */
function fileRows([first, ...others]: readonly Side[]): Row[] {
  if (!first) return [];
  const perLead = ({ bytes, leads }: Side): number => bytes / leads;
  return others.map((side) => {
    const at = side.leads.toLocaleString("en");
    return {
      name: `file per lead at ${at} leads`,
      unit: "bytes",
      ours: figureOf([perLead(side)]),
      baseline: { name: "1,000 leads", figure: figureOf([perLead(first)]) },
      ratio: ratioOf([perLead(side)], [perLead(first)]),
      target: null,
      cell: { of: "file per lead, bytes", at: `${at} leads` },
    };
  });
}
