import * as z from "zod";
import type { Outcome, Reason } from "../../model/outcome.ts";
import { answered } from "../shared/outcome-of.ts";
import { type Answer, type Api, apiVersion, part } from "./api.ts";
import { failedLook, isForGood, messageOf, unreadable, verdict } from "./errors.ts";

/** The scope that allows to read and to change subscriptions. */
export const subscriptionScope = "communication_preferences.read_write";

/** Why somebody is not subscribed who has unsubscribed before. */
export const optedOut = "opted_out";

/** A person's subscription to one type. `at`: since when, epoch milliseconds; null when HubSpot does not say. */
export type Subscription = { typeId: number; status: string; at: number | null };

/** What is to be changed, and on what ground. */
export type SubscriptionChange = { typeId: number; status: "SUBSCRIBED" | "UNSUBSCRIBED"; explanation: string };

/** A no for good, or an answer that settles nothing yet. */
export type NotDone = { type: "refused"; reason: Reason } | { type: "unsettled"; outcome: Outcome };

const statuses = z.object({
  results: z.array(
    z.object({
      subscriptionId: z.coerce.number(),
      status: z.string(),
      timestamp: z.string().optional().catch(undefined),
    }),
  ),
});
const definitions = z.object({
  results: z.array(z.object({ id: z.coerce.number(), isActive: z.boolean().catch(true) })),
});
/** Longer wordings are cut: how long an explanation HubSpot takes is not documented. */
const longestExplanation = 5_000;

/** The subscriptions of an address. Per https://developers.hubspot.com/docs/api-reference/latest/communication-preferences/guide (read 2026-11). */
export async function readSubscriptions(
  api: Api,
  email: string,
  now: number,
): Promise<{ type: "read"; subscriptions: Subscription[] } | NotDone> {
  const answer = await api.look("GET", `${subscriptionPath(email)}?channel=EMAIL`);
  if (answer.status === 404) return { type: "read", subscriptions: [] };
  const read = answer.ok ? statuses.safeParse(answer.body).data : undefined;
  if (!read) return notDone(failedLook(answer, now));
  const subscriptions = read.results.map(({ subscriptionId, status, timestamp }) => {
    const at = Date.parse(timestamp ?? "");
    return { typeId: subscriptionId, status, at: Number.isNaN(at) ? null : at };
  });
  return { type: "read", subscriptions };
}

/**
 * Subscribes or unsubscribes an address; that it is so already is as good. Repeatable. Per
 * https://developers.hubspot.com/docs/api-reference/latest/communication-preferences/status/update-subscription (read 2026-11).
 */
export async function changeSubscription(
  api: Api,
  email: string,
  change: SubscriptionChange,
  now: number,
): Promise<{ type: "done" } | NotDone> {
  const { typeId, status } = change;
  const answer = await api.write("POST", subscriptionPath(email), subscriptionBody(change));
  if (answer.ok) return confirmed(answer, change);
  const message = messageOf(answer.body);
  if (answer.status === 400 && new RegExp(`already ${status}`, "i").test(message)) return { type: "done" };
  if (answer.status === 400 && status === "SUBSCRIBED" && /unsubscribed|opted out/i.test(message)) {
    return { type: "refused", reason: answered(400, optedOut, ": the person has unsubscribed in HubSpot") };
  }
  const result = notDone(verdict(answer, now));
  if (result.type === "unsettled" || result.reason.code !== "rejected") return result;
  const detail = `: HubSpot did not change subscription type ${typeId}; see leadkeep doctor`;
  return { type: "refused", reason: answered(answer.status, "rejected", detail) };
}

/** The account's subscription types: id → whether it is in use. An outcome when they cannot be read. */
export async function subscriptionTypes(api: Api, now: number): Promise<Map<number, boolean> | Outcome> {
  const answer = await api.look("GET", `/communication-preferences/${apiVersion}/definitions`);
  const read = answer.ok ? definitions.safeParse(answer.body).data : undefined;
  return read ? new Map(read.results.map(({ id, isActive }) => [id, isActive])) : failedLook(answer, now);
}

/** Where an address's subscriptions are read and changed. */
export function subscriptionPath(email: string): string {
  return `/communication-preferences/${apiVersion}/statuses/${part(email)}`;
}

/** What is sent. The ground is required in accounts with data privacy settings on. */
export function subscriptionBody({ typeId, status, explanation }: SubscriptionChange): object {
  const isLong = explanation.length > longestExplanation;
  return {
    channel: "EMAIL",
    statusState: status,
    subscriptionId: typeId,
    legalBasis: "CONSENT_WITH_NOTICE",
    legalBasisExplanation: isLong ? `${explanation.slice(0, longestExplanation).toWellFormed()} …` : explanation,
  };
}

function confirmed(answer: Answer, { typeId, status }: SubscriptionChange): { type: "done" } | NotDone {
  const own = statuses.safeParse(answer.body).data?.results.find(({ subscriptionId }) => subscriptionId === typeId);
  if (own?.status === status) return { type: "done" };
  if (own === undefined) return { type: "unsettled", outcome: unreadable(answer) };
  return { type: "refused", reason: answered(answer.status, "rejected", `: HubSpot left type ${typeId} as it was`) };
}

function notDone(outcome: Outcome): NotDone {
  if (!isForGood(outcome)) return { type: "unsettled", outcome };
  const { reason } = outcome;
  if (reason.code !== "missing_scope") return { type: "refused", reason };
  return { type: "refused", reason: { ...reason, message: `${reason.message}; give the key ${subscriptionScope}` } };
}
