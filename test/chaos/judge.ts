import type { LeadRecord } from "../../src/ledger/ledger.ts";
import type { Vendor } from "../../src/sandbox/index.ts";
import type { Sent } from "../crash/load.ts";
import type { Step } from "./witness.ts";

/** What the steps the database saw come to, beside what was received. The lists hold a sentence for each thing wrong. */
export type StepsVerdict = {
  claims: number;
  /** A delivery that was claimed while an attempt at it was under way. */
  twoAtOnce: string[];
  /** A delivery that was not left as it was once delivered, or an attempt whose result was changed. */
  overwritten: string[];
  /** Requests that arrived while the delivery was nobody's, or after it had become another attempt's. */
  late: number;
  /** Those among them whose delivery has no uncertain attempt. */
  unexplainedLate: string[];
};

/** Judges who did what when. `rewritten`: what the witness says of attempts changed after they had ended. */
export function judgeSteps(
  steps: readonly Step[],
  rewritten: readonly string[],
  records: readonly LeadRecord[],
  vendors: readonly Vendor[],
): StepsVerdict {
  const byDelivery = Map.groupBy(steps, ({ of }) => of);
  const uncertain = new Map(
    records.flatMap(({ deliveries }) =>
      deliveries.map(({ leadId, destination, history }) => [
        `${leadId} ${destination}`,
        history.some(({ outcome }) => outcome === "uncertain"),
      ]),
    ),
  );
  const late = vendors.flatMap(({ name, received }) =>
    received
      .map(({ at, json }) => ({ at, of: `${(json as { lead_id: string }).lead_id} ${name}` }))
      .filter(({ at, of }) => !isDuringAnAttempt(at, byDelivery.get(of) ?? [])),
  );
  return {
    claims: steps.filter(({ to }) => to === "claimed").length,
    twoAtOnce: [...byDelivery.values()].flatMap(twoAtOnceIn),
    overwritten: [
      ...steps.filter(({ from }) => from === "delivered").map(({ of, to }) => `${of} was delivered and became ${to}`),
      ...rewritten,
    ],
    late: late.length,
    unexplainedLate: late
      .filter(({ of }) => uncertain.get(of) !== true)
      .map(({ of }) => `${of} was sent outside of any attempt, and none is uncertain`),
  };
}

function twoAtOnceIn(steps: readonly Step[]): string[] {
  let last = 0;
  return steps.flatMap(({ of, from, to, n }) => {
    if (to !== "claimed") return [];
    const expected = last + 1;
    last = n;
    if (from === "claimed") return [`${of} was claimed for attempt ${n} while another attempt was under way`];
    return n === expected ? [] : [`${of} was claimed for attempt ${n} where ${expected} belongs`];
  });
}

/** Arrivals have whole milliseconds. */
const roundedMs = 1;

function isDuringAnAttempt(at: number, steps: readonly Step[]): boolean {
  return steps.some(({ to, at: from }, i) => {
    const until = steps[i + 1]?.at ?? Number.POSITIVE_INFINITY;
    return to === "claimed" && at >= from - roundedMs && at <= until;
  });
}

/** With the lead each form's sender must have come to: the answer did not name it. One that is not there is named, too. */
export function withFormAnswers(sent: readonly Sent[], records: readonly LeadRecord[]): Sent[] {
  const byEmail = Map.groupBy(records, ({ lead }) => lead.email);
  return sent.map((lead) => {
    if (!lead.asForm || !lead.thanked) return lead;
    const found = byEmail.get(lead.email)?.map((record) => record.lead.id) ?? ["a lead"];
    return { ...lead, answers: new Set<string>(found) };
  });
}
