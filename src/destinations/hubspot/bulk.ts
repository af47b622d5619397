import * as z from "zod";
import { NetworkError, outcomeOfNetworkError } from "../../model/network-error.ts";
import { type Answer, recordsPath } from "./api.ts";
import { isRefusal, propertyErrors, unreadable, verdict } from "./errors.ts";
import type { Options } from "./options.ts";
import { type OwnRecord, recordBody, recordIs } from "./own-record.ts";
import { forgetProperties, type Values } from "./properties.ts";
import { drop, droppable, keep, note, refusedForUnknown, type Work, wanted } from "./work.ts";

/** Fewer go one by one. */
export const smallestBulk = 10;

const batchResult = z.object({
  results: z.array(
    z.object({
      id: z.string().min(1),
      new: z.boolean().optional(),
      createdAt: z.string().optional(),
      objectWriteTraceId: z.string().optional(),
      properties: z.record(z.string(), z.string().nullable()).catch({}),
    }),
  ),
});
type Result = z.infer<typeof batchResult>["results"][number];

/** From this share of new people in a batch, the next one is tried as new people. */
const mostlyNew = 0.8;
/** Whether the last batch of a destination held mostly new people; `never` once creation in batches was refused as a whole. */
const expectsNew = new WeakMap<object, boolean | "never">();

/**
 * Contacts of many leads in one or two calls. People HubSpot knows are upserted, which has no place for what is written on
 * creation only: that follows in a second call for those the answer calls new. A backlog of mostly new people is created
 * outright instead, with everything, and only those HubSpot knows after all are upserted. Whoever is left without a contact
 * or an outcome goes the way of a single lead.
 */
export async function contactsInBulk(works: readonly Work[]): Promise<void> {
  const fit = works.filter(isFit);
  if (fit.length < smallestBulk) return;
  const known = expectsNew.get(ownerOf(fit)) === true ? await createMany(fit) : fit;
  if (known.length >= smallestBulk) await upsertMany(known, new Set(known.filter(({ state }) => state.bulk)));
}

/** Deals or notes of many leads in one call. */
export async function recordsInBulk(works: readonly Work[], kind: OwnRecord): Promise<void> {
  const fit = works.filter(
    (work) =>
      work.outcome === null && work.state.contact !== undefined && !work.state[kind.step] && kind.isWanted(work),
  );
  if (fit.length < smallestBulk) return;
  const inputs = fit.map((work) => ({ ...recordBody(work, kind), objectWriteTraceId: work.context.deliveryId }));
  await Promise.all(fit.map((work) => keep(work, { [kind.step]: {} })));
  const answer = await send(fit, recordsPath(kind.objectType, "/batch/create"), inputs);
  if (answer === null) return;
  if (isRefusal(answer)) {
    for (const work of fit) note(work, { [kind.step]: undefined });
    return;
  }
  const results = resultsOf(fit, answer);
  if (!results) return;
  for (const work of fit) {
    const own = results.find(
      ({ objectWriteTraceId, properties }) =>
        objectWriteTraceId === work.context.deliveryId || properties[kind.marked]?.includes(work.lead.id),
    );
    // One without a verdict is looked for, as after a lost answer.
    if (own) recordIs(work, kind, own.id);
  }
}

/** What is written only where nothing stands yet needs a look at each contact first. */
function isFit({ lead, context, options, state, mapped, outcome }: Work): boolean {
  const fresh = outcome === null && state.contact === undefined && state.creating === undefined && !state.form;
  const email = lead.email !== null && !state.dropped.contacts.includes("email");
  return (
    fresh && email && !context.superseded && !options.form && mapped.contacts.every(({ mode }) => mode !== "ifEmpty")
  );
}

/** Resolves to those that have a contact already, or may have. */
async function createMany(works: readonly Work[]): Promise<Work[]> {
  const inputs = works.map((work) => {
    const { always, onCreate } = wanted(work, "contacts");
    const properties = { ...onCreate, ...always, email: work.lead.email };
    return { properties, objectWriteTraceId: work.context.deliveryId };
  });
  const answer = await send(works, recordsPath("contacts", "/batch/create"), inputs);
  if (answer === null) return [];
  if (isRefusal(answer)) {
    expectsNew.set(ownerOf(works), "never");
    return [...works];
  }
  const results = resultsOf(works, answer);
  if (!results) return [];
  const left = works.filter((work) => {
    const result = resultFor(work, results);
    if (result) contactIs(work, result);
    return !result;
  });
  expect(works, works.length - left.length);
  return left;
}

