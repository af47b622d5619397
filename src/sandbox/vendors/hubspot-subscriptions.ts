import * as z from "zod";
import type { Call, Reply } from "./hubspot.ts";

/** What an address is subscribed to, and on what ground. `at` in epoch milliseconds. */
type Subscription = { email: string; typeId: number; status: Status; ground: string; source: string; at: number };
type Status = "SUBSCRIBED" | "UNSUBSCRIBED" | "NOT_SPECIFIED";

const grounds = [
  "CONSENT_WITH_NOTICE",
  "LEGITIMATE_INTEREST_CLIENT",
  "LEGITIMATE_INTEREST_OTHER",
  "LEGITIMATE_INTEREST_PQL",
  "NON_GDPR",
  "PERFORMANCE_OF_CONTRACT",
  "PROCESS_AND_STORE",
] as const;
const change = z.object({
  channel: z.literal("EMAIL"),
  statusState: z.enum(["SUBSCRIBED", "UNSUBSCRIBED", "NOT_SPECIFIED"]),
  subscriptionId: z.number().int(),
  legalBasis: z.enum(grounds).optional(),
  legalBasisExplanation: z.string().optional(),
});

/** The subscriptions of an account. */
export function newSubscriptions(now: () => number) {
  const held = new Map<string, Subscription>();
  const keyOf = (email: string, typeId: number) => `${email.toLowerCase()}\n${typeId}`;

  return {
    of: (email: string, typeId: number): Subscription | undefined => held.get(keyOf(email, typeId)),
    all: (): Subscription[] => [...held.values()],
    set(email: string, typeId: number, status: Status, { ground = "", source = "API" } = {}): void {
      held.set(keyOf(email, typeId), { email: email.toLowerCase(), typeId, status, ground, source, at: now() });
    },
    forget(email: string): void {
      for (const [key, one] of held) if (one.email === email.toLowerCase()) held.delete(key);
    },
  };
}

/** Per https://developers.hubspot.com/docs/api-reference/latest/communication-preferences/definitions/get-subscription-definitions (read 2026-11). */
export function listDefinitions({ settings }: Call): Reply {
  const results = settings.subscriptionTypes.map((id) => ({ id: String(id), name: `Type ${id}`, isActive: true }));
  return { status: 200, body: { status: "COMPLETE", results } };
}

export function readStatuses({ crm, settings, request }: Call, [email = ""]: string[]): Reply {
  if (request.query.get("channel") !== "EMAIL") return refused("A channel is required");
  const results = settings.subscriptionTypes.map((typeId) => shown(email, typeId, crm.subscriptions.of(email, typeId)));
  return { status: 200, body: { status: "COMPLETE", results } };
}

/** Per https://developers.hubspot.com/docs/api-reference/latest/communication-preferences/status/update-subscription (read 2026-11). */
export function changeStatus({ crm, settings, request }: Call, [email = ""]: string[]): Reply {
  const input = change.safeParse(request.json).data;
  if (!input) return refused("Invalid input JSON");
  const { statusState, subscriptionId: typeId, legalBasis, legalBasisExplanation } = input;
  if (settings.dataPrivacy && !(legalBasis && legalBasisExplanation)) return refused("A legal basis is required");
  if (!settings.subscriptionTypes.includes(typeId)) return refused(`Subscription ${typeId} does not exist`);
  const held = crm.subscriptions.of(email, typeId);
  if (held?.status === "UNSUBSCRIBED" && statusState === "SUBSCRIBED" && settings.resubscribing === "refused") {
    return refused("You cannot subscribe an unsubscribed address.");
  }
  if (held?.status === statusState) {
    if (statusState === "UNSUBSCRIBED" && settings.repeatedUnsubscribe === "refused") {
      return refused(`${email} is already unsubscribed from ${typeId}`);
    }
    const unchanged = { ...shown(email, typeId, held), setStatusSuccessReason: "NO_STATUS_CHANGE" };
    return { status: 200, body: { status: "COMPLETE", results: [unchanged] } };
  }
  crm.subscriptions.set(email, typeId, statusState, { ground: legalBasisExplanation ?? "" });
  const results = [shown(email, typeId, crm.subscriptions.of(email, typeId))];
  return { status: 200, body: { status: "COMPLETE", results }, recordIds: [] };
}

function shown(email: string, typeId: number, held: Subscription | undefined): object {
  return {
    channel: "EMAIL",
    subscriberIdString: email,
    subscriptionId: typeId,
    status: held?.status ?? "NOT_SPECIFIED",
    source: held?.source ?? "",
    ...(held ? { timestamp: new Date(held.at).toISOString(), legalBasisExplanation: held.ground } : {}),
  };
}

function refused(message: string): Reply {
  return { status: 400, body: { status: "error", message, category: "VALIDATION_ERROR" } };
}
