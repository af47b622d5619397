import fc from "fast-check";
import { expect, test } from "vitest";
import type { Fault } from "../../src/sandbox/index.ts";
import { aPerson } from "../support/a-gateway.ts";
import { aForm, aHubSpot, type TestHubSpot } from "../support/a-hubspot.ts";
import { until } from "../support/until.ts";

/** `HUBSPOT_RUNS=100 npx vitest run test/destinations/hubspot-properties.test.ts` looks harder. */
const numRuns = Number(process.env.HUBSPOT_RUNS ?? 4);

const rate = 0.3;
const faults: fc.Arbitrary<Fault | null> = fc.constantFrom<(Fault | null)[]>(
  null,
  { type: "status", status: 500, rate },
  { type: "status", status: 502, applied: true, rate },
  { type: "status", status: 429, rate, body: '{"policyName":"SECONDLY"}', headers: { "retry-after": "0" } },
  { type: "reset", when: "before", rate },
  { type: "reset", when: "after", rate },
  { type: "garbage", rate },
  { type: "hang", applied: true, rate: 0.1 },
  { type: "hang", applied: false, rate: 0.1 },
);

/** How a person comes in: by address, by the same in capitals, by a second one HubSpot knows of, or by phone only. */
const ways = ["email", "capitals", "second", "phone"] as const;
const submission = fc.record({
  person: fc.integer({ min: 0, max: 2 }),
  way: fc.constantFrom(...ways),
  fault: faults,
  /** Waits for the one before to be on record only, or for a moment. */
  pauseMs: fc.constantFrom(0, 0, 5, 60),
});
type Submission = { person: number; way: (typeof ways)[number]; fault: Fault | null; pauseMs: number };

test("whatever the order and the faults, there is one contact a person, and one deal, note and submission a lead", async () => {
  const draw = { next: (): number => 1 };
  const hubspot = await aHubSpot(() => draw.next());
  try {
    await fc.assert(
      fc.asyncProperty(
        fc.array(submission, { minLength: 1, maxLength: 7 }),
        fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })),
        async (submissions, draws) => {
          draw.next = () => draws.next().value ?? 1;
          await holds(hubspot, submissions);
        },
      ),
      { numRuns, endOnFailure: true },
    );
  } finally {
    await hubspot.close();
  }
}, 300_000);

async function holds(hubspot: TestHubSpot, submissions: readonly Submission[]): Promise<void> {
  hubspot.sandbox.reset();
  Object.assign(hubspot.vendor.settings, {
    limits: false,
    conflicts: submissions.length % 2 ? "conflict" : "coordinates",
  });
  await hubspot.setUp();
  hubspot.crm().create("contacts", { email: "p0@example.com", hs_additional_emails: "second0@example.com" });
  const gateway = await hubspot.start(
    { deal: { stage: "appointmentscheduled" }, note: true, form: aForm, pace: { limit: 10_000, intervalMs: 1_000 } },
    { variables: { LEADKEEP_SCHEDULE: Array(40).fill("15ms").join(), LEADKEEP_TIMEOUT: "300ms" } },
  );
  const sent: { id: string; message: string; key: string }[] = [];
  for (const [index, one] of submissions.entries()) {
    hubspot.vendor.setFault(one.fault);
    const message = `message ${index}`;
    const fields = contactOf(one);
    const id = await gateway.post(aPerson({ ...fields, message }));
    sent.push({ id, message, key: (fields.email || fields.phone).toLowerCase() });
    await new Promise((resolve) => setTimeout(resolve, one.pauseMs));
  }
  await until(async () => hubspot.vendor.received.length > 4);
  hubspot.vendor.setFault(null);
  for (const { id } of sent) await gateway.delivery(id, "hubspot", "delivered");
  await check(hubspot, gateway, sent);
  await gateway.close();
}

/** Person 0 is the one HubSpot knows by two addresses; of the others a second address is a person of its own. */
function contactOf({ person, way }: Submission): { email: string; phone: string } {
  const number = `+4420794600${10 + person}`;
  if (way === "phone") return { email: "", phone: number };
  if (way === "second") return { email: `second${person}@example.com`, phone: "" };
  return { email: way === "capitals" ? `P${person}@Example.COM` : `p${person}@example.com`, phone: "" };
}

async function check(
  hubspot: TestHubSpot,
  gateway: Awaited<ReturnType<TestHubSpot["start"]>>,
  sent: readonly { id: string; message: string; key: string }[],
): Promise<void> {
  const crm = hubspot.crm();
  const people = new Set(sent.map(({ key }) => (key === "second0@example.com" ? "p0@example.com" : key)));
  people.add("p0@example.com");
  const byEmail = sent.filter(({ key }) => key.includes("@"));
  expect(hubspot.counts()).toEqual([people.size, sent.length, sent.length, byEmail.length]);
  for (const { id, key } of sent) {
    const contact = key.includes("@") ? crm.contactBy("email", key) : crm.contactBy("lead_phone", key);
    const { deliveries } = await gateway.record(id);
    expect(deliveries[0]?.ref).toBe(contact?.id);
    const deals = crm.all("deals").filter(({ properties }) => properties.description?.includes(id));
    const notes = crm.all("notes").filter(({ properties }) => properties.hs_note_body?.includes(id));
    expect([deals.length, notes.length]).toEqual([1, 1]);
    expect(deals[0]?.associations.contacts).toEqual([contact?.id]);
    expect(notes[0]?.associations).toEqual({ contacts: [contact?.id], deals: [deals[0]?.id] });
    const newest = sent.findLast((one) => one.key === key);
    // Two addresses of one contact are two people to us: which of them is the newest is not kept in order.
    if (!/^(p0|second0)@/.test(key)) {
      expect(contact?.properties).toMatchObject({ message: newest?.message, lead_submission_id: newest?.id });
    }
  }
}
