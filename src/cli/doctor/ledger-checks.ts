import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Options } from "../../config/config.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { CheckResult } from "../../model/destination.ts";
import { LeadkeepError } from "../../model/errors.ts";
import { duration } from "../output.ts";

const longMs = 15 * 60_000;
const tooLongMs = 24 * 3_600_000;

/** The ledger as far as it can be opened without making one. */
export async function openForLook<L extends Ledger>(
  options: Options,
  open: (options: Options) => Promise<L>,
): Promise<{ ledger: L | null; result: CheckResult }> {
  const what = "ledger";
  if (options.databaseUrl === null && !existsSync(join(options.dataFolder, "ledger.db"))) {
    return { ledger: null, result: { what, result: "ok", detail: "there is none yet: it is made on first start" } };
  }
  let ledger: L | null = null;
  try {
    ledger = await open(options);
    await ledger.checkWritable();
    const kind = options.databaseUrl === null ? "the embedded one" : "Postgres";
    return { ledger, result: { what, result: "ok", detail: `${kind} takes writes` } };
  } catch (error) {
    if (!(error instanceof LeadkeepError)) throw error;
    const cure = "Until then submissions are answered with 503 and nothing is lost: visitors' browsers try again.";
    return { ledger, result: { what, result: "problem", detail: error.message, cure } };
  }
}

/** How long leads wait, by destination; what is paused, dead, or meant for nobody any more. */
export async function checkQueue(
  ledger: Pick<Ledger, "counts" | "pauses" | "deadLetters" | "backlog">,
  { destinations }: Pick<Options, "destinations">,
  now: number,
): Promise<CheckResult[]> {
  const [counts, pauses, dead, backlog] = await Promise.all([
    ledger.counts(),
    ledger.pauses(),
    ledger.deadLetters(),
    ledger.backlog(),
  ]);
  const paused = new Set(pauses.map(({ destination }) => destination));
  const known = new Set(destinations.map(({ id }) => id));
  const results: CheckResult[] = pauses.map(({ destination, reason, by, since }) => {
    const detail = `${destination} is paused for ${duration(now - since)}: ${reason.message}`;
    const cure = `See to it, then: leadkeep resume ${destination}`;
    return { what: "pause", result: by === "machine" ? "problem" : "warning", detail, cure };
  });
  for (const { destination, oldestWaiting } of counts) {
    if (oldestWaiting === null || paused.has(destination) || !known.has(destination)) continue;
    const waits = now - oldestWaiting;
    if (waits < longMs) continue;
    const detail = `a lead waits for ${destination} for ${duration(waits)}`;
    const cure = `See why: leadkeep leads --delivery pending --destination ${destination}`;
    results.push({ what: "queue", result: waits < tooLongMs ? "warning" : "problem", detail, cure });
  }
  for (const { destination, reason, count } of dead) {
    const detail = `${count} dead letter(s) at ${destination}: ${reason.message}`;
    const cure = `When the cause is mended: leadkeep replay --dead --destination ${destination}`;
    results.push({ what: "dead letters", result: "warning", detail, cure });
  }
  for (const { destination, state, count } of backlog) {
    if (known.has(destination) || state !== "pending") continue;
    const detail = `${count} delivery(ies) wait for ${destination}, which is not configured`;
    results.push({
      what: "queue",
      result: "problem",
      detail,
      cure: "Configure it again, or cancel them in the console.",
    });
  }
  return results.length > 0 ? results : [{ what: "queue", result: "ok", detail: "no lead waits for long" }];
}

/** Since when the longest waiting delivery that nothing holds back could have been attempted; null when there is none. */
export async function dueSince(
  ledger: Pick<Ledger, "nextDue" | "pauses">,
  { destinations }: Pick<Options, "destinations">,
): Promise<number | null> {
  const paused = new Set((await ledger.pauses()).map(({ destination }) => destination));
  const due = await Promise.all(destinations.filter(({ id }) => !paused.has(id)).map(({ id }) => ledger.nextDue(id)));
  const times = due.filter((at) => at !== null);
  return times.length > 0 ? Math.min(...times) : null;
}
