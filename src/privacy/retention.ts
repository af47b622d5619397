import { randomUUID } from "node:crypto";
import type { Actor, Expiry, Ledger } from "../ledger/ledger.ts";
import type { DeliveryState } from "../model/delivery.ts";
import { LedgerUnavailable } from "../model/errors.ts";
import type { LeadId } from "../model/id.ts";
import { type Log, traceOf } from "../model/log.ts";
import { type Period, periodStart, type RetentionRules } from "../model/retention.ts";

export type RetentionOptions = {
  ledger: Ledger;
  rules: RetentionRules;
  log: Log;
  /** Epoch milliseconds. */
  now(): number;
  /** Resolves after so many milliseconds. */
  wait(ms: number): Promise<void>;
};

/** What retention ends of one form: whole leads, suspected spam, or the attempts of deliveries that are over. */
export type RetentionRow = {
  form: string;
  what: "leads" | "quarantine" | "attempts";
  /** Epoch milliseconds. */
  before: number;
  /** Leads, or attempts. */
  count: number;
};

/** The same with how many of the leads have a delivery that waits or is a dead letter, and end with it. */
export type PlannedRetention = RetentionRow & { unfinished: number };

/** Ended in one transaction, so that submissions wait for no more than that. */
const stepSize = 500;
const pauseMs = 20;
const everyMs = 86_400_000;
/** A start has other things to do first. */
const firstAfterMs = 300_000;
/** Of several machines one runs it at a time, and loses the role when it has done no step for so long. */
const role = "retention";
const roleMs = 600_000;
const unfinishedStates = ["pending", "claimed", "dead"] as const satisfies readonly DeliveryState[];
const machine: Actor = { type: "machine", name: "retention" };

export type RetentionDuty = ReturnType<typeof createRetention>;

/**
 * Ends what has been kept long enough. Tombstones of erased people stay: they hold nothing of them, and what is still to be
 * erased elsewhere hangs on them.
 */
export function createRetention({ ledger, rules, log, now, wait }: RetentionOptions) {
  const holder = randomUUID();
  let timer: NodeJS.Timeout | undefined;
  let stopping = false;
  let running: Promise<unknown> = Promise.resolve();

  /** What is due by the rules, form by form; also for forms that are not configured any more. */
  async function due(): Promise<Omit<RetentionRow, "count">[]> {
    const at = now();
    const forms = (await ledger.forms()).map(({ form }) => form).sort();
    return forms.flatMap((form) => {
      const { leads, quarantine, attempts } = rules.forms.get(form) ?? rules.byDefault;
      const periods: [RetentionRow["what"], Period | null][] = [
        ["leads", leads],
        ["quarantine", quarantine],
        ["attempts", attempts],
      ];
      return periods.flatMap(([what, period]) => (period ? [{ form, what, before: periodStart(period, at) }] : []));
    });
  }

  async function plan(): Promise<PlannedRetention[]> {
    const rows: PlannedRetention[] = [];
    for (const one of await due()) {
      const count = await ledger.countExpired(expiryOf(one));
      const unfinished = one.what === "leads" && count > 0 ? await countUnfinished(one) : 0;
      rows.push({ ...one, count, unfinished });
    }
    return rows;
  }

  async function countUnfinished({ form, before }: Pick<RetentionRow, "form" | "before">): Promise<number> {
    const leads = new Set<LeadId>();
    for (const deliveryState of unfinishedStates) {
      for await (const { lead } of ledger.listLeads({ form, state: "active", until: before, deliveryState })) {
        leads.add(lead.id);
      }
    }
    return leads.size;
  }

  /**
   * In small steps with pauses, so that intake goes on meanwhile. `limit`: what one step ends at most. `mayGoOn`: asked before
   * each step.
   */
  async function run({
    limit = stepSize,
    actor = machine,
    mayGoOn = async () => true,
  }: {
    limit?: number;
    actor?: Actor;
    mayGoOn?(): Promise<boolean>;
  } = {}): Promise<RetentionRow[]> {
    const rows: RetentionRow[] = [];
    for (const one of await due()) {
      const count = await end(expiryOf(one), limit, actor, mayGoOn);
      rows.push({ ...one, count });
      if (count > 0) log.info({ form: one.form, what: one.what, count }, "ended by retention");
    }
    if (!stopping && (await mayGoOn())) await ledger.scrub();
    return rows;
  }

  async function end(expiry: Expiry, limit: number, actor: Actor, mayGoOn: () => Promise<boolean>): Promise<number> {
    let count = 0;
    while (!stopping && (await mayGoOn())) {
      const ended = await ledger.expire(expiry, { limit, now: now(), actor });
      count += ended;
      if (ended === 0) break;
      await wait(pauseMs);
    }
    return count;
  }

  /** Runs it in the role only one machine has at a time. False when another is at it: then nothing is left to do here. */
  async function runInRole(): Promise<boolean> {
    const { together } = ledger;
    const lease = await together.lease(role, { holder, forMs: roleMs });
    if (!lease) return false;
    const mayGoOn = async () => (await together.lease(role, { holder, forMs: roleMs }))?.n === lease.n;
    await run({ mayGoOn });
    await together.release(lease);
    return true;
  }

  function runIn(ms: number): void {
    timer = setTimeout(() => {
      running = runInRole()
        .catch((error) => {
          if (error instanceof LedgerUnavailable)
            log.warn({}, "retention could not be run; it is tried again tomorrow");
          else log.error({ error: traceOf(error) }, "retention broke off; it is tried again tomorrow");
        })
        .then(() => {
          if (!stopping) runIn(everyMs);
        });
    }, ms).unref();
  }

  return {
    plan,
    run,
    runInRole,
    /** Runs some minutes from now, and daily after that. */
    start: (): void => runIn(firstAfterMs),
    /** Resolves when the step under way is done. */
    async stop(): Promise<void> {
      stopping = true;
      clearTimeout(timer);
      await running;
    },
  };
}

function expiryOf({ form, what, before }: Omit<RetentionRow, "count">): Expiry {
  if (what === "attempts") return { what, form, before };
  return { what: "leads", form, state: what === "leads" ? "active" : "quarantined", before };
}
