import * as z from "zod";
import { type Api, isRefusal, isStop, type Stop, write } from "./call.ts";
import { readPerson } from "./find-person.ts";

const statuses = ["no_consent", "subscribed", "unsubscribed", "archived"] as const;

/** A person's marketing status. `none`: none is shown, as without Campaigns; `gone`: they are not there. */
export type Status = (typeof statuses)[number] | "unknown" | "none" | "gone";

/** The status as it stands. */
export async function statusOf(api: Api, id: number): Promise<Status | Stop> {
  const person = await readPerson(api, id, true);
  if (isStop(person)) return person;
  if (person === null) return "gone";
  if (!person.marketing_status) return "none";
  return statuses.find((status) => status === person.marketing_status) ?? "unknown";
}

/**
 * Asks for a change, and resolves to the status it has come to: it may change only once, and a change that is not allowed is
 * passed over in silence, per https://developers.pipedrive.com/docs/api/v1/Persons (read 2026-11).
 */
export async function changeStatus(api: Api, id: number, to: "subscribed" | "unsubscribed"): Promise<Status | Stop> {
  const answer = await write(api, "PATCH", `v2/persons/${id}`, { marketing_status: to }, z.unknown());
  if (isStop(answer) && !isRefusal(answer)) return answer;
  return statusOf(api, id);
}
