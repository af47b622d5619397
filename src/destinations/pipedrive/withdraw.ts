import type { ConsentNotice, DeliveryContext } from "../../model/destination.ts";
import type { Outcome } from "../../model/outcome.ts";
import { accountOf } from "./account.ts";
import { type Api, isStop, type Stop } from "./call.ts";
import { byHand } from "./errors.ts";
import { readFields } from "./fields.ts";
import { findPersons } from "./find-person.ts";
import { readRecord, recordNamed } from "./find-record.ts";
import { changeStatus, type Status, statusOf } from "./marketing-status.ts";
import type { Options } from "./options.ts";

/**
 * Unsubscribes everybody with the lead's address. Whether it could be changed is read back, and what could not is a person's
 * to do.
 */
export async function withdraw(notice: ConsentNotice, options: Options, context: DeliveryContext): Promise<Outcome> {
  const { purpose } = notice;
  if (purpose !== options.marketingPurpose)
    return done(`Pipedrive knows no consent for "${purpose}"; nothing was changed`);
  const api: Api = { options, account: accountOf(options, context.now()), ...context };
  const statuses = await unsubscribeAll(api, notice);
  if (isStop(statuses)) return statuses.stop;
  if (statuses.size === 0) return done("there is no such person in Pipedrive any more");
  const withStatus = (wanted: Status): number[] => [...statuses].flatMap(([id, one]) => (one === wanted ? id : []));
  const unchanged = [...withStatus("subscribed"), ...withStatus("unknown")];
  if (unchanged.length > 0)
    return byHand(
      `the marketing status may change only once, or not by the token's user: in Pipedrive, unsubscribe ${named(unchanged)}`,
    );
  const without = withStatus("none");
  if (without.length > 0)
    return byHand(
      `this Pipedrive account shows no marketing status (it comes with Campaigns): see to it that ${named(without)} gets ` +
        "no more marketing; when none is sent from Pipedrive, set `marketingPurpose: null`",
    );
  const archived = withStatus("archived");
  return done(
    ...(archived.length > 0 ? [`${named(archived)} stays archived, which may be made subscribed again`] : []),
  );
}

/** Those with the address (or number); when there are none, whoever the lead or deal is of by now. */
async function unsubscribeAll(api: Api, notice: ConsentNotice): Promise<Map<number, Status> | Stop> {
  const statuses = new Map<number, Status>();
  for (const look of [personsKnown, personLinked]) {
    const ids = await look(api, notice);
    if (isStop(ids)) return ids;
    for (const id of ids) {
      const status = await api.account.inTurn(`person with id ${id}`, () => unsubscribe(api, id));
      if (isStop(status)) return status;
      if (status !== "gone") statuses.set(id, status);
    }
    if (statuses.size > 0) break;
  }
  return statuses;
}

async function personsKnown(api: Api, { lead }: ConsentNotice): Promise<number[] | Stop> {
  return lead.email === null && lead.phone === null ? [] : findPersons({ api, lead }, true);
}

async function personLinked(api: Api, { lead, ref }: ConsentNotice): Promise<number[] | Stop> {
  if (ref === null) return [];
  const fields = await readFields(api);
  if (isStop(fields)) return fields;
  const record = await readRecord(api, fields, lead.id, recordNamed(ref));
  if (isStop(record)) return record;
  return record?.person ? [record.person] : [];
}

async function unsubscribe(api: Api, id: number): Promise<Status | Stop> {
  const before = await statusOf(api, id);
  if (isStop(before) || before === "unsubscribed" || before === "none" || before === "gone") return before;
  return changeStatus(api, id, "unsubscribed");
}

function named(ids: readonly number[]): string {
  return `${ids.length > 1 ? "persons" : "person"} ${ids.join(", ")}`;
}

function done(...warnings: string[]): Outcome {
  return { type: "delivered", ...(warnings.length > 0 ? { warnings } : {}) };
}
