import type { CaptchaCheck, Ledger } from "../../ledger/ledger.ts";
import type { Fetch } from "../../model/destination.ts";
import { LedgerUnavailable } from "../../model/errors.ts";
import type { Form, FormScreens } from "../../model/form.ts";
import { type Screening, withReason } from "../../model/lead.ts";
import { type Log, traceOf } from "../../model/log.ts";
import {
  type CaptchaVerdict,
  captchaQuestion,
  captchaUnavailable,
  captchaVerdict,
  providers,
  type RemoteCaptcha,
} from "./captcha.ts";

export type CaptchaDutyOptions = {
  ledger: Pick<Ledger, "takeCaptchaChecks" | "putOffCaptchaCheck" | "settleCaptchaCheck">;
  /** Null when there is no such form any more. */
  findForm(id: string): Form | null;
  fetch: Fetch;
  /** Epoch milliseconds. */
  now(): number;
  log: Log;
};

const atOnce = 20;
const leaseMs = 15_000;
const patienceMs = 5_000;
const longestWaitMs = 30_000;
/** For what another machine, or an earlier gateway, took and did not finish. */
const lookEveryMs = 5_000;
const machine = { type: "machine", name: "captcha" } as const;

/**
 * Asks captcha providers about tokens after their leads are on record, so that no visitor waits for one. What passed goes on at
 * once; what did not, or could not be asked about while the token was good, stays in quarantine. Tokens are on record until then:
 * a restart asks again.
 */
export function createCaptchaDuty({ ledger, findForm, fetch, now, log }: CaptchaDutyOptions) {
  let running: Promise<void> | null = null;
  let again = false;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  /** When the next run is to begin; null when none is set. One timer does for all that wait: thousands do while a provider is away. */
  let nextAt: number | null = null;

  /** Asks about all that is due. Calls that overlap share one run. */
  function run(): Promise<void> {
    again = running !== null;
    running ??= runAll().finally(() => {
      running = null;
      if (again && !stopped) wake();
    });
    return running;
  }

  async function runAll(): Promise<void> {
    for (;;) {
      const at = now();
      const checks = await ledger.takeCaptchaChecks({ now: at, leaseUntil: at + leaseMs, limit: atOnce });
      await Promise.all(checks.map(checkOne));
      if (checks.length < atOnce || stopped) return;
    }
  }

  async function checkOne(check: CaptchaCheck): Promise<void> {
    const { lead, tries } = check;
    const form = findForm(lead.form);
    const screens = form?.screens ?? null;
    const captcha = screens?.captcha ?? null;
    const { awaiting: _, ...known } = lead.screening ?? { score: 0, reasons: [] };
    // Configured otherwise since: nobody can be asked, and a person judges.
    const verdict = captcha && isRemote(captcha) ? await ask(captcha, form?.origins ?? [], check) : null;
    if (verdict?.type === "passed") {
      const release = known.score < (screens?.quarantineAt ?? 0);
      await settle(check, known.reasons.length > 0 ? known : null, release);
    } else if (verdict?.type === "failed") {
      await settle(check, withReason(known, verdict.reason), false);
    } else {
      const waitMs = Math.min(longestWaitMs, 1_000 * 2 ** tries);
      const goodUntil = captcha && isRemote(captcha) ? lead.receivedAt + providers[captcha.type].lifetimeMs : 0;
      if (now() + waitMs >= goodUntil) await settle(check, withReason(known, captchaUnavailable), false);
      else {
        await ledger.putOffCaptchaCheck(lead.id, now() + waitMs);
        wake(waitMs);
      }
    }
  }

  async function settle({ lead }: CaptchaCheck, screening: Screening | null, release: boolean): Promise<void> {
    await ledger.settleCaptchaCheck(lead.id, { screening, release }, { now: now(), actor: machine });
  }

  async function ask(
    captcha: RemoteCaptcha,
    origins: readonly string[],
    { lead, token }: CaptchaCheck,
  ): Promise<CaptchaVerdict> {
    try {
      const response = await fetch(captcha.url, {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: captchaQuestion(captcha, token, lead.id.slice("lead_".length)),
        signal: AbortSignal.timeout(patienceMs),
      });
      const verdict = captchaVerdict(captcha, response.status, await response.json().catch(() => null), origins);
      if (verdict.type === "unknown" && verdict.cause === "misconfigured") {
        log.error(
          { captcha: captcha.type, status: response.status },
          "the captcha's provider does not accept the secret",
        );
      }
      return verdict;
    } catch {
      log.warn({ captcha: captcha.type }, "the captcha's provider could not be asked; leads wait in quarantine");
      return { type: "unknown", cause: "down" };
    }
  }

  function wake(inMs = 0): void {
    const at = now() + inMs;
    if (stopped || (nextAt !== null && nextAt <= at)) return;
    nextAt = at;
    setTimeout(() => {
      nextAt = null;
      if (stopped) return;
      run().catch((error) => {
        if (error instanceof LedgerUnavailable) log.warn({}, "captchas cannot be checked; the ledger is not available");
        else log.error({ error: traceOf(error) }, "captchas could not be checked; they are tried again");
      });
    }, inMs).unref();
  }

  return {
    run,
    /** Something is due, or will be. */
    wake,
    /** From now on, also for what was left when the last gateway ended. */
    start(): void {
      wake();
      timer = setInterval(wake, lookEveryMs, 0).unref();
    },
    /** Resolves when what is under way has ended. */
    async stop(): Promise<void> {
      stopped = true;
      clearInterval(timer);
      await running?.catch(() => {});
    },
  };
}

function isRemote(captcha: NonNullable<FormScreens["captcha"]>): captcha is RemoteCaptcha {
  return captcha.type !== "altcha";
}
