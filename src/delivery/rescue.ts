import type { Claim, Entry, Ledger } from "../ledger/ledger.ts";
import { gate } from "../model/consent.ts";
import type { Destination } from "../model/destination.ts";
import { deliveryIdOf, type LeadId } from "../model/id.ts";
import { traceOf } from "../model/log.ts";
import { type AttemptContext, attempt } from "./attempt.ts";
import { redactIfNeeded } from "./redact-if-needed.ts";

export type RescueOptions = Omit<AttemptContext, "pacer" | "saveProgress"> & {
  ledger: Pick<Ledger, "accept">;
  destinations: readonly Destination[];
  /** Called when a lead a backup has taken is on record at last. */
  recorded(): void;
};

/** Longest a visitor waits for a backup to take the lead. */
const patienceMs = 8_000;
/** Leads held for the ledger at most; beyond that the honest answer is 503. */
const mostHeld = 1_000;
const tryAgainMs = 1_000;

/**
 * Takes leads while the ledger cannot be written: a backup destination (a sheet, a mail to the team) is handed the lead inside
 * the request. When one confirmed, the lead counts as kept, and is put on record as soon as the ledger takes writes again,
 * where the backup's delivery is marked as one that may have arrived.
 */
export function createRescue({ ledger, destinations, ...context }: RescueOptions) {
  const backups = destinations.filter(({ backup }) => backup);
  const held: { entry: Entry; taken: boolean }[] = [];
  let timer: NodeJS.Timeout | undefined;

  /** Resolves to the lead's id when a backup has it; null when none has: then the visitor must not be thanked. */
  async function rescue(entry: Entry): Promise<LeadId | null> {
    const repeated = held.find(
      (one) => entry.key !== null && one.entry.key === entry.key && one.entry.lead.form === entry.lead.form,
    );
    if (repeated) return repeated.taken ? repeated.entry.lead.id : null;
    const asked = backups.filter(
      ({ id, need }) => isWanted(entry, id) && gate(need, entry.lead.consents).type === "open",
    );
    if (asked.length === 0 || held.length >= mostHeld) return null;
    const one = { entry: markAsked(entry, asked), taken: false };
    held.push(one);
    const answers = asked.map((destination) => hand(entry, destination));
    one.taken = await Promise.any(answers).then(
      () => true,
      () => false,
    );
    if (!one.taken) held.splice(held.indexOf(one), 1);
    else putOnRecordLater();
    return one.taken ? entry.lead.id : null;
  }

  /** Rejects unless the destination confirmed. */
  async function hand(entry: Entry, destination: Destination): Promise<void> {
    const claim = redactIfNeeded(claimOf(entry, destination));
    const limited = { ...destination, timeoutMs: Math.min(destination.timeoutMs, patienceMs) };
    const [result] = await attempt([claim], limited, { ...context, pacer: null, saveProgress: async () => true });
    if (result?.outcome.type !== "delivered") throw new Error("not confirmed");
  }

  function putOnRecordLater(): void {
    clearTimeout(timer);
    if (held.some(({ taken }) => taken)) timer = setTimeout(putOnRecord, tryAgainMs);
  }

  async function putOnRecord(): Promise<void> {
    for (const one of held.filter(({ taken }) => taken)) {
      try {
        await ledger.accept(one.entry);
        held.splice(held.indexOf(one), 1);
        context.recorded();
      } catch (error) {
        context.log.error({ held: held.length, error: traceOf(error) }, "rescued leads wait for the ledger");
        break;
      }
    }
    putOnRecordLater();
  }

  return {
    rescue,
    /** A last try to put on record what a backup has taken. */
    async stop(): Promise<void> {
      clearTimeout(timer);
      await putOnRecord();
      clearTimeout(timer);
    },
  };
}

function isWanted({ deliveries }: Entry, destination: string): boolean {
  return deliveries.some((delivery) => delivery.destination === destination && delivery.state === "pending");
}

function markAsked(entry: Entry, asked: readonly Destination[]): Entry {
  const ids = new Set(asked.map(({ id }) => id));
  const deliveries = entry.deliveries.map((one) => (ids.has(one.destination) ? { ...one, uncertain: true } : one));
  return { ...entry, deliveries };
}

function claimOf({ lead }: Entry, { id, kind, need }: Destination): Claim {
  const verdict = gate(need, lead.consents);
  return {
    lead,
    about: null,
    basis: verdict.type === "open" ? verdict.basis : need.basis,
    delivery: {
      id: deliveryIdOf(lead.id, id),
      leadId: lead.id,
      destination: id,
      event: "lead.created",
      kind,
      purpose: need.purpose,
      state: "claimed",
      dueAt: null,
      tries: 0,
      attempts: 1,
      firstTryAt: lead.receivedAt,
      uncertain: false,
      superseded: false,
      progress: null,
      reason: null,
      ref: null,
      warnings: [],
    },
  };
}
