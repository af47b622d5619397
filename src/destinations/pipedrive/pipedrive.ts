import { type DeliveryContext, defineDestination } from "../../model/destination.ts";
import type { Json } from "../../model/json.ts";
import type { Lead } from "../../model/lead.ts";
import type { Outcome } from "../../model/outcome.ts";
import { accountOf } from "./account.ts";
import { type Api, isStop } from "./call.ts";
import { check } from "./check.ts";
import { erase } from "./erase.ts";
import { readFields } from "./fields.ts";
import { grant } from "./grant.ts";
import { noteOn } from "./note.ts";
import { type Options, options } from "./options.ts";
import { organizationOf } from "./organization.ts";
import { personOf } from "./person.ts";
import { place } from "./placing.ts";
import { plan } from "./plan.ts";
import { type Progress, progressOf, type StepName } from "./progress.ts";
import { readBack } from "./read-back.ts";
import { recordOf } from "./record.ts";
import type { Session } from "./session.ts";
import { setup } from "./setup.ts";
import { warningsOf } from "./warnings.ts";
import { withdraw } from "./withdraw.ts";

/**
 * Brings a lead to Pipedrive: organisation, person, then a lead or a deal, then a note, each step saved, so that a retry
 * neither repeats nor skips one. There is no idempotency key, so a step whose answer was lost looks before it creates.
 *
 * Pace: 20 requests in any 2 seconds on the smallest plan, per
 * https://pipedrive.readme.io/docs/core-api-concepts-rate-limiting (read 2026-11), less a margin for what the network
 * bunches up; a lead is up to nine requests, which are to go without a pause when nothing else does. Four at once leave each
 * attempt its time.
 */
export const pipedrive = defineDestination({
  kind: "pipedrive",
  label: "Pipedrive",
  options,
  concurrency: 4,
  pace: { limit: 18, intervalMs: 2_000, burst: 12 },
  plan,
  check,
  setup,
  deliver,
  grant,
  withdraw,
  erase,
  readBack,
  readBackSize: 1_000,
  canErase: (options) => options.erase !== "by-hand",
  byHand: "Delete the lead or deal, its note and its person in Pipedrive",
  linkTo,
});

/** Leads have UUIDs and deals have numbers; which of them a delivery became may since have been configured otherwise. */
function linkTo(ref: string, { domain }: Options): string | null {
  if (domain === undefined) return null;
  const path = /^\d+$/.test(ref) ? `deal/${ref}` : `leads/inbox/${encodeURIComponent(ref)}`;
  return `https://${domain}.pipedrive.com/${path}`;
}

async function deliver(lead: Lead, options: Options, context: DeliveryContext): Promise<Outcome> {
  const account = accountOf(options, context.now());
  const api: Api = { options, account, ...context };
  const fields = await readFields(api);
  if (isStop(fields)) return fields.stop;
  const placing = place(lead, options, fields);
  if (options.onUnknownField === "reject" && placing.unplaced.length > 0) return rejected(placing.unplaced);

  const progress = progressOf(context.progress);
  const keep = keeper(progress, context);
  const session: Session = {
    api,
    lead,
    options,
    fields,
    placing,
    superseded: context.superseded,
    progress,
    status: null,
    keep,
  };
  const organization = await organizationOf(session);
  if (isStop(organization)) return organization.stop;
  const person = await personOf(session, organization);
  if (isStop(person)) return person.stop;
  const record = await recordOf(session, person, organization);
  if (isStop(record)) {
    // Should the person have been deleted or merged since, a replay is to look for them anew.
    if (record.stop.type === "rejected") await keep("person", { lastId: person });
    return record.stop;
  }
  if (options.note) {
    const note = await noteOn(session, record);
    if (isStop(note)) return note.stop;
  }
  const warnings = warningsOf(placing, progress, options);
  return {
    type: "delivered",
    ref: String(record),
    ...(session.status === null ? {} : { status: session.status }),
    ...(warnings.length > 0 ? { warnings } : {}),
  };
}

/** Changes one step of the progress and saves it whole. */
function keeper(progress: Progress, { save }: DeliveryContext) {
  return async (step: StepName, state: Progress[StepName]): Promise<void> => {
    if (state === undefined) delete progress[step];
    else progress[step] = state;
    await save(progress as Json);
  };
}

function rejected(unplaced: readonly { name: string; problem: string }[]): Outcome {
  const names = unplaced.map(({ name }) => `"${name}"`).join(", ");
  return {
    type: "rejected",
    reason: { code: "unknown_field", message: `no place in Pipedrive for the value of ${names}` },
  };
}
