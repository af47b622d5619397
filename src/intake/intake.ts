import type { Entry, Ledger } from "../ledger/ledger.ts";
import { LedgerUnavailable } from "../model/errors.ts";
import type { Form } from "../model/form.ts";
import type { LeadId } from "../model/id.ts";
import { checkFields } from "./check-fields.ts";
import { composeLead, type Receiver } from "./compose-lead.ts";
import { readContact } from "./contact.ts";
import { firstText, indexFields } from "./field-index.ts";
import { keyInField, keyInHeader } from "./idempotency-key.ts";
import type { IntakeReply, IntakeRequest } from "./intake-request.ts";
import { mediaTypeOf } from "./media-type.ts";
import { judgeOrigin } from "./origin.ts";
import { parseBody, unsupportedType } from "./parse-body.ts";
import { readAttribution } from "./read-attribution.ts";
import { readVisit } from "./read-visit.ts";
import { type FieldError, type Refusal, refused } from "./refusal.ts";
import { acceptedReply, type Exchange, pageReply, preflightReply, refusedReply, wantsJson } from "./reply.ts";
import { type Candidate, isHidden, ownFields, type Screens, type Verdict } from "./screens/screens.ts";
import { type Submission, toSubmission } from "./submission.ts";
import { thanksLocation } from "./thanks-location.ts";
import { thanksPage } from "./thanks-page.ts";

/** What intake is wired to. */
export type IntakeOptions = {
  /** Null when there is no such form. */
  findForm(id: string): Form | null;
  /** The destinations a form's leads go to, in order. */
  destinationsOf(form: Form): readonly Receiver[];
  ledger: Pick<Ledger, "accept">;
  /** Keyed hash of a network address; null when none is to be kept. */
  hashAddress(address: string): string | null;
  /** Keyed hash of a normalised e-mail address or phone number. */
  personKey(contact: string): string;
  /** Keyed hash of a submission's key, which may hold anything. */
  submissionKey(key: string): string;
  /** Epoch milliseconds. */
  now(): number;
  /** Called right after a commit: wakes the lanes. The reply waits for what it resolves to, and for nothing else. */
  accepted(entry: Entry): Promise<void> | void;
  /** Asked when the ledger cannot be written: the lead's id when a backup destination has it for certain, else null. */
  rescue?(entry: Entry): Promise<LeadId | null>;
  /** Told the status of each refusal. */
  refused?(status: number): void;
  /** Judges what may be spam. @default nothing is held back */
  screens?: Pick<Screens, "refuse" | "screen">;
  /** Told of trouble the visitor did not see. The message is free of personal data; the cause may not be. */
  warn?(code: "schema_failed" | "internal", message: string, cause: unknown): void;
  /** Longest body read, in bytes. @default `maxBodyBytes` */
  maxBodyBytes?: number;
};

/** Longest body of a submission, in bytes. */
export const maxBodyBytes = 262_144;

