import type { ConsentEvent, Gate, LawfulBasis } from "../model/consent.ts";
import type { Attempt, Delivery, DeliveryState, FollowUpEvent } from "../model/delivery.ts";
import type { Destination } from "../model/destination.ts";
import type { DeliveryId, LeadId } from "../model/id.ts";
import type { Json } from "../model/json.ts";
import type { Lead, LeadState, Screening, ScreeningReason } from "../model/lead.ts";
import type { Outcome, OutcomeType, Reason } from "../model/outcome.ts";
import type { Together } from "./together.ts";
import type { Verifications } from "./verifications.ts";

/** A delivery as it begins: `pending` when the gate is open, `withheld` with its reason when it is not. */
export type NewDelivery = Pick<Delivery, "destination" | "kind" | "purpose" | "reason"> & {
  state: "pending" | "withheld";
  /** True when it may be there already, because the destination was asked to take it before. @default false */
  uncertain?: boolean;
};

/**
 * Word of what happened to a lead, for a destination that holds it. With a `reason` the destination cannot be told: the
 * follow-up is a dead letter from the start, which stays until a person has done it by hand.
 */
export type FollowUp = Pick<Delivery, "destination" | "kind" | "purpose" | "reason"> & { event: FollowUpEvent };

/** A captcha's token whose provider has to be asked. It is kept until that is settled, and not a moment longer. */
export type AwaitedCaptcha = { captcha: string; token: string };

/** A token to be asked about now. `tries`: how many times it was, this time included. */
export type CaptchaCheck = AwaitedCaptcha & { lead: Lead; tries: number };

/**
 * A lead, its deliveries, and the key under which a repeat of the same submission is recognised. `awaited`: the captcha that a
 * quarantined lead waits for.
 */
export type Entry = { lead: Lead; deliveries: readonly NewDelivery[]; key: string | null; awaited?: AwaitedCaptcha };

/** `repeated` is true when the key was already on record: then `leadId` is the earlier lead's and nothing was written. */
export type Accepted = { leadId: LeadId; repeated: boolean };

export type ClaimRequest = {
  destination: string;
  limit: number;
  /** Epoch milliseconds; also the attempts' `startedAt`. */
  now: number;
  leaseUntil: number;
  /**
   * No retry waits for longer than this: one that would was put off while the clock was ahead, and is due. New deliveries are
   * due whatever the clock was when they came. @default the times of retries are believed
   */
  longestWaitMs?: number;
  /** Who claims: host, process id and start, so that a dead worker is recognised. */
  worker: string;
  /**
   * Asked for each lead with its consents as they stand in this very transaction. `lastDeliveredAt`: when this person's last
   * lead was delivered to a destination that has `oncePerPerson` interest; null otherwise.
   */
  gate(lead: Lead, lastDeliveredAt: number | null, delivery: Pick<Delivery, "event" | "purpose">): Admission;
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

/**
 * A delivery a worker holds, its attempt already on record as started. `delivery.attempts` is this attempt's number.
 * `about`, for a follow-up: the delivery of the lead itself to the same destination; null when there was none.
 */
export type Claim = { delivery: Delivery; lead: Lead; basis: LawfulBasis; about: Delivery | null };

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
  /** The same delivery's reason has this code. */
  reasonCode?: string;
  since?: number;
  until?: number;
  /** `utm_source` and `utm_campaign`, as they came. */
  source?: string;
  campaign?: string;
  /** Somewhere in what is kept of the lead, in any case. */
  text?: string;
  /** Of a person: their keyed hash, under each secret it may have been made with. */
  person?: readonly string[];
  stage?: Stage;
  assignee?: string;
  /** At most this many. @default no limit */
  limit?: number;
};

/** How far people have got with a lead; `new` until somebody says otherwise. */
export type Stage = "new" | "working" | "done";
export const stages = ["new", "working", "done"] as const satisfies readonly Stage[];

/** What people note about a lead. */
export type Work = { stage: Stage; assignee: string | null; note: string | null; at: number | null };

/** A lead with all that is known of its way. */
export type LeadRecord = { lead: Lead; deliveries: (Delivery & { history: Attempt[] })[]; work: Work };

