import type { Standing } from "../ledger/verifications.ts";
import type { Delivered, Presence } from "../model/destination.ts";
import type { Verdict, VerdictTally } from "../model/verdict.ts";

/** A verdict and, where there is one, the code of its reason. */
export type Judged = { verdict: Verdict; code: string | null };

/** So many different reasons are told apart for each verdict; codes may come from users' own destinations. */
const mostCodes = 40;
/** What another machine's clock, or this one's before it was set back, may have been ahead. */
const longestAheadMs = 86_400_000;

/**
 * What the record alone says of a lead at a destination. Null: it is on record as delivered, and the destination has to be asked.
 * `canAsk`: whether it can be asked. `marginMs`: how young a delivery is not looked for yet.
 */
export function judge(
  { leadState, delivery }: Standing,
  { canAsk, now, marginMs }: { canAsk: boolean; now: number; marginMs: number },
): Judged | null {
  if (delivery === null) return { verdict: "never", code: null };
  if (leadState === "erased") return { verdict: "erased", code: null };
  const { state, code, deliveredAt } = delivery;
  if (state === "pending" || state === "claimed") return { verdict: "waiting", code };
  if (state !== "delivered") return { verdict: state, code };
  // Held back as spam after all: whether it is there is not asked of anybody.
  if (leadState === "quarantined") return { verdict: "withheld", code: "quarantined" };
  if (!canAsk) return { verdict: "believed", code: null };
  const ageMs = deliveredAt === null ? Number.POSITIVE_INFINITY : now - deliveredAt;
  return ageMs < marginMs && ageMs > -longestAheadMs ? { verdict: "recent", code: null } : null;
}

/** What a destination's answer makes of it. */
export function judgePresence(presence: Presence): Judged {
  if (presence.type === "seen") return { verdict: "seen", code: presence.as === undefined ? null : "under_another_id" };
  if (presence.type === "missing") return { verdict: "missing", code: null };
  return { verdict: "unknown", code: presence.reason.code };
}

/** A delivery that is looked for, and what is known of it: no more, for many of them are held at a time. */
export type Asked = { delivered: Delivered; attempts: number; wasMissing: boolean };

/** What is asked of a destination about a lead it is said to have. The lead is read when it is looked at, if it can be. */
export function toAsk(standing: Standing, withLeads: boolean): Asked | null {
  const { leadId, receivedAt, delivery } = standing;
  if (delivery === null) return null;
  const { id: deliveryId, ref, attempts, missing: wasMissing } = delivery;
  const known = { deliveryId, leadId, ref, receivedAt };
  return { delivered: withLeads ? new DeliveredLead(known, standing) : new DeliveredId(known), attempts, wasMissing };
}

class DeliveredId {
  readonly deliveryId: Delivered["deliveryId"];
  readonly leadId: Delivered["leadId"];
  readonly ref: string | null;
  readonly receivedAt: number;

  constructor({ deliveryId, leadId, ref, receivedAt }: Omit<Delivered, "lead">) {
    this.deliveryId = deliveryId;
    this.leadId = leadId;
    this.ref = ref;
    this.receivedAt = receivedAt;
  }

  get lead(): Delivered["lead"] {
    throw new RangeError(`the lead ${this.leadId} was not read: its destination reads back by ids`);
  }
}

class DeliveredLead extends DeliveredId {
  readonly #standing: Standing;
  #lead: Delivered["lead"] | null = null;

  constructor(known: Omit<Delivered, "lead">, standing: Standing) {
    super(known);
    this.#standing = standing;
  }

  override get lead(): Delivered["lead"] {
    this.#lead ??= this.#standing.lead();
    return this.#lead;
  }
}

/** Sums up verdicts, going on from `before`. */
export function createTallies(before: readonly VerdictTally[]) {
  const counts = new Map<string, VerdictTally>();
  const codes = new Map<string, Set<string>>();
  for (const tally of before) add(tally.destination, tally, tally.count);

  function add(destination: string, { verdict, code }: Judged, count = 1): void {
    const place = `${destination} ${verdict}`;
    const known = codes.get(place) ?? new Set<string>();
    codes.set(place, known);
    const told = code === null || known.has(code) || known.size < mostCodes ? code : "other";
    if (told !== null) known.add(told);
    const tally = counts.get(`${place} ${told ?? ""}`) ?? { destination, verdict, code: told, count: 0 };
    tally.count += count;
    counts.set(`${place} ${told ?? ""}`, tally);
  }

  return { add, list: (): VerdictTally[] => [...counts.values()].map((tally) => ({ ...tally })) };
}
