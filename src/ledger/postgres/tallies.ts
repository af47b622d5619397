import type { AttemptTally, LeadTally } from "../ledger.ts";
import { hourOf } from "../tally-keys.ts";
import type { Transaction } from "./database.ts";

/** How many leads came, hour by hour. */
export function leadTallies(tx: Transaction, since: number): Promise<LeadTally[]> {
  return tx.query(
    `SELECT hour, form, source, SUM(count) AS count FROM lead_tallies WHERE hour >= $1
     GROUP BY hour, form, source ORDER BY hour`,
    [hourOf(since)],
  );
}

/** What became of attempts, hour by hour. */
export function attemptTallies(tx: Transaction, since: number): Promise<AttemptTally[]> {
  return tx.query(
    `SELECT hour, destination, outcome, NULLIF(wait, 0) AS wait, SUM(count) AS count, SUM(duration_ms) AS "durationMs"
     FROM attempt_tallies WHERE hour >= $1 GROUP BY hour, destination, outcome, wait ORDER BY hour`,
    [hourOf(since)],
  );
}
