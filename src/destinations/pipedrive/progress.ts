import * as z from "zod";
import type { Json } from "../../model/json.ts";
import { NetworkError } from "../../model/network-error.ts";
import { isStop, type Stop, stopped } from "./call.ts";
import type { Session } from "./session.ts";

const id = z.union([z.number(), z.string()]);

/**
 * One thing to create: `at` since a create is under way or its answer was lost, `id` once it is known to be there. `lastId`:
 * what was, or may have been, written to without the step being done; an erasure has to look at it.
 */
const step = z.object({ at: z.number().optional(), id: id.optional(), lastId: id.optional() });
export type StepName = "organization" | "person" | "record" | "note";

/** What is remembered between the attempts of one delivery: ids and names of fields, never a value of the person's. */
const progress = z.object({
  organization: step.optional(),
  person: step.optional(),
  record: step.optional(),
  note: step.optional(),
  /** `map` names Pipedrive would not take. */
  refused: z.array(z.string()).default([]),
  warnings: z.array(z.string()).default([]),
});
export type Progress = z.output<typeof progress>;

/** Progress as saved; what cannot be read counts as none, since every step looks where it matters. */
export function progressOf(saved: Json): Progress {
  return progress.safeParse(saved ?? {}).data ?? { refused: [], warnings: [] };
}

export type Creation<Id extends number | string> = {
  /** Looks for what is there already; null when nothing is. `inDoubt`: a lost answer may have meant it. */
  look(inDoubt: boolean): Promise<Id | null | Stop>;
  create(): Promise<Id | Stop>;
  /** What several leads may mean, so that it may be there already: the same text for the same person or organisation. */
  shared?: string;
};

/**
 * Creates once. "A create is under way" is saved before it, so that an attempt that finds the mark looks first; and a look
 * that finds nothing is believed only `searchLagMs` after that create, which may still be on its way. Then the id is saved.
 */
export async function once<Id extends number | string>(
  session: Session,
  name: StepName,
  { look, create, shared }: Creation<Id>,
): Promise<Id | Stop> {
  const { api, progress } = session;
  const { doubts } = api.account;
  const { id, at = Number.NEGATIVE_INFINITY } = progress[name] ?? {};
  if (id !== undefined) return id as Id;
  const doubted = shared === undefined ? undefined : doubts.get(shared, api.now());
  const begun = Math.max(at, doubted ?? Number.NEGATIVE_INFINITY);
  if (shared !== undefined || begun > 0) {
    const found = await look(begun > 0);
    if (isStop(found)) return found;
    if (found !== null) return settled({ id: found }, found);
  }
  const waitMs = begun + session.options.searchLagMs - api.now();
  if (waitMs > 0) return notSeenYet(name, waitMs);
  await session.keep(name, { at: api.now() });
  if (shared !== undefined) doubts.set(shared, api.now(), api.now());
  const created = await create().catch(async (error: unknown) => {
    if (error instanceof NetworkError && !error.sent) await settled(undefined, error);
    throw error;
  });
  if (!isStop(created)) return settled({ id: created }, created);
  return created.refused ? settled(undefined, created) : created;

  /** The step is done, or certainly not begun: nothing is in doubt any more. */
  async function settled<T>(state: Progress[StepName], result: T): Promise<T> {
    if (shared !== undefined) doubts.forget(shared);
    await session.keep(name, state);
    return result;
  }
}

/** Not now: what may have been created is not to be seen yet. */
export function notSeenYet(name: string, waitMs: number): Stop {
  const what = name === "record" ? "lead" : name;
  const message = `whether an earlier attempt has created the ${what} is not certain yet`;
  return stopped({ type: "retry", reason: { code: "not_seen_yet", message }, waitMs });
}
