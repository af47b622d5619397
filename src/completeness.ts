import { setTimeout as sleep } from "node:timers/promises";
import type { Options } from "./config/config.ts";
import { secretsOf } from "./config/secret-file.ts";
import type { GuardedFetch } from "./delivery/guarded-fetch.ts";
import type { Pacer } from "./delivery/pace.ts";
import { createCarefulPacer, createReadBack } from "./delivery/read-back.ts";
import { admitsTo } from "./delivery/resync-admission.ts";
import { createSharedPacer } from "./delivery/shared-pace.ts";
import { derivedKey } from "./intake/keyed-hash.ts";
import type { Ledger, ResyncRequest } from "./ledger/ledger.ts";
import type { Destination } from "./model/destination.ts";
import type { Log } from "./model/log.ts";
import { type CompletenessDuty, createCompleteness } from "./watch/completeness.ts";
import { createNightly } from "./watch/completeness-nightly.ts";
import { createReportKey, type ReportKey } from "./watch/report.ts";

/** The lanes of a gateway, as far as reading back has to mind them. */
type Lanes = { pacerOf(destination: string): Pacer | null; isBusy(destination: string): boolean };

type Parts = {
  ledger: Ledger;
  fetch: GuardedFetch;
  now(): number;
  log: Log;
  /** Null where a gateway may be at work in another process. */
  lanes: Lanes | null;
};

/** How long reading back waits at most for deliveries under way, before each question. */
const longestAsideMs = 2_000;
const lookAgainMs = 50;

/** The completeness proof, wired: what it asks, under whose pace, and giving way to whom. */
export function openCompleteness(
  { destinations }: Options,
  { ledger, fetch, now, log, lanes }: Parts,
): CompletenessDuty {
  const pacerOf = lanes ? ({ id }: Destination) => lanes.pacerOf(id) : pacersBeside(ledger);
  return createCompleteness({
    ledger,
    destinations,
    readBack: createReadBack({ fetch, pacerOf, now, log }),
    stepAside: async (destination, signal) => {
      for (let waited = 0; waited < longestAsideMs && lanes?.isBusy(destination); waited += lookAgainMs) {
        await sleep(lookAgainMs, undefined, { signal });
      }
    },
    wait: (ms, signal) => sleep(ms, undefined, { signal }),
    now,
    log,
  });
}

/** Verifies each night, in one of the gateways that share a ledger. */
export function openNightly(
  { verifyAt }: Options,
  { start, latest }: CompletenessDuty,
  { now, log }: Pick<Parts, "now" | "log">,
) {
  return createNightly({ at: verifyAt, start, latest, now, log });
}

/** What signs verification reports: another key than the secret's other uses have, the same on all machines. */
export function openReportKey(options: Options): ReportKey {
  return createReportKey(derivedKey(secretsOf(options)[0], "verification report"));
}

/** What resync asks of the configuration: whom a lead is for, and whether it may leave. `now`: epoch milliseconds. */
export function resyncOf(
  { forms }: Options,
  destination: Destination,
  now: number,
): Pick<ResyncRequest, "destination" | "kind" | "purpose" | "now" | "admits"> {
  const { id, kind, need } = destination;
  const goesThere = (form: string): boolean => forms?.get(form)?.destinations?.includes(id) ?? true;
  return { destination: id, kind, purpose: need.purpose, now, admits: admitsTo(destination, { goesThere, now }) };
}

/** Where machines share the pace it is the same here; a gateway on the same file is unseen, and is left most of it. */
function pacersBeside({ together }: Ledger): (destination: Destination) => Pacer | null {
  const pacers = new Map<string, Pacer>();
  const monotonic = (): number => performance.now();
  return ({ id, pace }) => {
    if (!pace) return null;
    const pacer =
      pacers.get(id) ??
      (together.machines === "several"
        ? createSharedPacer(pace, { together, destination: id, monotonic })
        : createCarefulPacer(pace, monotonic));
    pacers.set(id, pacer);
    return pacer;
  };
}