/**
 * One page of a list, newest first. `next`: where the following page begins, null when there is none. `searchedBack`: when a
 * filter that matches little made it stop early, how far it has looked (epoch milliseconds); `next` goes on from there.
 */
export type LeadPage = { records: LeadRecord[]; next: LeadId | null; searchedBack: number | null };

/** Which deliveries a person wants sent again: these, or all dead letters (at one destination, of one cause). */
export type Selection =
  | { ids: readonly DeliveryId[] }
  | { state: "dead"; destination?: string; code?: string; limit?: number };

export type Replayed = { replayed: DeliveryId[]; refused: { id: string; message: string }[] };

export type Redelivered = { redelivered: DeliveryId[]; refused: { id: string; message: string }[] };

/** A destination that takes no deliveries until resumed. */
export type Pause = { destination: string; since: number; by: "machine" | "person"; reason: Reason };

/** Who did something, for the record. */
export type Actor = { type: "command" | "api" | "console" | "person" | "machine"; name: string };

/** Something a person, or the machine on its own, did. `subject`: the id of what it was done to. */
export type Act = { n: number; at: number; actor: Actor; act: string; subject: string };

/** What a consent event has for consequences beside those for the lead's own deliveries. */
export type ConsentConsequences = {
  /** Destinations whose deliveries a withdrawal does not stop: they need no consent, or go on without the person. */
  spare?: readonly string[];
  /** What is to follow at destinations that hold the lead. Asked in the same transaction, of the lead as the event has left it. */
  followUps?(record: LeadRecord): readonly FollowUp[];
};

/** What came of a consent event. */
export type ConsentRecorded = { released: DeliveryId[]; stopped: DeliveryId[]; followUps: DeliveryId[] };

export type EraseRequest = {
  /** Keyed hashes that stand for the person from now on. */
  tombstones: readonly string[];
  now: number;
  actor: Actor;
  /** What is to follow at destinations that hold, or may hold, the lead. Asked in the same transaction, of the lead as it was. */
  followUps(record: LeadRecord): readonly FollowUp[];
};

/** What retention ends: whole leads in one of these states, or the attempts of deliveries that are over. */
export type Expiry =
  | { what: "leads"; form: string; state: LeadState; before: number }
  | { what: "attempts"; form: string; before: number };

/** Dead letters with the same cause. Times are epoch milliseconds. */
export type DeadLetters = { destination: string; reason: Reason; count: number; oldest: number; newest: number };

/** A form as the record knows it. */
export type FormSummary = { form: string; leads: number; lastLeadAt: number };

/** Leads accepted in one hour. `hour`: its start, epoch milliseconds. `source`: `utm_source`, or "" when there was none. */
export type LeadTally = { hour: number; form: string; source: string; count: number };

/**
 * Attempts settled in one hour. `wait` (of delivered ones only): the bound of `waitBounds` within which the lead had arrived after it was
 * kept, null beyond the last. `durationMs`: all of them together.
 */
export type AttemptTally = {
  hour: number;
  destination: string;
  outcome: OutcomeType;
  wait: number | null;
  count: number;
  durationMs: number;
};
/** Milliseconds from "kept" to "delivered" by which arrivals are counted. */
export const waitBounds = [1_000, 5_000, 30_000, 60_000, 600_000, 3_600_000, 86_400_000] as const;

/** One destination's deliveries of leads, counted by state. `oldestWaiting`: when the lead waiting longest was kept. */
export type DestinationCounts = {
  destination: string;
  counts: Partial<Record<DeliveryState, number>>;
  oldestWaiting: number | null;
  lastDeliveredAt: number | null;
};

/**
 * Why a destination lacks a lead: it was never meant for it, its delivery is a dead letter, it was withheld and may leave by now,
 * or it was delivered and found missing there.
 */
export type Lacking = "never" | "dead" | "withheld" | "missing";
export const lackings = ["never", "dead", "withheld", "missing"] as const satisfies readonly Lacking[];

