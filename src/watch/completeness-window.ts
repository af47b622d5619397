import type { Verification, Verifications } from "../ledger/verifications.ts";
import type { LeadId } from "../model/id.ts";
import type { Look } from "./completeness-look.ts";
import { type Asked, type Judged, judge, judgePresence, toAsk } from "./completeness-verdict.ts";

/** Leads in the order of their ids. */
export type Window = { after: LeadId | null; upTo: LeadId };

export type WindowOptions = {
  verifications: Verifications;
  run: Pick<Verification, "id" | "since" | "until">;
  destination: string;
  /** Null: the destination cannot be asked. */
  look: Look | null;
  /** Deliveries asked for at once. */
  askSize: number;
  /** Whether the destination looks at the leads themselves. */
  withLeads: boolean;
  now(): number;
  marginMs: number;
  signal: AbortSignal;
  /** Told of each lead once. */
  report(judged: Judged, lead: LeadId): void;
};

/** Rows read at a time: few enough that intake never notices. */
const pageSize = 1_000;
const pageSizeWithLeads = 500;
/** What is missing, or there again, is noted so many at a time. */
const noteSize = 500;

/** Judges how the leads of a window stand at one destination, and notes what is missing there. */
export async function judgeWindow({ after, upTo }: Window, options: WindowOptions): Promise<void> {
  const { verifications, run, destination, look, askSize, withLeads, now, marginMs, signal, report } = options;
  const limit = withLeads ? pageSizeWithLeads : pageSize;
  const { since, until } = run;
  let asked: Asked[] = [];

  async function ask(): Promise<void> {
    const batch = asked;
    asked = [];
    if (!look || batch.length === 0) return;
    const answers = await look(
      batch.map(({ delivered }) => delivered),
      signal,
    );
    const judged = batch.map((one) => {
      const answer = answers.get(one.delivered.deliveryId);
      return { ...one, judged: answer ? judgePresence(answer) : noAnswer };
    });
    const movedOn = await note(judged);
    for (const { delivered, judged: one } of judged) {
      if (!movedOn.has(delivered.leadId)) report(one, delivered.leadId);
    }
    await judgeAnew([...movedOn]);
  }

  /** Puts on record what was not seen, and what is seen again. Answers those that moved on while they were looked for. */
  async function note(judged: readonly (Asked & { judged: Judged })[]): Promise<ReadonlySet<LeadId>> {
    const missing = judged.flatMap(({ delivered: { leadId }, attempts, judged: { verdict } }) =>
      verdict === "missing" ? [{ leadId, attempts }] : [],
    );
    const seen = judged.flatMap(({ delivered: { leadId }, wasMissing, judged: { verdict } }) =>
      verdict === "seen" && wasMissing ? [leadId] : [],
    );
    const noted = new Set<LeadId>();
    for (let from = 0; from < Math.max(missing.length, seen.length); from += noteSize) {
      const found = { missing: missing.slice(from, from + noteSize), seen: seen.slice(from, from + noteSize) };
      for (const lead of await verifications.note({ run: run.id, destination, at: now(), ...found })) noted.add(lead);
    }
    return new Set(missing.map(({ leadId }) => leadId).filter((lead) => !noted.has(lead)));
  }

  /** They were sent again, stopped or erased in this very moment. */
  async function judgeAnew(leads: readonly LeadId[]): Promise<void> {
    if (leads.length === 0) return;
    for (const standing of await verifications.standingsOf(destination, leads)) {
      const one = judge(standing, { canAsk: true, now: now(), marginMs });
      report(one ?? { verdict: "recent", code: null }, standing.leadId);
    }
  }

  for (let from = after; ; ) {
    signal.throwIfAborted();
    const request = { since, until, after: from, upTo, limit, withLeads };
    const page = await verifications.standings(destination, request);
    for (const standing of page) {
      const one = judge(standing, { canAsk: look !== null, now: now(), marginMs });
      const toLookFor = one ? null : toAsk(standing, withLeads);
      if (one) report(one, standing.leadId);
      if (toLookFor) asked.push(toLookFor);
      if (asked.length >= askSize) await ask();
    }
    const last = page.at(-1);
    if (!last || page.length < limit) break;
    from = last.leadId;
  }
  await ask();
}

const noAnswer: Judged = { verdict: "unknown", code: "no_verdict" };