/** `again`: those an earlier batch may have created. */
async function upsertMany(works: readonly Work[], again: ReadonlySet<Work>): Promise<void> {
  const all = works.map((work) => ({ work, values: wanted(work, "contacts") }));
  await Promise.all(all.map(({ work, values }) => (isEmpty(values.onCreate) ? null : keep(work, { bulk: true }))));
  const inputs = all.map(({ work, values }) => ({
    id: work.lead.email,
    idProperty: "email",
    properties: values.always,
    objectWriteTraceId: work.context.deliveryId,
  }));
  const answer = await send(works, recordsPath("contacts", "/batch/upsert"), inputs);
  if (answer === null) return;
  if (isRefusal(answer)) {
    for (const work of works) if (!again.has(work)) note(work, { bulk: undefined });
    await repair(works, again, answer);
    return;
  }
  const results = resultsOf(works, answer);
  if (!results) return;
  const incomplete: { work: Work; id: string; values: Values }[] = [];
  for (const { work, values } of all) {
    const result = resultFor(work, results);
    if (!result) continue;
    if (result.new === true && !isEmpty(values.onCreate))
      incomplete.push({ work, id: result.id, values: values.onCreate });
    // One that an earlier try may have made lacks what is written on creation only: a single lead's way looks, and fills it in.
    else if (!again.has(work) || Date.parse(result.createdAt ?? "") < work.lead.receivedAt) contactIs(work, result);
  }
  expect(works, results.filter((result) => result.new === true).length);
  if (incomplete.length > 0) await complete(incomplete);
}

/** What a refusal is about: properties none may have, or one lead among them, found by halving. */
async function repair(works: readonly Work[], again: ReadonlySet<Work>, answer: Answer): Promise<void> {
  const refused = propertyErrors(answer.body).filter(({ code }) => /DOESNT_EXIST|READ_ONLY/.test(code));
  let repaired = false;
  for (const work of works) {
    const names = droppable(refused, wanted(work, "contacts").always);
    drop(work, "contacts", names);
    work.outcome = refusedForUnknown(work);
    repaired ||= names.length > 0;
  }
  if (repaired) {
    forgetProperties(ownerOf(works));
    const left = works.filter(({ outcome }) => outcome === null);
    if (left.length > 0) await upsertMany(left, again);
  } else if (works.length >= 2 * smallestBulk) {
    const half = Math.ceil(works.length / 2);
    await upsertMany(works.slice(0, half), again);
    await upsertMany(works.slice(half), again);
  }
}

/** New contacts get what is written on creation only. */
async function complete(fresh: readonly { work: Work; id: string; values: Values }[]): Promise<void> {
  const works = fresh.map(({ work }) => work);
  const inputs = fresh.map(({ id, values }) => ({ id, properties: values }));
  const answer = await send(works, recordsPath("contacts", "/batch/update"), inputs);
  if (answer === null || isRefusal(answer) || !resultsOf(works, answer)) return;
  for (const { work, id } of fresh) contactIs(work, { id });
}

/** One call for all of them. Null: it came to an end for all. */
async function send(works: readonly Work[], path: string, inputs: readonly object[]): Promise<Answer | null> {
  const { api, context } = firstOf(works);
  try {
    const answer = await api.write("POST", path, { inputs });
    if (answer.ok || isRefusal(answer)) return answer;
    const outcome = verdict(answer, context.now());
    for (const work of works) work.outcome = outcome;
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
    for (const work of works) work.outcome = outcomeOfNetworkError(error);
  }
  return null;
}

/** The results of a batch. Null, with an outcome for all, when the answer does not list any. */
function resultsOf(works: readonly Work[], answer: Answer): Result[] | null {
  const parsed = batchResult.safeParse(answer.body).data;
  for (const work of works) work.status = answer.status;
  if (parsed) return parsed.results;
  for (const work of works) work.outcome = unreadable(answer);
  return null;
}

/** A batch answers in any order and leaves out what failed. */
function resultFor({ lead, context }: Work, results: readonly Result[]): Result | undefined {
  return results.find(
    ({ objectWriteTraceId, properties }) =>
      objectWriteTraceId === context.deliveryId || properties.email?.toLowerCase() === lead.email,
  );
}

function contactIs(work: Work, { id }: { id: string }): void {
  note(work, { contact: id, bulk: undefined });
}

/** Learns from how many of a batch were new what the next one is going to be like. */
function expect(works: readonly Work[], news: number): void {
  const owner = ownerOf(works);
  if (expectsNew.get(owner) !== "never") expectsNew.set(owner, news >= works.length * mostlyNew);
}

function isEmpty(values: Values): boolean {
  return Object.keys(values).length === 0;
}

function ownerOf(works: readonly Work[]): Options {
  return firstOf(works).options;
}

function firstOf(works: readonly Work[]): Work {
  const [first] = works;
  if (!first) throw new RangeError("a batch holds at least one delivery");
  return first;
}
