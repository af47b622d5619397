import type { Verification } from "../ledger/verifications.ts";
import { LeadkeepError, LedgerUnavailable } from "../model/errors.ts";
import { type Log, traceOf } from "../model/log.ts";
import type { Completeness, VerifyRequest } from "./completeness.ts";

/** A time of day on this machine's clock. */
export type TimeOfDay = { hour: number; minute: number };

export type NightlyOptions = {
  /** Null: never. */
  at: TimeOfDay | null;
  start(request: VerifyRequest): Promise<Verification>;
  latest(): Promise<Completeness>;
  /** Epoch milliseconds. */
  now(): number;
  log: Log;
};

const hourMs = 3_600_000;
/** A start has other things to do first than to go on with what broke off. */
const resumeAfterMs = 300_000;
/** Clocks may be set: the time is looked at again at least this often. */
const longestSleepMs = hourMs;
const actor = { type: "machine", name: "nightly verification" } as const;

/** When it is that time of day next, on this machine's clock; where the clock skips it, as soon after as there is a time. */
export function nextAt({ hour, minute }: TimeOfDay, now: number): number {
  const next = new Date(now);
  next.setHours(hour, minute, 0, 0);
  if (next.getTime() <= now) {
    next.setDate(next.getDate() + 1);
    next.setHours(hour, minute, 0, 0);
  }
  return next.getTime();
}

/** Verifies everything each night. Whichever machine is first does it; the others see that it was done. */
export function createNightly({ at, start, latest, now, log }: NightlyOptions) {
  let timer: NodeJS.Timeout | undefined;
  let resumption: NodeJS.Timeout | undefined;

  async function run(due: number): Promise<void> {
    const { whole, underWay } = await latest();
    const begun = [whole, underWay].map((one) => one?.startedAt ?? 0);
    // Another machine's clock may be a little ahead.
    if (Math.max(...begun) > due - hourMs) return;
    await start({ actor });
  }

  async function resume(): Promise<void> {
    const { underWay } = await latest();
    if (!underWay) return;
    const { destination, since, until, repair, by } = underWay;
    await start({
      ...(destination === null ? {} : { destination }),
      ...(since === null ? {} : { since }),
      until,
      repair,
      actor: by,
    });
  }

  function unwatched(work: Promise<void>): void {
    work.catch((error) => {
      if (error instanceof LeadkeepError && error.code === "verify_under_way") return;
      if (error instanceof LedgerUnavailable) log.warn({}, "leads could not be verified; the next night tries again");
      else log.error({ error: traceOf(error) }, "leads could not be verified; the next night tries again");
    });
  }

  function sleep(time: TimeOfDay, due: number): void {
    timer = setTimeout(
      () => {
        if (now() >= due) unwatched(run(due));
        sleep(time, nextAt(time, now()));
      },
      Math.min(Math.max(0, due - now()), longestSleepMs),
    ).unref();
  }

  return {
    run,
    start(): void {
      resumption = setTimeout(() => unwatched(resume()), resumeAfterMs).unref();
      if (at) sleep(at, nextAt(at, now()));
    },
    stop(): void {
      clearTimeout(timer);
      clearTimeout(resumption);
    },
  };
}
