import type * as z from "zod";
import type { ConsentNeed, LawfulBasis, Purpose } from "./consent.ts";
import type { Delivery, DeliveryEvent } from "./delivery.ts";
import type { DeliveryId, LeadId } from "./id.ts";
import type { Json } from "./json.ts";
import type { Lead } from "./lead.ts";
import type { Outcome, Reason } from "./outcome.ts";
import type { Schedule } from "./schedule.ts";

/**
 * `fetch` as destinations get it: guarded, time-limited, redirects not followed, bodies cut at `longestBody` bytes
 * (64 KiB unless a vendor's answers are longer).
 */
export type Fetch = (url: string | URL, init?: FetchInit) => Promise<Response>;
export type FetchInit = RequestInit & { longestBody?: number };

/**
 * How many requests a destination takes in a time, from its published limits. `burst` of them may go at once after a rest; what
 * is left of the limit is the lasting pace. Kinds with several requests a lead want a large one. @default a tenth of the limit
 */
export type Pace = { limit: number; intervalMs: number; burst?: number };

/** What a destination gets beside the lead: who it is acting for, how to reach the network, and how to remember. */
export type DeliveryContext = {
  /** The same on every attempt of this delivery. Send it as the idempotency key. */
  deliveryId: DeliveryId;
  /** What is to be brought: the lead, or word of something that happened to it later. */
  event: DeliveryEvent;
  /** What the destination gets leads for; for a follow-up, the purpose it is about. */
  purpose: Purpose;
  /** The number of this attempt, from 1. */
  attempt: number;
  /** Addresses of this gateway's pages for the person, to put into mails. */
  links: PersonLinks;
  /** True when a newer lead of the same person is there already: do not overwrite its values with this one's. */
  superseded: boolean;
  /** True while an earlier attempt may have arrived unseen. Kinds with `find` never see it: they were asked before. */
  uncertain: boolean;
  /** Aborted when the attempt's time is up. */
  signal: AbortSignal;
  fetch: Fetch;
  /** What an earlier attempt saved; null when nothing. */
  progress: Json;
  /** Tells the lane what the destination itself says is left of its limit; it slows down if that is less than it thought. */
  correctPace(remaining: number): void;
  /** Keeps progress durably before the next step is taken. Rejects when the lease was lost: stop then. */
  save(progress: Json): Promise<void>;
  /** Epoch milliseconds. */
  now(): number;
};

/** Signed addresses of pages where a person decides about their own data. Null when `PUBLIC_URL` is not set, or nothing is to decide. */
export type PersonLinks = {
  /** Where the purposes whose confirmation is awaited can be confirmed (double opt-in). */
  confirm(lead: Lead): string | null;
  /** Where consent can be withdrawn: for one purpose, or for any the person has given. A POST withdraws at once (RFC 8058). */
  withdraw(lead: Lead, purpose?: Purpose): string | null;
};

/**
 * Word of a consent given or withdrawn later, for a destination that holds the lead. `lead.consents` has the event, and
 * everything before and after.
 */
export type ConsentNotice = { lead: Lead; purpose: Purpose; ref: string | null };

/**
 * What a destination holds, or may hold, of an erased lead. The person is gone from the record; what was done there is known
 * by `ref`, by `progress` (what `save` kept), or has to be looked for by the ids that were sent along.
 */
export type RemoteCopy = {
  leadId: LeadId;
  /** The id under which the lead was delivered there. */
  createdBy: DeliveryId;
  ref: string | null;
  progress: Json;
  /** True when it is not known whether it arrived. */
  uncertain: boolean;
  /** When the lead was kept. Epoch milliseconds. */
  receivedAt: number;
};

/** What a look for an earlier attempt's result came to. A look-up that failed is `unknown`, never `missing`. */
export type Finding =
  | { type: "found"; ref?: string }
  | { type: "missing" }
  | { type: "unknown"; reason: Reason; waitMs?: number };

/** A delivery that is on record as delivered, to be looked for at its destination. `receivedAt`: when the lead was kept, epoch milliseconds. */
export type Delivered = { deliveryId: DeliveryId; leadId: LeadId; ref: string | null; receivedAt: number; lead: Lead };

