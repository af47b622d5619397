import type { ConsentEvent, Gate, LawfulBasis } from "../model/consent.ts";
import type { Attempt, Delivery, DeliveryState } from "../model/delivery.ts";
import type { DeliveryId, LeadId } from "../model/id.ts";
import type { Json } from "../model/json.ts";
import type { Lead, LeadState } from "../model/lead.ts";
import type { Outcome, Reason } from "../model/outcome.ts";

/** A delivery as it begins: `pending` when the gate is open, `withheld` with its reason when it is not. */
export type NewDelivery = Pick<Delivery, "destination" | "kind" | "purpose" | "reason"> & {
  state: "pending" | "withheld";
  /** True when it may be there already, because the destination was asked to take it before. @default false */
  uncertain?: boolean;
};

/** A lead, its deliveries, and the key under which a repeat of the same submission is recognised. */
export type Entry = { lead: Lead; deliveries: readonly NewDelivery[]; key: string | null };

/** `repeated` is true when the key was already on record: then `leadId` is the earlier lead's and nothing was written. */
export type Accepted = { leadId: LeadId; repeated: boolean };

export type ClaimRequest = {
  destination: string;
  limit: number;
  /** Epoch milliseconds; also the attempts' `startedAt`. */
  now: number;
  leaseUntil: number;
  /** Who claims: host, process id and start, so that a dead worker is recognised. */
  worker: string;
  /**
   * Asked for each lead with its consents as they stand in this very transaction. `lastDeliveredAt`: when this person's last
   * lead was delivered to a destination that has `oncePerPerson` interest; null otherwise.
   */
  gate(lead: Lead, lastDeliveredAt: number | null): Admission;
};

/** The gate's verdict, or the end of a delivery that is not wanted any more. */
export type Admission = Gate | { type: "cancelled"; reason: Reason };

/** What a store has to note beside the deliveries themselves, for destinations that need it. */
export type Interests = {
  /** Destinations that show how their leads fared elsewhere. */
  statusAt: readonly string[];
  /** Destinations that send a person only one lead in a time. */
  oncePerPerson: readonly string[];
};

/** A lead whose deliveries have changed since a destination was last told. `mark` tells a later change from this one. */
export type StatusMark = { record: LeadRecord; mark: number };

/** A delivery a worker holds, its attempt already on record as started. `delivery.attempts` is this attempt's number. */
export type Claim = { delivery: Delivery; lead: Lead; basis: LawfulBasis };

/** Names one attempt, and so fences: only the latest attempt of a claimed delivery may write. */
export type AttemptRef = { deliveryId: DeliveryId; n: number };

/** The state an outcome leads to. */
export type Next =
  | { state: "delivered"; ref: string | null; warnings: string[] }
  | { state: "pending"; dueAt: number; tries: number; uncertain: boolean; reason: Reason }
  | { state: "dead"; tries: number; reason: Reason };

export type Settlement = AttemptRef & { durationMs: number; outcome: Outcome; next: Next };

/** Which leads to list, newest first. All given conditions hold together. Times are epoch milliseconds. */
export type LeadFilter = {
  form?: string;
  state?: LeadState;
  /** Leads with a delivery in this state (at `destination`, when that is given too). */
  deliveryState?: DeliveryState;
  destination?: string;
  since?: number;
  until?: number;
  /** At most this many. @default no limit */
  limit?: number;
};

/** A lead with all that is known of its way. */
export type LeadRecord = { lead: Lead; deliveries: (Delivery & { history: Attempt[] })[] };

/** Which deliveries a person wants sent again: these, or all of one state (at one destination). */
export type Selection = { ids: readonly DeliveryId[] } | { state: "dead"; destination?: string };

export type Replayed = { replayed: DeliveryId[]; refused: { id: string; message: string }[] };

/** A destination that takes no deliveries until resumed. */
export type Pause = { destination: string; since: number; by: "machine" | "person"; reason: Reason };