/** Makes the stage that turns a form post into a recorded lead. A 202 or 303 is answered only after the commit. */
export function createIntake(options: IntakeOptions): {
  /** Answers whatever is sent to a form's path. Never rejects. */
  receive(request: IntakeRequest): Promise<IntakeReply>;
  /** Answers a GET of a form's built-in thank-you page. */
  thanks(request: IntakeRequest): IntakeReply;
} {
  const { maxBodyBytes: longestBody = maxBodyBytes } = options;

  async function receive(request: IntakeRequest): Promise<IntakeReply> {
    const exchange = newExchange(request);
    let reply: IntakeReply;
    try {
      reply = await answer(exchange);
    } catch (error) {
      reply = failed(exchange, error);
    }
    if (reply.status >= 400) options.refused?.(reply.status);
    return reply;
  }

  function failed(exchange: Exchange, error: unknown): IntakeReply {
    if (error instanceof LedgerUnavailable) return refusedReply(exchange, ledgerUnavailable);
    options.warn?.("internal", "intake failed unexpectedly; nothing was recorded", error);
    return refusedReply(exchange, internal);
  }

  async function answer(exchange: Exchange): Promise<IntakeReply> {
    const { request } = exchange;
    const form = options.findForm(request.form);
    const origin = judgeOrigin(form?.origins ?? [], request);
    exchange.cors = origin.headers;
    if (request.method !== "POST" && request.method !== "OPTIONS") return refusedReply(exchange, methodNotAllowed);
    if (!form) return refusedReply(exchange, unknownForm);
    if (!origin.allowed) return refusedReply(exchange, originRefused);
    if (request.method === "OPTIONS") return preflightReply(exchange);
    return record(exchange, form);
  }

  async function record(exchange: Exchange, form: Form): Promise<IntakeReply> {
    const { request } = exchange;
    const sent = await readSubmission(exchange);
    if (sent.type === "refused") return refusedReply(exchange, sent);
    const { own, aside } = ownFields(form, sent.formData);
    const submission = { ...sent, formData: own };
    const index = indexFields(submission.formData);
    const script = submission.reserved.get("_attribution");
    const attribution = {
      ...readAttribution(script, index, request.header("referer")),
      ...readVisit(script, index, request.header("cookie")),
    };
    exchange.typed = {
      submission,
      attribution,
      consents: form.consents,
      aside,
      isHidden: (field) => isHidden(form, field),
    };
    const waitSeconds = options.screens?.refuse(form, request.address) ?? null;
    if (waitSeconds !== null) return refusedReply(exchange, { ...tooMany, waitSeconds });

    const key = keyInHeader(request.header("idempotency-key"));
    if (key.type === "refused") return refusedReply(exchange, key);
    const contact = await readContact(index, form.country);
    const errors = withoutRepeats(contact.errors, await schemaErrors(form, submission));
    if (errors.length > 0) {
      return refusedReply(
        exchange,
        refused("invalid", "Nothing was sent yet. Correct the fields named and send again.", errors),
      );
    }

    const reach = contact.email ?? contact.phone;
    const person = reach === null ? null : options.personKey(reach);
    const verdict = judged({
      form,
      formData: own,
      aside,
      reserved: submission.reserved,
      email: contact.email,
      message: firstText(index, ["message"]),
      person,
      address: request.address,
    });
    const ownKey = key.key ?? keyInField(submission.reserved.get("_key")) ?? keyInField(request.fallbackKey);
    const entry = composeLead(
      {
        form,
        submission,
        index,
        contact,
        attribution,
        userAgent: request.header("user-agent"),
        ipAddress: request.address === null ? null : options.hashAddress(request.address),
        person,
        verdict,
        now: options.now(),
      },
      options.destinationsOf(form),
      ownKey === null ? null : options.submissionKey(ownKey),
    );
    // Worked out before the commit: nothing that can fail stands between commit and reply.
    const location = wantsJson(exchange) ? null : thanksLocation(form, request, submission.reserved.get("_redirect"));
    return acceptedReply(exchange, await keep(entry, verdict), location);
  }

  /** A screen that throws never costs a lead: it is taken for a person's. */
  function judged(candidate: Candidate): Verdict {
    try {
      return options.screens?.screen(candidate) ?? unscreened;
    } catch (error) {
      options.warn?.("internal", "the screens for spam failed; the lead was taken unscreened", error);
      return unscreened;
    }
  }

  async function keep(entry: Entry, verdict: Verdict): Promise<LeadId> {
    try {
      const { leadId, repeated } = await options.ledger.accept(entry);
      if (!repeated) {
        verdict.kept();
        await afterCommit(entry);
      }
      return leadId;
    } catch (error) {
      const rescued = error instanceof LedgerUnavailable ? await options.rescue?.(entry) : null;
      if (rescued) return rescued;
      verdict.forget();
      throw error;
    }
  }

  /** The lead is on record: nothing here may turn its reply into an error. */
  async function afterCommit(entry: Entry): Promise<void> {
    try {
      await options.accepted(entry);
    } catch (error) {
      options.warn?.("internal", "the lanes were not woken; they find the lead on their next look", error);
    }
  }

  async function readSubmission({ request, media }: Exchange): Promise<Submission | Refusal> {
    const foreignJson = media.type === "json" && media.charset !== null && !/^utf-?8$/.test(media.charset);
    const compressed = !/^(identity)?$/i.test(request.header("content-encoding")?.trim() ?? "");
    if (media.type === "unsupported" || foreignJson || compressed) return unsupportedType;
    if (Number(request.header("content-length")) > longestBody) return tooLarge;
    const read = await request.readBody(longestBody);
    if (read.type === "too_large") return tooLarge;
    if (read.type === "timed_out") return tooSlow;
    if (read.type === "crowded") return ledgerUnavailable;
    if (read.type === "aborted") return aborted;
    const body = await parseBody(read.bytes, media, request.header("content-type") ?? "");
    return body.type === "refused" ? body : toSubmission(body.pairs);
  }

  /** A schema that throws never costs a lead: it is recorded unchecked. */
  async function schemaErrors(form: Form, { formData }: Submission): Promise<readonly FieldError[]> {
    if (!form.fields) return [];
    const check = await checkFields(form.fields, formData);
    if (check.type === "checked") return check.errors;
    options.warn?.("schema_failed", `the schema of form "${form.id}" threw; the lead was taken unchecked`, check.cause);
    return [];
  }

  function thanks(request: IntakeRequest): IntakeReply {
    const form = options.findForm(request.form);
    return form ? pageReply(thanksPage(form, request)) : refusedReply(newExchange(request), unknownForm);
  }

  return { receive, thanks };
}

const methodNotAllowed = refused("method_not_allowed", "This address takes form submissions by POST.");
const unknownForm = refused("unknown_form", "No form of this name is configured here.");
const originRefused = refused("origin_refused", "The page that sent this is not on the form's list of origins.");
const tooLarge = refused("too_large", "Please send a shorter message or a smaller file.");
const tooMany = refused("too_many", "Too much was sent in a short time. Please send it again in a minute.");
const tooSlow = refused("too_slow", "The connection was too slow. Please send it again.");
const aborted = refused("malformed", "The submission broke off before its end.");
const internal = refused("internal", "Your details were not saved. Please send them again in a while.");
const ledgerUnavailable = refused(
  "ledger_unavailable",
  "Your details were not saved. Please send them again in a few seconds.",
);

/** Where there are no screens, nothing is found. */
const unscreened: Verdict = { screening: null, quarantined: false, awaited: null, kept() {}, forget() {} };

function newExchange(request: IntakeRequest): Exchange {
  return { request, media: mediaTypeOf(request.header("content-type")), cors: {}, typed: null };
}

/** A field has one voice: what the contact rules say of it stands, and the schema's issues are for the others. */
function withoutRepeats(contact: readonly FieldError[], schema: readonly FieldError[]): readonly FieldError[] {
  return [...contact, ...schema.filter(({ field }) => !contact.some((error) => error.field === field))];
}
