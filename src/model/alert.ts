import * as z from "zod";
import { reason } from "./outcome.ts";

/** What an alert may be about. */
export const alertKinds = [
  /** It takes no leads until someone acts. */
  "destination_blocked",
  /** So many attempts in a row failed. */
  "destination_failing",
  /** It has been taken to be down for long. */
  "destination_down",
  /** A lead waits for it for long. */
  "waiting_long",
  /** Leads are not tried again, for a cause that was not there before. */
  "dead_letters",
  /** Delivered leads are not there any more. */
  "leads_missing",
  "quarantine_full",
  "disk_low",
  /** Leads wait, and nobody delivers. */
  "worker_gone",
  "form_silent",
  /** Alerts cannot be sent this way. */
  "mail_failing",
  "webhook_failing",
] as const;
export const alertKind = z.enum(alertKinds);
export type AlertKind = z.infer<typeof alertKind>;

export const alertSubject = z.object({ type: z.enum(["destination", "form"]), id: z.string() });
export type AlertSubject = z.infer<typeof alertSubject>;

/** Counts and sizes; `leads`: how many wait, are lost, or were to be expected. Times are epoch milliseconds. */
export const alertFigures = z.object({
  leads: z.number(),
  /** When the lead that waits longest was kept. */
  oldestAt: z.number().nullable().optional(),
  failures: z.number().optional(),
  /** How many are usual. */
  usual: z.number().optional(),
  freeBytes: z.number().optional(),
  totalBytes: z.number().optional(),
});
export type AlertFigures = z.infer<typeof alertFigures>;

/** Something that is wrong and that a person has to know of. Holds no personal data. Times are epoch milliseconds. */
export const alert = z.object({
  /** Of this occurrence; letters, digits, `_` and `-`. */
  id: z.string(),
  /** The same whenever the same is wrong again. */
  key: z.string(),
  kind: alertKind,
  /** Null: the gateway itself. */
  subject: alertSubject.nullable(),
  severity: z.enum(["problem", "warning"]),
  /** Since when it is so, which may be before it was noticed. */
  since: z.number(),
  /** When people were last told that it had got worse; `since` until then. */
  worsenedAt: z.number(),
  state: z.enum(["open", "over"]),
  overAt: z.number().nullable(),
  reason: reason.nullable(),
  figures: alertFigures,
  /** Who has seen it. Ended when it gets worse. */
  acknowledged: z.object({ by: z.string(), at: z.number() }).nullable(),
});
export type Alert = z.infer<typeof alert>;

/** An open alert with what is needed to tell whether it is worth another word. */
export const openAlert = alert.extend({
  /** Since when it is gone, and may soon count as over; null while it is so. */
  goneAt: z.number().nullable(),
  /** How bad it was when people were last told. */
  told: z.object({ rank: z.number(), measure: z.number(), step: z.number() }),
});
export type OpenAlert = z.infer<typeof openAlert>;

/** One notice on its way through one channel: a delivery in small. */
export const sending = z.object({
  channel: z.string(),
  dueAt: z.number(),
  /** Those that count against the schedule. */
  tries: z.number(),
  attempts: z.number(),
  firstTryAt: z.number().nullable(),
  uncertain: z.boolean(),
  /** Somebody is at it until then; null: nobody. */
  claimedUntil: z.number().nullable(),
});
export type Sending = z.infer<typeof sending>;

/** Word to people: of alerts that opened, got worse or are over; or the weekly digest of a period. */
export const notice = z.object({
  /** The same on every attempt and in every channel. Holds no dot, which Standard Webhooks forbids in `webhook-id`. */
  id: z.string(),
  type: z.enum(["opened", "worse", "over", "digest"]),
  at: z.number(),
  alerts: z.array(alert),
  period: z.object({ since: z.number(), until: z.number() }).nullable(),
  sendings: z.array(sending),
});
export type Notice = z.infer<typeof notice>;

/** How a channel fares whose last attempt failed. */
export const failingChannel = z.object({
  channel: z.string(),
  type: z.enum(["mail", "webhook"]),
  since: z.number(),
  failures: z.number(),
  /** It will not work again by itself. */
  blocked: z.boolean(),
  reason,
});

/**
 * All that the watch has to remember, in one piece, so that an alert opens and its notices are queued together or not at all.
 * Entries a program of another version has written in a form unknown to this one are passed over, and the rest holds.
 */
export const alertBook = z.object({
  /** Counts notices, for their ids. */
  serial: z.number(),
  /** What is wrong but has not been for long enough to be told. */
  brewing: known(z.object({ key: z.string(), firstAt: z.number(), seenAt: z.number() })),
  open: known(openAlert),
  /** The newest first. */
  over: known(alert),
  notices: known(notice),
  failing: known(failingChannel),
  /** Until when the digests have told; null before the first look. */
  digestAt: z.number().nullable(),
  /** How many leads usually lie in quarantine, and when that was last thought over. */
  usualQuarantine: z.object({ leads: z.number(), at: z.number() }).nullable(),
});
export type AlertBook = z.infer<typeof alertBook>;

export const emptyBook: AlertBook = {
  serial: 0,
  brewing: [],
  open: [],
  over: [],
  notices: [],
  failing: [],
  digestAt: null,
  usualQuarantine: null,
};

function known<Schema extends z.ZodType>(schema: Schema) {
  return z.array(z.unknown()).transform((entries): z.output<Schema>[] =>
    entries.flatMap((entry) => {
      const read = schema.safeParse(entry);
      return read.success ? [read.data] : [];
    }),
  );
}