/**
 * Whether a delivered lead is still at its destination. `seen` with `as` when it is there under another id, such as after a
 * merge; `unknown` when it could not be told, which is never `missing`.
 */
export type Presence =
  | { type: "seen"; as?: string }
  | { type: "missing" }
  | { type: "unknown"; reason: Reason; waitMs?: number };

/** One delivery of a batch. */
export type BatchEntry = { lead: Lead; context: DeliveryContext };

/** A destination's own id as configured, and those of the others. */
export type Configured = { id: string; others: readonly string[] };

/** How a lead fared at the other destinations, for one that shows it. */
export type StatusRecord = { lead: Lead; deliveries: StatusOfDelivery[] };

/** One delivery as it stands. Times are epoch milliseconds; null when there was or will be none. */
export type StatusOfDelivery = Pick<
  Delivery,
  "id" | "destination" | "kind" | "state" | "attempts" | "reason" | "ref"
> & {
  lastAttemptAt: number | null;
  nextAttemptAt: number | null;
};

/** What a check or a set-up has to work with: there is no lead and no delivery. */
export type ToolContext = {
  signal: AbortSignal;
  fetch: Fetch;
  /** Epoch milliseconds. */
  now(): number;
};

/** What `sync` has to work with. */
export type SyncContext = ToolContext & Pick<DeliveryContext, "correctPace">;

/** One thing that was checked: in words, and with what to do about it when something is to be done. */
export type CheckResult = { what: string; result: "ok" | "warning" | "problem"; detail: string; cure?: string };

/** One thing a set-up needs at the destination. `apply` makes it and tells how that went; null when it is there already. */
export type SetupStep = { what: string; apply: (() => Promise<CheckResult>) | null };

/** A page that shows what a lead becomes at a destination, such as a mail. `name` is part of a file's name. */
export type Preview = { name: string; title: string; html: string };

/** A request a destination is going to make, for previews and golden tests. Secrets are in headers only. */
export type PlannedRequest = { method: string; url: string; headers: Record<string, string>; body: string };

/**
 * The code behind one kind of destination. Either `deliver` or `deliverBatch` brings leads there and answers one
 * Outcome each; whatever it throws becomes `retry/bug`, so expected failures are values.
 */