/** Who did something, for the record. */
export type Actor = { type: "command" | "api" | "machine"; name: string };

/**
 * The durable record: leads, deliveries, attempts, consents, and what people did. Every store keeps these promises; the
 * suite in `test/conformance/ledger.ts` holds it to them.
 *
 * - Whatever a method has resolved is on disk and survives SIGKILL and power loss.
 * - A method that rejects has written nothing. `LedgerUnavailable` means: not now, try again.
 * - A lead and all its deliveries are written in one transaction or not at all.
 * - Text comes back to the letter. Intake has taken NUL characters and lone surrogates out of it.
 */
export interface Ledger {
  /** Records a lead and its deliveries. The same form and key give the earlier lead back, also when both come at once. */
  accept(entry: Entry): Promise<Accepted>;

  /**
   * Leases due deliveries of one destination and writes "attempt n started" for each, in one transaction: new ones before
   * retries, leads in the order they came and retries the longest due first, and never two of one person at a time. A delivery whose gate is closed
   * becomes `withheld` (or `cancelled`) instead and is not among the result.
   */
  claim(request: ClaimRequest): Promise<Claim[]>;

  /** Keeps a claimed delivery's progress. False when the lease was lost; then nothing was written. */
  saveProgress(attempt: AttemptRef, progress: Json): Promise<boolean>;

  /**
   * Completes an attempt and moves its delivery on, together. False when the lease was lost; then nothing was written.
   * A delivered one marks what the same destination still lacks of older leads of that person as superseded.
   */
  settle(settlement: Settlement): Promise<boolean>;

  /**
   * Completes attempts whose worker is gone (lease over, or `isDead`) as `uncertain`: they may have arrived.
   * Resolves to how many there were.
   */
  recover(request: {
    now: number;
    isDead(worker: string): boolean;
    settle(delivery: Delivery): Pick<Settlement, "outcome" | "next">;
  }): Promise<number>;

  /** Leads that a destination with `statusAt` interest holds and has not been told the latest of, the longest waiting first. */
  statusMarks(destination: string, limit: number): Promise<StatusMark[]>;

  /** Notes that a destination was told. A lead that changed meanwhile stays marked. */
  clearStatusMarks(destination: string, marks: readonly { leadId: LeadId; mark: number }[]): Promise<void>;

  /** When the destination's next pending delivery is due; null when none is pending. */
  nextDue(destination: string): Promise<number | null>;

  /** Appends a consent event and, when it grants, makes the deliveries withheld for that purpose pending. */
  recordConsent(leadId: LeadId, event: ConsentEvent, actor: Actor): Promise<{ released: DeliveryId[] }>;

  /** Makes chosen deliveries pending again with a fresh schedule. Delivered, withheld and erased ones are refused. */
  replay(selection: Selection, request: { now: number; actor: Actor }): Promise<Replayed>;

  /** Null when there is no such lead. */
  findLead(id: LeadId): Promise<LeadRecord | null>;

  /** Newest first; stable while leads arrive. */
  listLeads(filter: LeadFilter): AsyncIterable<LeadRecord>;

  /** How many deliveries are in each state that still wants something, by destination. */
  backlog(): Promise<{ destination: string; state: Exclude<DeliveryState, "delivered">; count: number }[]>;

  pause(pause: Pause): Promise<void>;
  /** False when it was not paused. */
  resume(destination: string, request: { now: number; actor: Actor }): Promise<boolean>;
  pauses(): Promise<Pause[]>;

  /**
   * Calls back when a person's act (a replay, a consent, a pause or its end), through this handle or another process, may have
   * made deliveries due. The result unsubscribes.
   */
  onWake(listener: () => void): () => void;

  /** Resolves when a write would succeed now. @throws {LedgerUnavailable} */
  checkWritable(): Promise<void>;

  /** Finishes what was begun and lets go of the store. */
  close(): Promise<void>;
}
