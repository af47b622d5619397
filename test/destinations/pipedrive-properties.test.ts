import fc from "fast-check";
import { expect, test } from "vitest";
import { pipedrive } from "../../src/destinations/index.ts";
import { type Fault, startSandbox } from "../../src/sandbox/index.ts";
import { aGateway } from "../support/a-gateway.ts";

/** More runs for a longer look: `LEADKEEP_RUNS=500 npx vitest run test/destinations/pipedrive-properties.test.ts`. */
const numRuns = Number(process.env.LEADKEEP_RUNS ?? 25);

/** Ways to send for the three people: one with a second address on file, one who is new, one who leaves a number only. */
const contacts = [
  { email: "ada@example.com" },
  { email: "ADA@Example.com" },
  { email: "ada@work.example.com" },
  { email: "bob@example.com" },
  { email: "Bob@EXAMPLE.com", phone: "+442079460018" },
  { phone: "+442079460099" },
  { phone: "020 7946 0099" },
] as const;
const people = { ada: [0, 1, 2], bob: [3, 4], caller: [5, 6] } as const;

const faults = fc.oneof(
  { weight: 12, arbitrary: fc.constant(null) },
  { weight: 2, arbitrary: fc.constantFrom<Fault>({ type: "reset", when: "after" }, { type: "reset", when: "before" }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(500, 502, 504).map((status): Fault => ({ type: "status", status, applied: true })),
  },
  { weight: 1, arbitrary: fc.constant<Fault>({ type: "status", status: 503 }) },
  { weight: 1, arbitrary: fc.constant<Fault>({ type: "status", status: 429, headers: { "retry-after": "0" } }) },
  { weight: 1, arbitrary: fc.constant<Fault>({ type: "garbage" }) },
  { weight: 1, arbitrary: fc.boolean().map((applied): Fault => ({ type: "hang", applied })) },
);

const stories = fc.record({
  leads: fc.array(fc.record({ contact: fc.nat({ max: contacts.length - 1 }), waits: fc.boolean() }), {
    minLength: 1,
    maxLength: 7,
  }),
  weather: fc.array(faults, { maxLength: 40 }),
  target: fc.constantFrom("lead" as const, "deal" as const),
  isSetUp: fc.boolean(),
  company: fc.boolean(),
});

test("whatever is lost on the way, Pipedrive ends with one person per person and one lead and note per lead", async () => {
  await fc.assert(fc.asyncProperty(stories, holds), { numRuns, endOnFailure: false });
}, 600_000);

async function holds({
  leads,
  weather,
  target,
  isSetUp,
  company,
}: typeof stories extends fc.Arbitrary<infer T> ? T : never) {
  const calls = weather.values();
  let next: Fault | null = null;
  const sandbox = await startSandbox({ random: () => draw() });
  const vendor = sandbox.vendors.pipedrive;
  Object.assign(vendor.settings, { limits: false, searchLagMs: 25 });
  /** Asked once for each request: 0 lets the fault in force hit it; then the next request's fault is put in force. */
  function draw(): number {
    const hit = next !== null;
    next = calls.next().value ?? null;
    const fault = next ?? { type: "garbage" as const };
    queueMicrotask(() => vendor.setFault({ ...fault, rate: 0.5 }));
    return hit ? 0 : 0.9;
  }
  vendor.setFault({ type: "garbage", rate: 0.5 });
  const crm = vendor.own;
  if (isSetUp) {
    crm.addField("deal", "Lead ID", "varchar");
    crm.addField("person", "Latest lead ID", "varchar");
  }
  crm.addPerson({ name: "Nobody", emails: ["ada@example.com", "ada@work.example.com"] });
  const destination = pipedrive({
    apiToken: "token",
    baseUrl: vendor.url,
    target,
    pace: { limit: 100_000, intervalMs: 1_000 },
    searchPace: { limit: 1_000, intervalMs: 1 },
    searchLagMs: 60,
    schedule: Array.from({ length: 60 }, () => 10),
    timeoutMs: 400,
  });
  const gateway = await aGateway({ config: { destinations: { pipedrive: destination } } });
  try {
    const sent: { id: string; name: string; contact: number }[] = [];
    for (const [n, { contact, waits }] of leads.entries()) {
      const name = `Name ${n}`;
      const fields = { ...contacts[contact], name, consent: "on", ...(company ? { company: "Engines" } : {}) };
      const id = await gateway.post(fields);
      sent.push({ id, name, contact });
      if (waits) await gateway.delivery(id, "pipedrive", "delivered", "dead");
    }
    const records = target === "lead" ? crm.leads : crm.deals;
    const refs = new Map<string, string | null>();
    for (const { id } of sent) {
      const { state, ref } = await gateway.delivery(id, "pipedrive", "delivered", "dead");
      expect(state).toBe("delivered");
      refs.set(id, ref);
    }
    const senders = Object.values(people).map((own) =>
      sent.filter(({ contact }) => (own as readonly number[]).includes(contact)),
    );
    const seen = senders.filter((own, i) => own.length > 0 || i === 0).length;
    expect(crm.persons).toHaveLength(seen);
    expect(crm.organizations).toHaveLength(company ? 1 : 0);
    expect(records).toHaveLength(sent.length);
    expect(crm.notes).toHaveLength(sent.length);
    for (const { id } of sent) {
      const record = records.find((one) => String(one.id) === refs.get(id));
      expect(crm.notes.filter(({ content }) => String(content).includes(id))).toMatchObject([
        target === "lead" ? { lead_id: record?.id } : { deal_id: record?.id },
      ]);
    }
    for (const own of senders) {
      const newest = own.at(-1);
      if (!newest) continue;
      const of = own.map(({ id }) => records.find((one) => String(one.id) === refs.get(id))?.person_id);
      expect(new Set(of).size).toBe(1);
      expect(crm.persons.find(({ id }) => id === of[0])?.name).toBe(newest.name);
    }
  } finally {
    await gateway.close();
    await sandbox.close();
  }
}
