import type { AttemptRef, Claim } from "../ledger/ledger.ts";
import type { BatchEntry, Destination, Fetch, Finding, PersonLinks } from "../model/destination.ts";
import { type DeliveryId, deliveryIdOf } from "../model/id.ts";
import type { Json } from "../model/json.ts";
import { type Log, traceOf } from "../model/log.ts";
import { NetworkError, outcomeOfNetworkError } from "../model/network-error.ts";
import { type Outcome, outcome as outcomeSchema, type Reason } from "../model/outcome.ts";
import { startAttemptClock } from "./attempt-clock.ts";
import type { GuardedFetch } from "./guarded-fetch.ts";
import type { Pacer } from "./pace.ts";
import { pacedFetch, type Way } from "./paced-fetch.ts";
import type { StillMine } from "./turn.ts";

export type AttemptContext = {
  fetch: GuardedFetch;
  /** Every request of a paced destination waits for its turn; null when it has no pace. */
  pacer: Pacer | null;
  /** Asked before every request of a lane that has one writer. @default null */
  stillMine?: StillMine | null;
  saveProgress(attempt: AttemptRef, progress: Json): Promise<boolean>;
  links: PersonLinks;
  now(): number;
  log: Log;
};

/** What came of one claimed delivery. `uncertain`: it, or an earlier attempt, may have arrived unseen. */
export type Attempted = { claim: Claim; outcome: Outcome; uncertain: boolean };

/**
 * What is known of the requests made in one attempt, to judge what a time-out or a crash in its code means. One for the whole
 * batch: a kind that sends several leads in one request does so with any one's `fetch`.
 */
type Trace = { used: boolean; sent: boolean };

/** After the signal, well-behaved code gets this long to say what it knows. */
const graceMs = 100;

/**
 * Tries a batch of claimed deliveries once: asks about those that may have arrived, sends the others, and answers one
 * outcome for each, whatever the destination's code does: throw, hang, ignore its signal, or forget one.
 */
export async function attempt(
  claims: readonly Claim[],
  destination: Destination,
  context: AttemptContext,
): Promise<Attempted[]> {
  const timeout = new AbortController();
  const clock = startAttemptClock(destination.timeoutMs, () => timeout.abort());
  const trace: Trace = { used: false, sent: false };
  const { fetch, pacer, stillMine = null } = context;
  const way = { fetch, pacer, stillMine, clock, signal: timeout.signal };
  const entries = claims.map((claim) => prepare(claim, way, trace, context));
  const results = new Map<DeliveryId, Attempted>();
  const work = askAndSend(entries, destination, context.log, (prepared, outcome, cleared) => {
    results.set(prepared.claim.delivery.id, attempted(prepared, outcome, cleared));
  });
  try {
    const thrown = await Promise.race([work.then(noError, asError), afterAbort(timeout.signal)]);
    for (const prepared of entries) {
      const { id } = prepared.claim.delivery;
      if (results.has(id)) continue;
      if (thrown) logBug(thrown, id, destination, context.log);
      results.set(id, attempted(prepared, missingOutcome(thrown, prepared.trace), false));
    }
    if (thrown) timeout.abort();
  } finally {
    clock.stop();
  }
  return [...results.values()];
}

type Prepared = { claim: Claim; entry: BatchEntry; trace: Trace };
type Report = (prepared: Prepared, outcome: Outcome, cleared: boolean) => void;

function prepare(claim: Claim, way: Way, trace: Trace, context: AttemptContext): Prepared {
  const { delivery, lead } = claim;
  const { pacer, signal } = way;
  const paced = pacedFetch(way, () => {
    trace.sent = true;
  });
  const fetch: Fetch = (url, init) => {
    trace.used = true;
    return paced(url, init);
  };
  const save = async (progress: Json): Promise<void> => {
    const kept = await context.saveProgress({ deliveryId: delivery.id, n: delivery.attempts }, progress);
    if (!kept) throw new Error("the lease was lost to another worker");
  };
  const { id: deliveryId, event, purpose, attempts: attempt, progress, superseded, uncertain } = delivery;
  const correctPace = (remaining: number): void => pacer?.correct(remaining);
  const { now, links } = context;
  const known = { deliveryId, event, purpose, attempt, superseded, uncertain, progress };
  const entry = { lead, context: { ...known, links, signal, fetch, save, correctPace, now } };
  return { claim, entry, trace };
}

async function askAndSend(all: readonly Prepared[], destination: Destination, log: Log, report: Report): Promise<void> {
  const followUps = all.filter(({ claim }) => isTold(claim));
  const leads = all.filter(({ claim }) => !isTold(claim));
  await Promise.all([
    askAndSendLeads(leads, destination, report),
    ...followUps.map(async (prepared) => report(prepared, await told(prepared, destination, log), false)),
  ]);
}

/** Each for itself: what one of them throws is no verdict on the others. */
async function told(prepared: Prepared, destination: Destination, log: Log): Promise<Outcome> {
  try {
    return checked(await tell(prepared, destination));
  } catch (thrown) {
    const error = asError(thrown);
    logBug(error, prepared.claim.delivery.id, destination, log);
    return missingOutcome(error, prepared.trace);
  }
}

