import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Presence } from "../../src/model/destination.ts";
import { aHubSpot, type TestHubSpot } from "../support/a-hubspot.ts";
import { aLead } from "../support/a-lead.ts";
import { aDelivered, readBack } from "../support/read-back.ts";

let hubspot: TestHubSpot;
beforeEach(async () => {
  hubspot = await aHubSpot();
  hubspot.vendor.settings.limits = false;
});
afterEach(() => hubspot.close());

function aContact(email?: string): string {
  const made = hubspot.crm().create("contacts", email === undefined ? { firstname: "Ada" } : { email });
  if (!("id" in made)) throw new Error("it was refused");
  return made.id;
}

const look = (leads: readonly { ref: string | null; lead?: ReturnType<typeof aLead> }[]) =>
  readBack(
    hubspot.destination(),
    leads.map(({ ref, lead = aLead() }) => aDelivered(lead, "hubspot", ref)),
  );
const calls = () => hubspot.vendor.received.length;

test("250 leads of whom 120 share their contacts are three calls, deleted and merged ones among them", async () => {
  const refs = Array.from({ length: 130 }, () => aContact());
  const { merge, remove } = hubspot.crm();
  const merged = merge(refs[0] ?? "", refs[1] ?? "");
  remove("contacts", refs[2] ?? "");
  const told = await look([...refs, ...refs.slice(0, 120)].map((ref) => ({ ref })));
  expect(told.slice(0, 4)).toEqual([
    { type: "seen", as: merged.id },
    { type: "seen", as: merged.id },
    { type: "missing" },
    { type: "seen" },
  ]);
  expect(told.slice(130, 133)).toEqual(told.slice(0, 3));
  expect(calls()).toBe(3);
});

test("a contact merged twice, which no contact tells of, is asked for by itself and seen", async () => {
  const { merge } = hubspot.crm();
  const first = aContact();
  const last = merge(merge(first, aContact()).id, aContact());
  expect(await look([{ ref: first }])).toEqual([{ type: "seen", as: last.id }]);
  expect(calls()).toBe(2);
});

test("a contact whose survivor is deleted too is missing", async () => {
  const { merge, remove } = hubspot.crm();
  const first = aContact();
  remove("contacts", merge(first, aContact()).id);
  expect(await look([{ ref: first }])).toEqual([{ type: "missing" }]);
});

test("a look that breaks off half-way leaves the rest unknown, and keeps what it has seen", async () => {
  hubspot.vendor.settings.batchReadMisses = "left-out";
  const there = aContact();
  const gone = [aContact(), aContact()];
  for (const ref of gone) hubspot.crm().remove("contacts", ref);
  const reset = { type: "reset", when: "before" } as const;
  let asked = 0;
  const vendor = await aHubSpot(() => {
    asked += 1;
    return asked > 2 ? 0 : 0.9;
  });
  try {
    Object.assign(vendor.vendor.settings, hubspot.vendor.settings);
    const ids = [there, ...gone].map(() => {
      const made = vendor.crm().create("contacts", { firstname: "Ada" });
      return "id" in made ? made.id : "";
    });
    for (const id of ids.slice(1)) vendor.crm().remove("contacts", id);
    vendor.vendor.setFault({ ...reset, rate: 0.5 });
    const told = await readBack(
      vendor.destination(),
      ids.map((ref) => aDelivered(aLead(), "hubspot", ref)),
    );
    expect(told.map((presence) => presence?.type)).toEqual(["seen", "missing", "unknown"]);
  } finally {
    await vendor.close();
  }
});

test("without a contact's id a lead is looked for by its address, and by its own id where that was corrected", async () => {
  await hubspot.setUp();
  const [ada, bob, eve] = [aLead(), aLead(), aLead()];
  const adas = aContact(ada.email?.toUpperCase());
  const { create } = hubspot.crm();
  const bobs = create("contacts", { email: "corrected@example.com", lead_submission_id: bob.id });
  hubspot.vendor.settings.searchLagMs = 0;
  if ("shownFrom" in bobs) bobs.shownFrom = 0;
  const told = await look([ada, bob, eve].map((lead) => ({ ref: null, lead })));
  expect(told).toEqual([
    { type: "seen", as: adas },
    { type: "seen", as: "id" in bobs ? bobs.id : "" },
    { type: "missing" },
  ]);
});

test("without a contact's id a lead of a moment ago is not called missing yet", async () => {
  const lead = aLead({ receivedAt: Date.now() - 60_000 });
  const [presence] = await look([{ ref: null, lead }]);
  expect(presence).toMatchObject({ type: "unknown", reason: { code: "not_shown_yet" } });
  expect((presence as Extract<Presence, { type: "unknown" }>).waitMs).toBeGreaterThan(500_000);
});

test("what is no id of a contact does not have the whole batch refused", async () => {
  const ref = aContact();
  expect(await look([{ ref }, { ref: "dealt-with" }])).toEqual([{ type: "seen" }, { type: "missing" }]);
});

const fates = fc.constantFrom("stays", "deleted", "deleted for good", "merged", "merged into", "merged twice");
const stories = fc.record({
  fates: fc.array(fates, { minLength: 1, maxLength: 40 }),
  as: fc.constantFrom("a new contact" as const, "the first" as const),
  settings: fc.record({
    batchReadMisses: fc.constantFrom("named" as const, "left-out" as const),
    namesMerged: fc.boolean(),
  }),
});

test("whatever people delete and merge, each lead gets the right verdict", async () => {
  await fc.assert(
    fc.asyncProperty(stories, async ({ fates, as, settings }) => {
      Object.assign(hubspot.vendor.settings, settings);
      const crm = hubspot.crm();
      const refs = fates.map(() => aContact());
      const wanted = fates.map((fate, i): Presence => {
        const ref = refs[i] ?? "";
        if (fate === "stays") return { type: "seen" };
        if (fate.startsWith("merged")) {
          const other = aContact();
          const [first, second] = fate === "merged into" ? [other, ref] : [ref, other];
          const once = crm.merge(first, second, as);
          const last = fate === "merged twice" ? crm.merge(aContact(), once.id, as) : once;
          return last.id === ref ? { type: "seen" } : { type: "seen", as: last.id };
        }
        if (fate === "deleted") crm.remove("contacts", ref);
        else crm.removeForGood(ref);
        return { type: "missing" };
      });
      expect(await look(refs.map((ref) => ({ ref })))).toEqual(wanted);
    }),
    { numRuns: Number(process.env.LEADKEEP_RUNS ?? 40) },
  );
}, 60_000);