export interface DestinationDefinition<Options extends z.ZodType = z.ZodType> {
  /** Stable name of the kind, kebab-case. */
  kind: string;
  /** What people call it. */
  label: string;
  /** Checked once at start; drives validation, help and redaction. */
  options: Options;
  /** @default "enquiry" */
  purpose?: Purpose;
  /** @default "consent" */
  basis?: LawfulBasis;
  /** Whether the receiver acts for us or decides for itself what the data is used for. @default "processor" */
  role?: "processor" | "controller";
  /** Attempts under way at once. @default 8 */
  concurrency?: number;
  /** @default none */
  pace?: Pace;
  /** Longest one attempt may take, when neither the configuration nor `LEADKEEP_TIMEOUT` says. @default 10_000 */
  timeoutMs?: number;
  /** Leads per call, for kinds with `deliverBatch`. @default 1 */
  batchSize?: number;
  deliver?(lead: Lead, options: z.output<Options>, context: DeliveryContext): Promise<Outcome>;
  /** One outcome per delivery; a missing one counts as `uncertain`. */
  deliverBatch?(
    batch: readonly BatchEntry[],
    options: z.output<Options>,
    configured: Configured,
  ): Promise<ReadonlyMap<DeliveryId, Outcome>>;
  /** Whether a lead is for this destination at all; asked once, when it is recorded. @default every lead */
  wants?(lead: Lead, options: z.output<Options>): boolean;
  /**
   * Passes a withdrawal on. Asked of every destination that holds the lead, whatever purpose it has; one on which the
   * purpose has no bearing answers `delivered`. Must be repeatable. Kinds without it: a person is told to do it by hand.
   */
  withdraw?(notice: ConsentNotice, options: z.output<Options>, context: DeliveryContext): Promise<Outcome>;
  /**
   * Passes on a consent that came after the lead, such as a confirmed subscription. Asked of every destination that holds the
   * lead, whatever purpose it has; one on which the purpose has no bearing answers `delivered`, and so does one that cannot do
   * it, with a warning. Must be repeatable. Kinds without it are not told.
   */
  grant?(notice: ConsentNotice, options: z.output<Options>, context: DeliveryContext): Promise<Outcome>;
  /** Whether `grant` may be asked as it is configured; else it counts as one without. @default always */
  canGrant?(options: z.output<Options>): boolean;
  /**
   * Removes what it holds of an erased lead; that nothing is there is `delivered` too. Must be repeatable. Kinds without it:
   * a person is told to do it by hand.
   */
  erase?(copy: RemoteCopy, options: z.output<Options>, context: DeliveryContext): Promise<Outcome>;
  /** Whether `erase` may be asked as it is configured; else it counts as one without. @default always */
  canErase?(options: z.output<Options>): boolean;
  /** What a person has to do there when it cannot be told of a withdrawal or an erasure: "delete the mail with this lead's id". */
  byHand?: string;
  /** Asked before the next try when the last one may have arrived. Kinds without it send again with the same id. */
  find?(lead: Lead, options: z.output<Options>, context: DeliveryContext): Promise<Finding>;
  /**
   * Reads back, in bulk and within its limits, whether delivered leads are there: at most `readBackSize` at a time, one answer each
   * (a missing one counts as `unknown`). Changes nothing. Kinds without it are believed by the receipt of the delivery.
   */
  readBack?(
    deliveries: readonly Delivered[],
    options: z.output<Options>,
    context: SyncContext,
    configured: Configured,
  ): Promise<ReadonlyMap<DeliveryId, Presence>>;
  /** @default 100 */
  readBackSize?: number;
  /** True when `readBack` looks at ids and receipts only: then no `lead` is read for it. @default false */
  readBackById?: boolean;
  /**
   * Told afterwards, in batches of at most `syncBatchSize`, how leads it holds fared at the other destinations, so that it
   * can show that. One outcome for the whole batch; anything but `delivered` is tried again later. Must be repeatable.
   */
  sync?(
    records: readonly StatusRecord[],
    options: z.output<Options>,
    context: SyncContext,
    configured: Configured,
  ): Promise<Outcome>;
  /** @default 200 */
  syncBatchSize?: number;
  /**
   * Sends a person at most one lead in this time, e.g. a confirmation mail; further ones are cancelled with a reason.
   * Null when there is no such limit.
   */
  oncePerPersonMs?(options: z.output<Options>): number | null;
  /**
   * True when it can hold a lead on its own: while the ledger cannot be written, such a destination is asked to take the lead
   * inside the request, and the visitor is thanked only if it did.
   */
  backup?: boolean;
  /** Looks, without changing anything, at credentials, rights, limits and every mapped field. */
  check?(options: z.output<Options>, context: ToolContext, configured: Configured): Promise<CheckResult[]>;
  /** What has to be there for everything to arrive (fields, groups). Looks only; the steps' `apply` makes what is missing. */
  setup?(options: z.output<Options>, context: ToolContext, configured: Configured): Promise<SetupStep[]>;
  /** What people would see of a lead there, as pages. Sends nothing. */
  preview?(lead: Lead, options: z.output<Options>): Promise<Preview[]>;
  /** Sends an invented lead to an address an operator names, to see it arrive. */
  sendSample?(address: string, options: z.output<Options>, context: ToolContext): Promise<CheckResult>;
  /** The address of the vendor's own screen for what was delivered; null when it cannot be told. Pure. */
  linkTo?(ref: string, options: z.output<Options>): string | null;
  /** Lets go of what it holds open between deliveries, such as connections. It may be used again afterwards. */
  close?(options: z.output<Options>): Promise<void>;
  /** The exact requests `deliver` is going to make. Pure. */
  plan?(lead: Lead, options: z.output<Options>, ids: { deliveryId: DeliveryId; now: number }): PlannedRequest[];
}