/** Which of the leads a destination lacks are to be given to it. */
export type ResyncRequest = Pick<Destination, "kind"> & {
  destination: string;
  purpose: string;
  form?: string;
  since?: number;
  until?: number;
  /** Only those lacking for this reason. @default whatever the reason */
  state?: Lacking;
  /**
   * Whether it is to have this lead, now; asked of each it lacks. `lead` reads it, and costs that only when called.
   * @default all but those withheld
   */
  admits?(state: Lacking, lead: () => Lead): boolean;
  /** Told now and then how far it is: leads looked at, and those of them it is given. */
  progress?(looked: number, given: number): void;
  now: number;
  actor: Actor;
};

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
   * Resolves to how many there were. `longestLeaseMs`: a lease that ends later than that from now was given while the clock was
   * ahead, and is cut to it. @default the times of leases are believed
   */
  recover(request: {
    now: number;
    longestLeaseMs?: number;
    isDead(worker: string): boolean;
    settle(delivery: Delivery): Pick<Settlement, "outcome" | "next">;
  }): Promise<number>;

  /** Leads that a destination with `statusAt` interest holds and has not been told the latest of, the longest waiting first. */
  statusMarks(destination: string, limit: number): Promise<StatusMark[]>;

  /** Notes that a destination was told. A lead that changed meanwhile stays marked. */
  clearStatusMarks(destination: string, marks: readonly { leadId: LeadId; mark: number }[]): Promise<void>;

  /**
   * When the destination's next pending delivery is due; null when none is pending. `by`: by which a claim would go.
   * @default the times on record are believed
   */
  nextDue(destination: string, by?: Pick<ClaimRequest, "now" | "longestWaitMs">): Promise<number | null>;

  /**
   * Appends a consent event. One that grants makes the deliveries withheld for that purpose, or stopped by an earlier withdrawal,
   * pending; one that withdraws stops those that wait for that purpose (`cancelled`). Then the follow-ups are added.
   * @throws {LeadkeepError} `unknown_lead`, `erased`
   */
  recordConsent(
    leadId: LeadId,
    event: ConsentEvent,
    actor: Actor,
    consequences?: ConsentConsequences,
  ): Promise<ConsentRecorded>;

  /** Adds a follow-up to a lead on record, unless `most` of its event and destination are there already: then null. */
  addFollowUp(leadId: LeadId, followUp: FollowUp, request: { now: number; most: number }): Promise<DeliveryId | null>;

  /**
   * Erases leads: what they say of the person is gone from every table, waiting deliveries are cancelled, and what is under way
   * ends with its attempt. The lead stays as an empty tombstone. One transaction. Ids of unknown leads are passed over.
   */
  erase(leads: readonly LeadId[], request: EraseRequest): Promise<{ erased: LeadId[]; followUps: DeliveryId[] }>;

  /** When the person behind a keyed hash was last erased; null: never. */
  erasedAt(person: string): Promise<number | null>;

  /** Takes the traces of what was erased out of the files themselves. False when another process was in the way: do it again. */
  scrub(): Promise<boolean>;

  /** How much is due to end now. */
  countExpired(expiry: Expiry): Promise<number>;
  /** Ends at most `limit` of it; resolves to how much that was. Leads go as a whole and leave nothing but a count. */
  expire(expiry: Expiry, request: { limit: number; now: number; actor: Actor }): Promise<number>;

  /** Stops deliveries that wait, are withheld or dead: `reason` says by whom or why. Others are refused. */
  cancel(
    ids: readonly DeliveryId[],
    request: { now: number; actor: Actor; reason: Reason },
  ): Promise<{ cancelled: DeliveryId[]; refused: { id: string; message: string }[] }>;

  /**
   * Lets quarantined leads go on: active again, their deliveries pending, also those to destinations that were told to remove what
   * they had. Resolves to those it was done for.
   */
  releaseLeads(ids: readonly LeadId[], request: { now: number; actor: Actor }): Promise<LeadId[]>;

  /**
   * Holds leads back after all, as spam: active ones become quarantined, and what waits or is dead is withheld. What is under way
   * ends with its attempt. Follow-ups are asked for in the same transaction, of the lead as it was; of one in quarantine too.
   * Ids of unknown and erased leads are passed over.
   */
  quarantineLeads(
    ids: readonly LeadId[],
    request: { now: number; actor: Actor; reason: ScreeningReason; followUps(record: LeadRecord): readonly FollowUp[] },
  ): Promise<{ quarantined: LeadId[]; followUps: DeliveryId[] }>;

  /** Tokens that are due to be asked about, the longest due first; no other asks about them before `leaseUntil`. */
  takeCaptchaChecks(request: { now: number; leaseUntil: number; limit: number }): Promise<CaptchaCheck[]>;

  /** The provider could not be asked: again at `dueAt`. */
  putOffCaptchaCheck(lead: LeadId, dueAt: number): Promise<void>;

  /**
   * Ends a check: the token is gone, the lead's screening is this one, and with `release` it goes on. False when somebody has
   * judged the lead meanwhile; then nothing was written.
   */
  settleCaptchaCheck(
    lead: LeadId,
    verdict: { screening: Screening | null; release: boolean },
    request: { now: number; actor: Actor },
  ): Promise<boolean>;

  /**
   * Gives a destination the leads it lacks, the oldest first, some at a time; with `dryRun` only counts them. Broken off, it has
   * given what it has given: done again it gives the rest.
   */
  resync(request: ResyncRequest & { dryRun: boolean }): Promise<number>;

  /** Notes how far people have got with a lead. What is not given stays. Null when there is no such lead. */
  noteWork(
    lead: LeadId,
    change: Partial<Pick<Work, "stage" | "assignee" | "note">>,
    request: { now: number; actor: Actor },
  ): Promise<Work | null>;

  /** Makes chosen deliveries pending again with a fresh schedule. Delivered, withheld and erased ones are refused. */
  replay(selection: Selection, request: { now: number; actor: Actor }): Promise<Replayed>;

  /**
   * Makes deliveries pending again that were delivered and then not seen at their destination; all others are refused. They count as
   * uncertain, so that the destination is asked first, and nothing of the vanished record (`ref`, `progress`) is used for them.
   */
  redeliver(ids: readonly DeliveryId[], request: { now: number; actor: Actor }): Promise<Redelivered>;

  /** Null when there is no such lead. */
  findLead(id: LeadId): Promise<LeadRecord | null>;

  /** Newest first; stable while leads arrive. */
  listLeads(filter: LeadFilter): AsyncIterable<LeadRecord>;

  /** One page of that list, of leads older than `before`. Looks at `lookAt` leads at most (@default 20_000). */
  pageOfLeads(
    filter: Omit<LeadFilter, "limit">,
    request: { size: number; before?: LeadId; lookAt?: number },
  ): Promise<LeadPage>;

  deadLetters(): Promise<DeadLetters[]>;
  forms(): Promise<FormSummary[]>;
  counts(): Promise<DestinationCounts[]>;
  /** How many leads are in each state. */
  leadCounts(): Promise<Record<LeadState, number>>;
  leadTallies(since: number): Promise<LeadTally[]>;
  attemptTallies(since: number): Promise<AttemptTally[]>;
  /** Newest first; `before`: an act's `n`; `lead`: only what was done to this lead or its deliveries. */
  acts(request: { limit: number; before?: number; lead?: LeadId }): Promise<Act[]>;
  recordAct(act: Omit<Act, "n">): Promise<void>;

  /** How many deliveries are in each state that still wants something, by destination. */
  backlog(): Promise<{ destination: string; state: Exclude<DeliveryState, "delivered">; count: number }[]>;

  /** `actor`: the person, when it was one. @default the command line */
  pause(pause: Pause, actor?: Actor): Promise<void>;
  /** False when it was not paused. */
  resume(destination: string, request: { now: number; actor: Actor }): Promise<boolean>;
  pauses(): Promise<Pause[]>;

  /**
   * Calls back when a person's act (a replay, a consent, a pause or its end), through this handle or another process, may have
   * made deliveries due. The result unsubscribes.
   */
  onWake(listener: () => void): () => void;

  /** What machines that deliver from this ledger share: roles, paces, the health of destinations. No part of the record. */
  together: Together;

  /** What was found when delivered leads were looked for at their destinations. */
  verifications: Verifications;

  /** Resolves when a write would succeed now. @throws {LedgerUnavailable} */
  checkWritable(): Promise<void>;

  /** Finishes what was begun and lets go of the store. */
  close(): Promise<void>;
}
