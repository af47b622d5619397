import type { BatchEntry, DeliveryContext } from "../../model/destination.ts";
import type { DeliveryId } from "../../model/id.ts";
import { NetworkError, outcomeOfNetworkError } from "../../model/network-error.ts";
import { type Outcome, rateLimited } from "../../model/outcome.ts";
import { createApi } from "./api.ts";
import { contactsInBulk, recordsInBulk } from "./bulk.ts";
import { contactStep } from "./contact.ts";
import { formStep } from "./form.ts";
import { contactNames, dealMap, type Options } from "./options.ts";
import { deal, essentialOfDeal, noteRecord, ownRecordStep, wrongDealOutcome } from "./own-record.ts";
import { knownProperties, type Properties } from "./properties.ts";
import { grantsOf, subscribeStep } from "./subscribe.ts";
import { type Draft, draftOf, keep, refusedForUnknown, type Step, type Work, wanted } from "./work.ts";

/** Leads of one batch that are under way at once: HubSpot shuts out whoever collects ten 429 within a second. */
const mostAtOnce = 2;

/** In this order: the form, whose submission HubSpot makes a contact of; the contact; what hangs on it; what it is subscribed to. */
const steps: readonly Step[] = [formStep, contactStep, ownRecordStep(deal), ownRecordStep(noteRecord), subscribeStep];

/** Delivers up to a hundred leads, of different people: together where that saves calls, else each on its own. */
export async function deliverToHubSpot(
  entries: readonly BatchEntry[],
  options: Options,
): Promise<ReadonlyMap<DeliveryId, Outcome>> {
  const [first] = entries;
  const known = first ? await propertiesFor(options, first.context) : noTurn;
  if ("type" in known) return new Map(entries.map(({ context }) => [context.deliveryId, known]));
  const outcomes = new Map<DeliveryId, Outcome>();
  const alone = entries.length === 1;
  const works = entries.flatMap((entry) => {
    try {
      return [takeUp(entry, options, known)];
    } catch (error) {
      outcomes.set(entry.context.deliveryId, failedAmongMany(alone, error));
      return [];
    }
  });
  await contactsInBulk(works);
  await recordsInBulk(works, deal);
  await recordsInBulk(works, noteRecord);
  await keepBeforeSubscribing(works);
  const waiting = works.filter(({ outcome }) => outcome === null).sort(withoutGrantsFirst);
  await Promise.all(Array.from({ length: mostAtOnce }, () => workOff(waiting, alone)));
  for (const { context, outcome } of works) outcomes.set(context.deliveryId, outcome ?? noTurn);
  return outcomes;
}

/** Subscribing goes one by one: what a batch has done must not be done again for those whose turn does not come in time. */
async function keepBeforeSubscribing(works: readonly Work[]): Promise<void> {
  const done = works.filter((work) => work.outcome === null && work.state.contact !== undefined);
  await Promise.all(done.map((work) => (grantsOf(work).length > 0 ? keep(work, {}) : null)));
}

/** Those have nothing left to do after a batch, and must not wait behind those who have. */
function withoutGrantsFirst(a: Work, b: Work): number {
  return Number(grantsOf(a).length > 0) - Number(grantsOf(b).length > 0);
}

function takeUp({ lead, context }: BatchEntry, options: Options, known: Draft["properties"]): Work {
  const draft = draftOf(lead, options, known, context.progress);
  wanted(draft, "contacts");
  wanted(draft, "deals");
  const outcome = wrongDeal(draft) ?? refusedForUnknown(draft);
  return { ...draft, context, api: createApi(options, context), outcome, looksForFormContact: 0 };
}

/** A deal without pipeline or stage would be no deal, and this is wrong for every lead. */
function wrongDeal({ state }: Draft): Outcome | null {
  const wrong = state.dropped.deals.filter((name) => essentialOfDeal.has(name));
  return wrong.length > 0 ? wrongDealOutcome(wrong) : null;
}

async function propertiesFor(options: Options, context: DeliveryContext): Promise<Draft["properties"] | Outcome> {
  const means = { api: createApi(options, context), now: context.now };
  try {
    const contacts = await knownProperties(options, "contacts", contactNames(options), means);
    if (isOutcome(contacts)) return contacts;
    const names = options.deal ? Object.keys(dealMap(options.deal)) : null;
    const deals = names && (await knownProperties(options, "deals", names, means));
    return isOutcome(deals) ? deals : { contacts, deals };
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
    return outcomeOfNetworkError(error);
  }
}

/** Takes one lead after the other, until HubSpot wants no more of any. */
async function workOff(waiting: Work[], alone: boolean): Promise<void> {
  for (let work = waiting.shift(); work; work = waiting.shift()) {
    work.outcome = work.context.signal.aborted ? noTurn : await deliverOne(work, alone);
    const { outcome } = work;
    if (outcome.type === "blocked" || (outcome.type === "retry" && outcome.reason.code === rateLimited)) {
      for (const other of waiting.splice(0)) other.outcome = outcome;
    }
  }
}

async function deliverOne(work: Work, alone: boolean): Promise<Outcome> {
  try {
    for (const step of steps) {
      const outcome = await step(work);
      if (outcome) return outcome;
    }
    const status = work.api.status() ?? work.status;
    const warnings = warningsOf(work);
    return { type: "delivered", ref: work.state.contact ?? "", warnings, ...(status === undefined ? {} : { status }) };
  } catch (error) {
    return error instanceof NetworkError ? outcomeOfNetworkError(error) : failedAmongMany(alone, error);
  }
}

/** A surprise is thrown; among other leads it is that lead's own, since their outcomes would be lost with it. */
function failedAmongMany(alone: boolean, error: unknown): Outcome {
  if (alone) throw error;
  return { type: "retry", reason: { code: "bug", message: "the destination's code failed" } };
}

/** Names properties and never values. */
function warningsOf({ state }: Work): string[] {
  const named = (what: string, names: readonly string[]) =>
    names.length === 0
      ? []
      : [
          `HubSpot did not take ${names.join(", ")} of the ${what}; the values are in a note. See: leadkeep doctor hubspot`,
        ];
  return [...named("contact", state.dropped.contacts), ...named("deal", state.dropped.deals), ...state.warnings];
}

/** Its time was up before its turn: told to wait, which costs no try. */
const noTurn: Outcome = {
  type: "retry",
  reason: { code: rateLimited, message: "the pace left no turn in time" },
  waitMs: 0,
};

function isOutcome(value: Properties | Outcome): value is Outcome {
  return value !== null && !(value instanceof Map);
}