/** What a configuration may say of any destination, whatever its kind. */
export type DestinationSettings = {
  purpose?: Purpose;
  basis?: LawfulBasis;
  /**
   * The name the receiver is announced by beside the consent. When a form's consent names `recipients`, a lead leaves only
   * for those named. @default not checked
   */
  recipient?: string;
  role?: "processor" | "controller";
  /** What it gets of a lead whose consent is missing: nothing, or a row without the person. @default "withhold" */
  withoutConsent?: "withhold" | "redact";
  /** Waits between attempts, in milliseconds or as text (`"5s,30s,2m"`). */
  schedule?: Schedule | string;
  /** Longest one attempt may take. @default 10_000 */
  timeoutMs?: number;
  concurrency?: number;
  pace?: Pace;
  /**
   * `"before-reply"`: the visitor is thanked only after this destination has had up to `confirmMs` to take the lead. It is the
   * one exception to "the visitor never waits for a third party", meant for a backup. @default none
   */
  confirm?: "before-reply";
  /** @default 3_000 */
  confirmMs?: number;
};

/** A destination as written in a config file: not yet checked. */
export type DestinationSpec = {
  definition: DestinationDefinition;
  settings: DestinationSettings;
  options: unknown;
};

/** A typed factory such as `webhook({ url })`, carrying the definition of its kind. */
export type DestinationFactory<Options extends z.ZodType> = {
  (options: FactoryInput<Options>): DestinationSpec;
  definition: DestinationDefinition<Options>;
};

/** A kind's own options beside the settings of any destination. A kind without options takes only the latter. */
type FactoryInput<Options extends z.ZodType> =
  z.input<Options> extends Record<string, never> ? DestinationSettings : z.input<Options> & DestinationSettings;

/** A configured, checked destination: what a lane works for. */
export type Destination = {
  id: string;
  kind: string;
  label: string;
  need: ConsentNeed;
  role: "processor" | "controller";
  schedule: Schedule;
  timeoutMs: number;
  concurrency: number;
  pace: Pace | null;
  batchSize: number;
  deliver(batch: readonly BatchEntry[]): Promise<ReadonlyMap<DeliveryId, Outcome>>;
  wants(lead: Lead): boolean;
  grant: ((notice: ConsentNotice, context: DeliveryContext) => Promise<Outcome>) | null;
  withdraw: ((notice: ConsentNotice, context: DeliveryContext) => Promise<Outcome>) | null;
  erase: ((copy: RemoteCopy, context: DeliveryContext) => Promise<Outcome>) | null;
  byHand: string | null;
  find: ((lead: Lead, context: DeliveryContext) => Promise<Finding>) | null;
  sync: ((records: readonly StatusRecord[], context: SyncContext) => Promise<Outcome>) | null;
  syncBatchSize: number;
  readBack:
    | ((deliveries: readonly Delivered[], context: SyncContext) => Promise<ReadonlyMap<DeliveryId, Presence>>)
    | null;
  readBackSize: number;
  readBackById: boolean;
  oncePerPersonMs: number | null;
  backup: boolean;
  /** How long a visitor may wait for it; null: not at all. */
  confirmMs: number | null;
  check: ((context: ToolContext) => Promise<CheckResult[]>) | null;
  setup: ((context: ToolContext) => Promise<SetupStep[]>) | null;
  preview: ((lead: Lead) => Promise<Preview[]>) | null;
  sendSample: ((address: string, context: ToolContext) => Promise<CheckResult>) | null;
  linkTo: ((ref: string) => string | null) | null;
  close: (() => Promise<void>) | null;
};

/** Declares a kind of destination and gives back its typed factory for config files. */
export function defineDestination<Options extends z.ZodType>(
  definition: DestinationDefinition<Options>,
): DestinationFactory<Options> {
  const factory = (input: FactoryInput<Options>): DestinationSpec => {
    const given = input as DestinationSettings & Record<string, unknown>;
    const { purpose, basis, recipient, role, withoutConsent, schedule, timeoutMs, ...rest } = given;
    const { concurrency, pace, confirm, confirmMs, ...options } = rest;
    return {
      definition: definition as unknown as DestinationDefinition,
      settings: dropUndefined({
        purpose,
        basis,
        recipient,
        role,
        withoutConsent,
        schedule,
        timeoutMs,
        concurrency,
        pace,
        confirm,
        confirmMs,
      }),
      options,
    };
  };
  return Object.assign(factory, { definition });
}

function dropUndefined(settings: Record<string, unknown>): DestinationSettings {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}
