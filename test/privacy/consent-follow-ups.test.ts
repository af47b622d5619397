import { expect, test } from "vitest";
import * as z from "zod";
import { make, webhook, zapier } from "../../src/destinations/index.ts";
import type { LeadRecord } from "../../src/ledger/ledger.ts";
import { configureDestination } from "../../src/model/configured-destination.ts";
import { type Destination, type DestinationSettings, defineDestination } from "../../src/model/destination.ts";
import { deliveryIdOf } from "../../src/model/id.ts";
import { consentFollowUps } from "../../src/privacy/consent-follow-ups.ts";
import { aConsent, aLead, aMoment } from "../support/a-lead.ts";

const delivered = { type: "delivered" } as const;
const kindOf = (abilities: object) =>
  defineDestination({ kind: "crm", label: "CRM", options: z.object({}), deliver: async () => delivered, ...abilities });
const tellable = { grant: async () => delivered };
const asking = { ...tellable, find: async () => ({ type: "missing" }) as const };

function aCrm(settings: DestinationSettings = {}, abilities: object = tellable): Destination {
  const { destination } = configureDestination("crm", kindOf(abilities)(settings));
  if (!destination) throw new Error("not configured");
  return destination;
}

const granted = aConsent({ purpose: "marketing", recipients: ["Example Ltd"] });
type Held = LeadRecord["deliveries"][number];

function heldBy(delivery: Partial<Held>): LeadRecord {
  const lead = aLead({ consents: [aConsent(), granted] });
  const nothing = { dueAt: null, firstTryAt: null, progress: null, reason: null, ref: null };
  const whole: Held = {
    ...nothing,
    id: deliveryIdOf(lead.id, "crm"),
    leadId: lead.id,
    destination: "crm",
    event: "lead.created",
    kind: "crm",
    purpose: "enquiry",
    state: "delivered",
    tries: 1,
    attempts: 1,
    uncertain: false,
    superseded: false,
    warnings: [],
    history: [],
    ...delivery,
  };
  return { lead, work: { stage: "new", assignee: null, note: null, at: null }, deliveries: [whole] };
}

const followUps = (delivery: Partial<Held>, crm: Destination) => consentFollowUps(heldBy(delivery), granted, [crm]);
const told = [{ event: "consent.granted", destination: "crm", kind: "crm", purpose: "marketing", reason: null }];
const redacted = { startedAt: aMoment, durationMs: 1, outcome: "delivered", status: 200, reason: null } as const;

test.each<[string, Partial<Held>]>([
  ["has the lead", {}],
  ["is being sent it", { state: "claimed" }],
  ["may have it, for another purpose", { state: "pending", uncertain: true }],
])("a destination that %s is told of a consent given later", (_, delivery) => {
  expect(followUps(delivery, aCrm())).toEqual(told);
});

test.each<[string, Partial<Held>]>([
  ["waits for it", { state: "pending" }],
  ["gets it by this very consent", { state: "pending", uncertain: true, purpose: "marketing" }],
  ["holds it without the person", { history: [{ ...redacted, n: 1, basis: "nothing-personal" }] }],
  ["was never to get it", { state: "withheld" }],
])("a destination that %s is not told of it", (_, delivery) => {
  expect(followUps(delivery, aCrm())).toEqual([]);
});

test("one that is only asked whether it has the lead is told also when the consent has set that going", () => {
  expect(followUps({ state: "pending", uncertain: true, purpose: "marketing" }, aCrm({}, asking))).toEqual(told);
});

test("one that cannot be told is nobody's task", () => {
  expect(followUps({}, aCrm({}, {}))).toEqual([]);
});

test("one that is not among the recipients the wording named is not told, whatever else it may have the lead for", () => {
  expect(followUps({}, aCrm({ recipient: "Other Ltd" }))).toEqual([]);
  expect(followUps({}, aCrm({ recipient: "Example Ltd", basis: "legitimate-interest" }))).toEqual(told);
});

test("a consent that is only requested, or refused, is told to nobody", () => {
  for (const action of ["requested", "refused"] as const)
    expect(consentFollowUps(heldBy({}), { ...granted, action }, [aCrm()])).toEqual([]);
});

test("kinds tell by their options whether consents can be passed on", () => {
  const url = "https://example.com/hook";
  const grants = [
    webhook({ url }),
    webhook({ url, events: ["lead.created"] }),
    zapier({ url, followUps: true }),
    zapier({ url }),
    make({ url, followUps: true }),
    make({ url }),
  ].map((spec) => configureDestination("one", spec).destination?.grant !== null);
  expect(grants).toEqual([true, false, true, false, true, false]);
});
