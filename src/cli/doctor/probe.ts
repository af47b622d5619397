import type { LeadRecord, Ledger } from "../../ledger/ledger.ts";
import type { CheckResult, Destination } from "../../model/destination.ts";
import type { Lead } from "../../model/lead.ts";
import { testLead } from "../../model/test-lead.ts";
import { duration } from "../output.ts";
import { commandActor } from "../with-ledger.ts";

export type ProbeOptions = {
  destinations: readonly Destination[];
  ledger: Ledger;
  /** The address the lead bears; null: one that nobody reads. */
  address: string | null;
  /** Has due deliveries attempted; called again and again while there is no verdict. Null: a gateway at work does it. */
  deliver: (() => Promise<unknown>) | null;
  /** Longest wait for verdicts. */
  patienceMs: number;
  /** How many have one, and who has not. */
  progress(done: number, of: number, waiting: readonly string[]): void;
  now(): number;
  sleep(ms: number): Promise<void>;
};

export type Probed = { lead: Lead; results: (CheckResult & { destination: string })[] };
type Delivery = LeadRecord["deliveries"][number];

const lookEveryMs = 200;

/**
 * Sends one marked, invented lead to the destinations by the way every lead goes: through the ledger, and then whatever lanes
 * there are. Resolves when each has a verdict, or the patience is at its end.
 */
export async function probe(options: ProbeOptions): Promise<Probed> {
  const { destinations, ledger, address, deliver, patienceMs, now } = options;
  const lead = probeLead(destinations, address, now());
  const meant = destinations.filter((one) => isMeant(one, lead, address));
  const deliveries = meant.map(({ id, kind, need }) => ({
    destination: id,
    kind,
    purpose: need.purpose,
    state: "pending" as const,
    reason: null,
  }));
  await ledger.accept({ lead, deliveries, key: null });
  await ledger.recordAct({ at: now(), actor: commandActor, act: "send probe", subject: lead.id });
  const deadline = now() + patienceMs;
  let found: readonly Delivery[] = [];
  for (;;) {
    await deliver?.();
    found = (await ledger.findLead(lead.id))?.deliveries ?? [];
    const waiting = found.filter((delivery) => !hasVerdict(delivery, deadline));
    options.progress(
      found.length - waiting.length,
      found.length,
      waiting.map(({ destination }) => destination),
    );
    if (waiting.length === 0 || now() >= deadline) break;
    await options.sleep(lookEveryMs);
  }
  const results = found.map((delivery) => ({
    destination: delivery.destination,
    ...verdictOf(
      delivery,
      lead.receivedAt,
      destinations.find(({ id }) => id === delivery.destination),
    ),
  }));
  const left = destinations.filter((one) => !meant.includes(one));
  return { lead, results: [...results, ...left.map(leftOut)] };
}

/** What is to be known before and after: where such a lead can be taken back from here, and where only by hand. */
export function whatStays(destinations: readonly Destination[], address: string | null): string[] {
  const lead = probeLead(destinations, address, 0);
  const meant = destinations.filter((one) => isMeant(one, lead, address));
  // A mail that is with the person stays there, whatever its destination answers to an erasure.
  const isUndone = ({ erase, oncePerPersonMs }: Destination): boolean => erase !== null && oncePerPersonMs === null;
  const undone = meant.filter(isUndone).map(({ id }) => id);
  const stays = meant.filter((one) => !isUndone(one));
  return [
    ...(undone.length > 0 ? [`Can be taken back (${undone.join(", ")}): leadkeep erase ${lead.email}`] : []),
    ...stays.map(
      ({ id, byHand }) => `CANNOT be undone from here: ${id}. ${byHand ?? "What it did with the lead is done."}`,
    ),
  ];
}

/** One lead for all: it bears a consent for every purpose they have. */
function probeLead(destinations: readonly Destination[], address: string | null, now: number): Lead {
  const [first] = destinations;
  const leads = destinations.map((destination) => testLead(destination, address, now));
  if (!first || !leads[0]) throw new RangeError("a probe needs a destination");
  const consents = new Map(leads.flatMap((lead) => lead.consents).map((consent) => [consent.purpose, consent]));
  return { ...leads[0], consents: [...consents.values()] };
}

/** Who writes to the person gets a lead only with an address somebody reads. */
function isMeant(destination: Destination, lead: Lead, address: string | null): boolean {
  return destination.wants(lead) && (address !== null || destination.oncePerPersonMs === null);
}

function leftOut({ id, oncePerPersonMs }: Destination): CheckResult & { destination: string } {
  const detail =
    oncePerPersonMs === null
      ? "is not for such a lead"
      : "writes to the person: name an address that is read with --send-to";
  return { destination: id, what: "probe", result: "ok", detail };
}

/** A next try after the deadline is a verdict too: not now. */
function hasVerdict({ state, attempts, dueAt }: Delivery, deadline: number): boolean {
  if (state === "pending") return attempts > 0 && dueAt !== null && dueAt > deadline;
  return state !== "claimed";
}

function verdictOf(delivery: Delivery, sentAt: number, destination: Destination | undefined): CheckResult {
  const what = "probe";
  const { state, reason, ref, history, warnings } = delivery;
  const why = reason === null ? "" : `: ${reason.message}`;
  if (state === "delivered") {
    const last = history.at(-1);
    const took = last ? duration(last.startedAt + (last.durationMs ?? 0) - sentAt) : "a moment";
    const link = ref ? (destination?.linkTo?.(ref) ?? ref) : null;
    const detail = `arrived after ${took}${link ? `, see ${link}` : ""}`;
    if (warnings.length === 0) return { what, result: "ok", detail };
    return { what, result: "warning", detail, cure: warnings.join("; ") };
  }
  const show = `leadkeep show ${delivery.leadId}`;
  if (state === "pending" || state === "claimed") {
    const detail = history.length > 0 ? `has not arrived yet${why}` : `has not been tried yet${why}`;
    const cure =
      history.length > 0 ? `It is tried again: ${show}` : `See whether it is paused: leadkeep doctor; then ${show}`;
    return { what, result: "problem", detail, cure };
  }
  return { what, result: "problem", detail: `${state}${why}`, cure: `See: ${show}` };
}
