import { DatabaseSync } from "node:sqlite";
import * as z from "zod";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import { configureDestination } from "../../src/model/configured-destination.ts";
import { type Delivered, type Destination, defineDestination, type Presence } from "../../src/model/destination.ts";
import { silentLog } from "../../src/model/log.ts";
import { createCompleteness } from "../../src/watch/completeness.ts";

/**
 * Verifies a ledger made by bench/support/fill-ledger.ts against vendors that lack some records, and prints as JSON what it came to,
 * what it should have, how long it took, and the most memory it held. Usage: node test/support/verify-many.ts <ledger>
 */

/** Of a record's number: whether a person has deleted it, or the vendor says nothing of it. */
const isGone = (i: number): boolean => i % 97 === 5;
const isMute = (i: number): boolean => i % 1_009 === 3;

function vendor(id: string, readBackSize: number | null): Destination {
  const define = defineDestination({
    kind: id,
    label: id,
    options: z.strictObject({}),
    async deliver() {
      return { type: "delivered" };
    },
    readBackById: id === "sheets",
    ...(readBackSize === null ? {} : { readBackSize, readBack: async (asked: readonly Delivered[]) => read(asked) }),
  });
  const { destination } = configureDestination(id, define({}));
  if (!destination) throw new Error(`${id} is configured wrong`);
  return destination;
}

function read(asked: readonly Delivered[]): Map<Delivered["deliveryId"], Presence> {
  return new Map(asked.map(({ deliveryId, ref }) => [deliveryId, presenceOf(Number(ref?.split("-").at(-1)))]));
}

function presenceOf(i: number): Presence {
  if (isMute(i)) return { type: "unknown", reason: { code: "server_error", message: "answered 503" } };
  return isGone(i) ? { type: "missing" } : { type: "seen" };
}

/** What is on record, counted in another way than by the code under test. */
function shouldBe(path: string): Record<string, number> {
  const db = new DatabaseSync(path, { readOnly: true });
  const counts: Record<string, number> = {};
  for (const { destination, state, ref } of db.prepare("SELECT destination, state, ref FROM deliveries").iterate()) {
    const i = Number(String(ref).split("-").at(-1));
    const asked = destination !== "mail-team";
    const verdict =
      state !== "delivered"
        ? state === "pending"
          ? "waiting"
          : state
        : !asked
          ? "believed"
          : isMute(i)
            ? "unknown"
            : isGone(i)
              ? "missing"
              : "seen";
    const place = `${destination} ${verdict}`;
    counts[place] = (counts[place] ?? 0) + 1;
  }
  db.close();
  return counts;
}

const [path = ""] = process.argv.slice(2);
const ledger = openSqliteLedger({ path });
const destinations = [vendor("hubspot", 100), vendor("sheets", 50_000), vendor("mail-team", null)];
const completeness = createCompleteness({
  ledger,
  destinations,
  readBack: async (destination, deliveries, signal) =>
    (await destination.readBack?.(deliveries, { signal, fetch, now: Date.now, correctPace() {} })) ?? new Map(),
  stepAside: async () => {},
  wait: async () => {},
  now: Date.now,
  log: silentLog,
});
let longestTurnMs = 0;
let turn = performance.now();
const watch = setInterval(() => {
  const now = performance.now();
  longestTurnMs = Math.max(longestTurnMs, now - turn);
  turn = now;
}, 1);
const began = performance.now();
const run = await completeness.verify({ actor: { type: "command", name: "test" } });
const seconds = (performance.now() - began) / 1_000;
clearInterval(watch);
const rssMiB = Math.round(process.resourceUsage().maxRSS / 1_024);
await ledger.close();
const counts: Record<string, number> = {};
for (const { destination, verdict, count } of run.counts.tallies) {
  counts[`${destination} ${verdict}`] = (counts[`${destination} ${verdict}`] ?? 0) + count;
}
const figures = { seconds: Math.round(seconds * 10) / 10, rssMiB, longestTurnMs: Math.round(longestTurnMs) };
console.log(JSON.stringify({ leads: run.counts.leads, counts, shouldBe: shouldBe(path), ...figures }));
