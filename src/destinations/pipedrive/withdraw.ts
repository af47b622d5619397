import * as z from "zod";
import type { DeliveryContext, Withdrawal } from "../../model/destination.ts";
import type { Outcome } from "../../model/outcome.ts";
import { accountOf } from "./account.ts";
import { type Api, isRefusal, isStop, type Stop, write } from "./call.ts";
import { byHand } from "./errors.ts";
import { readFields } from "./fields.ts";
import { findPersons, readPerson } from "./find-person.ts";
import { readRecord, recordNamed } from "./find-record.ts";
import type { Options } from "./options.ts";

/** How a person ended. `none`: no marketing status is shown; `gone`: they are not there; `unchanged`: still subscribed. */
type Status = "unsubscribed" | "no_consent" | "archived" | "none" | "gone" | "unchanged";

const ended = ["unsubscribed", "no_consent", "archived"] as const;

/**
 * Unsubscribes everybody with the lead's address. The marketing status comes with Campaigns, may change only once, and a
 * change that is not allowed is passed over in silence, per https://developers.pipedrive.com/docs/api/v1/Persons (read
 * 2026-11); so it is read back, and what could not be changed is a person's to do.
 */
export async function withdraw(withdrawal: Withdrawal, options: Options, context: DeliveryContext): Promise<Outcome> {
  const { purpose } = withdrawal;
  if (purpose !== options.marketingPurpose)
    return done(`Pipedrive knows no consent for "${purpose}"; nothing was changed`);
  const api: Api = { options, account: accountOf(options, context.now()), ...context };
  const statuses = await unsubscribeAll(api, withdrawal);
  if (isStop(statuses)) return statuses.stop;
  if (statuses.size === 0) return done("there is no such person in Pipedrive any more");
  const withStatus = (wanted: Status): number[] => [...statuses].flatMap(([id, one]) => (one === wanted ? id : []));
  const unchanged = withStatus("unchanged");
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
async function unsubscribeAll(api: Api, withdrawal: Withdrawal): Promise<Map<number, Status> | Stop> {
  const statuses = new Map<number, Status>();
  for (const look of [personsKnown, personLinked]) {
    const ids = await look(api, withdrawal);
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

async function personsKnown(api: Api, { lead }: Withdrawal): Promise<number[] | Stop> {
  return lead.email === null && lead.phone === null ? [] : findPersons({ api, lead }, true);
}

async function personLinked(api: Api, { lead, ref }: Withdrawal): Promise<number[] | Stop> {
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
  const body = { marketing_status: "unsubscribed" };
  const answer = await write(api, "PATCH", `v2/persons/${id}`, body, z.unknown());
  if (isStop(answer) && !isRefusal(answer)) return answer;
  return statusOf(api, id);
}

async function statusOf(api: Api, id: number): Promise<Status | Stop> {
  const person = await readPerson(api, id, true);
  if (isStop(person)) return person;
  if (person === null) return "gone";
  if (!person.marketing_status) return "none";
  return ended.find((status) => status === person.marketing_status) ?? "unchanged";
}

function named(ids: readonly number[]): string {
  return `${ids.length > 1 ? "persons" : "person"} ${ids.join(", ")}`;
}

function done(...warnings: string[]): Outcome {
  return { type: "delivered", ...(warnings.length > 0 ? { warnings } : {}) };
}
