import * as fc from "fast-check";
import { settle } from "../../../src/delivery/settle.ts";
import { troubleOf } from "../../../src/destinations/google-sheets/trouble.ts";
import { verdict as hubspotVerdict } from "../../../src/destinations/hubspot/errors.ts";
import { outcomeOfSmtpError } from "../../../src/destinations/mail/smtp-outcome.ts";
import { verdict as pipedriveVerdict } from "../../../src/destinations/pipedrive/errors.ts";
import { outcomeOf } from "../../../src/destinations/shared/outcome-of.ts";
import { retryAfterMs } from "../../../src/destinations/shared/retry-after.ts";
import { type Outcome, outcome as outcomeSchema } from "../../../src/model/outcome.ts";
import { defaultSchedule, longestWaitMs, parseDuration, parseSchedule } from "../../../src/model/schedule.ts";
import { mutatedText } from "../bytes.ts";
import { corpus } from "../corpus.ts";
import type { Target } from "../target.ts";

type Input = { header: string; names: string[]; status: number; body: string; now: number };

const limitHeaders = [
  "retry-after",
  "x-ratelimit-reset",
  "x-ratelimit-remaining",
  "x-daily-ratelimit-token-remaining",
  "x-hubspot-ratelimit-remaining",
];
const jitterAtMost = 1.25;

/** Every way a header or a reply says how long to wait, up to when the delivery is due again. */
export async function openRetryAfter(): Promise<Target<Input>> {
  const seeds = corpus("retry-after");
  const figures = { waits: 0, none: 0 };
  return {
    input: fc.record({
      header: mutatedText(seeds.map(String)),
      names: fc.subarray(limitHeaders, { minLength: 1 }),
      status: fc.constantFrom(200, 302, 400, 401, 403, 408, 423, 429, 477, 500, 502, 503, 599),
      body: mutatedText([
        '{"message":"You have reached your secondly limit","category":"RATE_LIMITS"}',
        "",
        "error code: 1015",
      ]),
      now: fc.constantFrom(0, 1_795_000_000_000, 4_102_444_799_999),
    }),
    async check({ header, names, status, body, now }) {
      const wait = retryAfterMs(header, now);
      if (wait !== undefined && !(Number.isFinite(wait) && wait >= 0)) throw new Error(`a wait of ${wait}`);
      figures[wait === undefined ? "none" : "waits"] += 1;
      const response = new Response(body, { status, headers: headersOf(names, header) });
      const kinds: Outcome[] = [outcomeOf(response, now), troubleOf(response, body, now)];
      if (status > 299) {
        const answer = { response, status, ok: false, body: jsonOf(body) };
        kinds.push(pipedriveVerdict(response, body, now), hubspotVerdict(answer, now));
      }
      kinds.push(outcomeOfSmtpError({ responseCode: status, response: header, command: body.slice(0, 12) }, false));
      for (const outcome of kinds) assertSettles(outcome, now);
      assertParses(header);
    },
    figures: () => ({ ...figures }),
    close: async () => {},
  };
}

function headersOf(names: readonly string[], value: string): Headers {
  const headers = new Headers();
  for (const name of names) {
    try {
      headers.set(name, value);
    } catch {
      // No server could have sent it.
    }
  }
  return headers;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whatever was asked for, the delivery is due at a time there is, no later than a day and the schedule allow. */
function assertSettles(outcome: Outcome, now: number): void {
  const known = outcomeSchema.parse(outcome);
  const next = settle(known, {
    delivery: { tries: 3, firstTryAt: now },
    schedule: defaultSchedule,
    uncertain: false,
    now,
    random: 0.999,
  });
  if (next.state !== "pending") return;
  const most = now + Math.max(longestWaitMs, 86_400_000 * jitterAtMost);
  if (!(next.dueAt >= now && next.dueAt <= most)) throw new Error(`due at ${next.dueAt}, asked at ${now}`);
}

function assertParses(text: string): void {
  for (const parse of [parseDuration, parseSchedule]) {
    try {
      const waits = [parse(text)].flat();
      if (!waits.every((ms) => Number.isFinite(ms) && ms >= 0)) throw new Error(`waits of ${waits}`);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
}
