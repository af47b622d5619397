import type { Act } from "../../api/types.ts";

/** Acts of one actor, of one kind and to the same end, that came one after the other: sending 500 again is one deed. */
export type Deed = {
  /** The newest act's number. */
  n: number;
  /** The newest act's time. */
  at: string;
  actor: Act["actor"];
  act: string;
  /** The destination or form it was done to; of a delivery, its destination. Null for leads, people and tokens. */
  subject: string | null;
  /** The lead it was done to, when it was one only. */
  lead: string | null;
  count: number;
};

/** Newest first, as the acts come. */
export function deedsOf(acts: readonly Act[]): Deed[] {
  const deeds: Deed[] = [];
  for (const { n, at, actor, act, subject } of acts) {
    const { thing, lead } = subjectIn(subject);
    const last = deeds.at(-1);
    if (last && isSame(last, { actor, act, subject: thing }) && gathers(act)) {
      last.count += 1;
      if (last.lead !== lead) last.lead = null;
    } else {
      deeds.push({ n, at, actor, act, subject: thing, lead, count: 1 });
    }
  }
  return deeds;
}

function isSame(one: Pick<Deed, "actor" | "act" | "subject">, other: Pick<Deed, "actor" | "act" | "subject">): boolean {
  return (
    one.act === other.act &&
    one.subject === other.subject &&
    one.actor.type === other.actor.type &&
    one.actor.name === other.actor.name
  );
}

/** What is done to many at once, and told as one. */
function gathers(act: string): boolean {
  return /^(?:replay|redeliver|erase|export|release|cancel: .*)$/.test(act);
}

/** `lead_…` and `dlv_…` name a lead; a delivery its destination too. Ids of people and tokens say nothing to people. */
function subjectIn(subject: string): { thing: string | null; lead: string | null } {
  if (subject.startsWith("lead_")) return { thing: null, lead: subject };
  const [, uuid, destination] = /^dlv_([0-9a-f-]{36})_([a-z0-9-]+)/.exec(subject) ?? [];
  if (uuid !== undefined && destination !== undefined) return { thing: destination, lead: `lead_${uuid}` };
  return { thing: /^(?:person|token)_|^owner$/.test(subject) ? null : subject, lead: null };
}