/** Word of a consent or an erasure; everything else is sent as a lead is. */
function isTold({ delivery }: Claim): boolean {
  return ["consent.granted", "consent.withdrawn", "lead.erased"].includes(delivery.event);
}

function tell({ claim, entry }: Prepared, { grant, withdraw, erase, byHand }: Destination): Promise<Outcome> {
  const { delivery, lead, about } = claim;
  const { ref = null, progress = null, uncertain = true } = about ?? {};
  const notice = { lead, purpose: delivery.purpose, ref };
  if (delivery.event === "consent.granted" && grant) return grant(notice, entry.context);
  if (delivery.event === "consent.withdrawn" && withdraw) return withdraw(notice, entry.context);
  const createdBy = deliveryIdOf(lead.id, delivery.destination);
  const copy = { leadId: lead.id, createdBy, ref, progress, uncertain, receivedAt: lead.receivedAt };
  if (delivery.event === "lead.erased" && erase) return erase(copy, entry.context);
  // It could be told when this was recorded; since then it has been configured otherwise.
  if (delivery.event === "consent.granted")
    return Promise.resolve({ type: "delivered", warnings: ["it is not told of later consents any more"] });
  const what = (delivery.event === "lead.erased" && byHand) || "it cannot be told by this program";
  return Promise.resolve({ type: "rejected", reason: { code: "by_hand", message: what } });
}

async function askAndSendLeads(all: readonly Prepared[], destination: Destination, report: Report): Promise<void> {
  const missing = new Set<Prepared>();
  const { find } = destination;
  if (find) {
    const unsure = all.filter(({ claim }) => claim.delivery.uncertain);
    await Promise.all(
      unsure.map(async (prepared) => {
        const answer = await ask(find, prepared);
        if (answer === null) missing.add(prepared);
        else report(prepared, answer, false);
      }),
    );
  }
  const toSend = all.filter((prepared) => !find || !prepared.claim.delivery.uncertain || missing.has(prepared));
  if (toSend.length === 0) return;
  const outcomes = await destination.deliver(toSend.map(({ entry }) => entry));
  for (const prepared of toSend) {
    const answered = outcomes.get(prepared.claim.delivery.id);
    if (answered === undefined) continue;
    report(prepared, checked(answered), missing.has(prepared));
  }
}

function checked(answered: Outcome): Outcome {
  const parsed = outcomeSchema.safeParse(answered);
  return parsed.success ? parsed.data : bug("the destination answered something that is not an outcome");
}

/** Null: it is not there, so send it. A look that failed is an outcome of its own, never "not there". */
async function ask(find: NonNullable<Destination["find"]>, { claim, entry }: Prepared): Promise<Outcome | null> {
  let finding: Finding;
  try {
    finding = await find(claim.lead, entry.context);
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
    finding = { type: "unknown", reason: { code: error.code, message: error.message } };
  }
  if (finding.type === "missing") return null;
  if (finding.type === "found")
    return { type: "delivered", ...(finding.ref === undefined ? {} : { ref: finding.ref }) };
  const { reason, waitMs } = finding;
  return { type: "retry", reason, ...(waitMs === undefined ? {} : { waitMs }) };
}

function attempted({ claim, trace }: Prepared, outcome: Outcome, cleared: boolean): Attempted {
  const before = claim.delivery.uncertain && !cleared;
  const crashedAfterSending = outcome.type === "retry" && outcome.reason.code === "bug" && trace.sent;
  return { claim, outcome, uncertain: outcome.type === "uncertain" || before || crashedAfterSending };
}

/** The outcome of a delivery its destination gave none for: it threw, ran out of time, or left it out. */
function missingOutcome(thrown: Error | null, trace: Trace): Outcome {
  if (thrown instanceof NetworkError) return outcomeOfNetworkError(thrown);
  if (thrown instanceof TimedOut) {
    // Code that keeps its requests to itself gets no benefit of the doubt.
    const maybeSent = trace.sent || !trace.used;
    return { type: maybeSent ? "uncertain" : "retry", reason: { code: "timed_out", message: "no answer in time" } };
  }
  if (thrown) return bug("the destination's code failed");
  return { type: "uncertain", reason: { code: "no_verdict", message: "the destination gave no verdict" } };
}

function bug(message: string): Outcome {
  return { type: "retry", reason: { code: "bug", message } satisfies Reason };
}

class TimedOut extends Error {}

function afterAbort(signal: AbortSignal): Promise<Error> {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => setTimeout(() => resolve(new TimedOut()), graceMs).unref(), { once: true });
  });
}

function noError(): null {
  return null;
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

function logBug(thrown: Error, deliveryId: DeliveryId, destination: Destination, log: Log): void {
  if (thrown instanceof NetworkError || thrown instanceof TimedOut) return;
  log.error(
    { delivery: deliveryId, destination: destination.id, error: traceOf(thrown) },
    "the destination's code failed",
  );
}
