import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LeadFilter, LeadPage, LeadRecord, Ledger, NewDelivery } from "../../../src/ledger/ledger.ts";
import { deliveryStates } from "../../../src/model/delivery.ts";
import type { LeadId } from "../../../src/model/id.ts";
import type { Lead } from "../../../src/model/lead.ts";
import { aConsent, aDelivery, aLead, aMoment, anEntry, aWithheldDelivery } from "../../support/a-lead.ts";
import { type OpenLedger, useLedger } from "./opened.ts";
import { anActor, arrived, buried, claimFrom, listed, putOff } from "./steps.ts";

export function describePages(open: OpenLedger): void {
  describe("pageOfLeads", () => {
    const store = useLedger(open);

    async function accepted(overrides: Partial<Lead> = {}, deliveries: NewDelivery[] = [aDelivery()]) {
      const lead = aLead(overrides);
      await store.ledger.accept(anEntry({ lead, deliveries }));
      return lead.id;
    }

    async function idsOf(filter: LeadFilter) {
      const page = idsIn(await store.ledger.pageOfLeads(filter, { size: 100 }));
      expect((await listed(store.ledger, filter)).map(({ lead }) => lead.id)).toEqual(page);
      return page;
    }

    test("the newest come first, with all that findLead tells, and where the next page begins", async () => {
      const [first, second, third] = [await accepted(), await accepted(), await accepted()];
      const page = await store.ledger.pageOfLeads({}, { size: 2 });
      expect(page).toEqual({
        records: [await store.ledger.findLead(third), await store.ledger.findLead(second)],
        next: second,
        searchedBack: null,
      });
      const last = await store.ledger.pageOfLeads({}, { size: 2, before: second });
      expect(last).toEqual({ records: [await store.ledger.findLead(first)], next: null, searchedBack: null });
    });

    test("a page that takes the last lead has no next one", async () => {
      await accepted();
      expect((await store.ledger.pageOfLeads({}, { size: 1 })).next).toBeNull();
    });

    test("an empty store has an empty page", async () => {
      expect(await store.ledger.pageOfLeads({}, { size: 10 })).toEqual({ records: [], next: null, searchedBack: null });
    });

    test("a page goes on from the id of a lead that is not on record any more", async () => {
      const old = await accepted();
      const gone = aLead().id;
      await accepted();
      expect(idsIn(await store.ledger.pageOfLeads({}, { size: 10, before: gone }))).toEqual([old]);
    });

    test("by source and by campaign, as they came", async () => {
      const parameters = { utm_source: 'Goo"gle', utm_campaign: "Herbst ümläut" };
      const match = await accepted(from(parameters));
      await accepted(from({ ...parameters, utm_source: 'goo"gle' }));
      await accepted(from({ ...parameters, utm_campaign: "Herbst" }));
      await accepted({ message: 'Goo"gle' });
      expect(await idsOf({ source: 'Goo"gle', campaign: "Herbst ümläut" })).toEqual([match]);
      expect(await idsOf({ source: "elsewhere" })).toEqual([]);
    });

    test("by the source a tally names: leads without any, and one of a very long name", async () => {
      const long = await accepted(from({ utm_source: "x".repeat(300) }));
      const none = await accepted();
      expect(await idsOf({ source: "" })).toEqual([none]);
      const sources = (await store.ledger.leadTallies(0)).map(({ source }) => source).filter((source) => source !== "");
      expect(await idsOf({ source: sources[0] as string })).toEqual([long]);
    });

    test.each<[string, Partial<Lead>, string]>([
      ["the name", { name: "Zoë ÅNGSTRÖM" }, "zoË ångström"],
      ["the e-mail address", { email: "ada@example.com" }, "ADA@example"],
      ["the phone number", { phone: "+442079460018" }, "9460018"],
      ["the message, over a line's end and quotes", { message: 'we said\n"yes" \\ no' }, 'said\n"YES" \\'],
      ["a field of the form, inside a list", { formData: { rooms: ["kitchen", { of: "Attic" }] } }, "attic"],
      ["a number in the form", { formData: { size: 4711 } }, "4711"],
      ["the page's address", { attribution: { ...aLead().attribution, url: "https://example.com/roof" } }, "/ROOF"],
      ["signs that mean something to a database", { message: "100 %_' off" }, "%_'"],
    ])("by text in %s", async (_, overrides, text) => {
      await accepted();
      const match = await accepted(overrides);
      await accepted();
      expect(await idsOf({ text })).toEqual([match]);
    });

    test("by text in the id", async () => {
      await accepted();
      const match = await accepted();
      expect(await idsOf({ text: match.toUpperCase() })).toEqual([match]);
    });

    test("by text that stands in every lead only as a field's name or as the wording of a consent: none", async () => {
      await accepted({ consents: [aConsent({ text: "You may pass it on." })] });
      for (const text of ["form_data", "first_name", "pass it on", "null"]) expect(await idsOf({ text })).toEqual([]);
    });

    test("by a delivery that waits, whether it was ever touched or not, and whatever follow-ups there are", async () => {
      const reason = { code: "by_hand", message: "delete the row by hand" };
      const followUp = { event: "consent.withdrawn", destination: "crm", kind: "webhook", purpose: "enquiry" } as const;
      const retried = await accepted();
      for (const claim of await claimFrom(store.ledger)) await store.ledger.settle(putOff(claim));
      await accepted({}, [aDelivery({ destination: "sheet" })]);
      const untouched = await accepted();
      await store.ledger.addFollowUp(untouched, { ...followUp, reason }, { now: aMoment, most: 1 });
      expect(await idsOf({ deliveryState: "pending", destination: "crm" })).toEqual([untouched, retried]);
      expect(await idsOf({ deliveryState: "dead" })).toEqual([untouched]);
    });

    test("by a person, under any of their hashes", async () => {
      const [first, , second] = [
        await accepted({ person: "hash-1" }),
        await accepted({ person: "hash-3" }),
        await accepted({ person: "hash-2" }),
      ];
      expect(await idsOf({ person: ["hash-1", "hash-2"] })).toEqual([second, first]);
      expect(await idsOf({ person: ["hash-1", "nobody"] })).toEqual([first]);
      expect(await idsOf({ person: [] })).toEqual([]);
    });

    test("by what people noted: stage and assignee", async () => {
      const request = { now: aMoment, actor: anActor };
      const [fresh, mine, done] = [await accepted(), await accepted(), await accepted()];
      await store.ledger.noteWork(mine, { assignee: "ada" }, request);
      await store.ledger.noteWork(done, { stage: "done", assignee: "bo" }, request);
      expect(await idsOf({ stage: "new" })).toEqual([mine, fresh]);
      expect(await idsOf({ stage: "done" })).toEqual([done]);
      expect(await idsOf({ assignee: "ada" })).toEqual([mine]);
      expect(await idsOf({ assignee: "ada", stage: "done" })).toEqual([]);
    });

    test("a filter that matches little stops, says how far back it has looked, and goes on from there", async () => {
      const match = await accepted({ message: "needle" });
      for (let i = 0; i < 9; i++) await accepted({ receivedAt: aMoment + i });
      const first = await store.ledger.pageOfLeads({ text: "needle" }, { size: 5, lookAt: 4 });
      expect(first).toMatchObject({ records: [], searchedBack: aMoment + 5 });
      const pages = await allPages(store.ledger, { text: "needle" }, { size: 5, lookAt: 4 });
      expect(pages.flatMap(idsIn)).toEqual([match]);
      expect(pages.at(-1)).toMatchObject({ next: null, searchedBack: null });
    });

    test("a list of many leads breathes: what else there is to do goes on meanwhile", async () => {
      await Promise.all(Array.from({ length: 1_200 }, () => accepted()));
      let turns = 0;
      const timer = setInterval(() => turns++, 0);
      await store.ledger.pageOfLeads({ text: "nowhere" }, { size: 10 });
      clearInterval(timer);
      expect(turns).toBeGreaterThan(0);
    });
  });

  describe("pages of leads, whatever there is and whatever arrives", () => {
    test("put together are the list, which is every lead that matches", { timeout: 180_000 }, async () => {
      await fc.assert(fc.asyncProperty(leads, fc.array(filter, { minLength: 4, maxLength: 8 }), sizes, run), {
        numRuns: 25,
      });
    });

    async function run(given: Given[], filters: LeadFilter[], request: { size: number; lookAt: number }) {
      const { ledger, cleanup } = await open();
      try {
        for (const each of given) await arrive(ledger, each);
        for (const filter of filters) {
          const expected = (await listed(ledger)).filter((record) => matches(record, filter));
          const ids = expected.map(({ lead: { id } }) => id);
          expect((await listed(ledger, filter)).map(({ lead: { id } }) => id)).toEqual(ids);
          const newcomer = { ...aNewcomer, form: filter.form === "quote" ? "quote" : "contact" } as const;
          const pages = await allPages(ledger, filter, request, () => arrive(ledger, newcomer));
          expect(pages.flatMap(idsIn)).toEqual(ids);
          for (const { records } of pages) expect(records.length).toBeLessThanOrEqual(request.size);
        }
      } finally {
        await cleanup();
      }
    }
  });
}

function from(parameters: Record<string, string>): Partial<Lead> {
  return { attribution: { ...aLead().attribution, parameters } };
}

function idsIn({ records }: LeadPage): LeadId[] {
  return records.map(({ lead }) => lead.id);
}

async function allPages(
  ledger: Ledger,
  filter: LeadFilter,
  request: { size: number; lookAt?: number },
  meanwhile: () => Promise<unknown> = async () => {},
): Promise<LeadPage[]> {
  const pages: LeadPage[] = [];
  for (let before: LeadId | null | undefined; before !== null; before = pages.at(-1)?.next ?? null) {
    pages.push(await ledger.pageOfLeads(filter, { ...request, ...(before === undefined ? {} : { before }) }));
    await meanwhile();
  }
  return pages;
}

const form = fc.constantFrom("contact", "quote");
const destination = fc.constantFrom("crm", "sheet");
const source = fc.constantFrom("google", "bing", "");
const hour = fc.integer({ min: 0, max: 4 });
const moment = hour.map((h) => aMoment + h * 3_600_000);
const end = fc.constantFrom("untouched", "withheld", "delivered", "pending", "dead", "claimed", "none");
const sizes = fc.record({ size: fc.integer({ min: 1, max: 7 }), lookAt: fc.integer({ min: 1, max: 50 }) });
const lead = fc.record({
  form,
  source,
  hour,
  state: fc.constantFrom("active", "active", "quarantined"),
  crm: end,
  sheet: end,
  stage: fc.constantFrom("new", "working", "done"),
  assignee: fc.constantFrom(null, "ada"),
});
type Given = typeof lead extends fc.Arbitrary<infer T> ? T : never;
/** The latest ones are left alone: a claim would touch all that came before it. */
const leads = fc
  .tuple(fc.array(lead, { maxLength: 20 }), fc.array(lead, { maxLength: 20 }))
  .map(([touched, late]) => [
    ...touched,
    ...late.map((one): Given => ({ ...one, crm: "untouched", sheet: "withheld" })),
  ]);
const aNewcomer: Given = {
  form: "contact",
  source: "google",
  hour: 2,
  state: "active",
  crm: "untouched",
  sheet: "withheld",
  stage: "new",
  assignee: null,
};

const conditions: fc.Arbitrary<LeadFilter> = fc.record(
  {
    form,
    state: fc.constantFrom("active", "quarantined"),
    deliveryState: fc.constantFrom(...deliveryStates),
    destination,
    since: moment,
    until: moment,
    source,
    text: fc.constantFrom("example.com", "google", "nowhere"),
    stage: fc.constantFrom("new", "working", "done"),
    assignee: fc.constant("ada"),
  },
  { requiredKeys: [] },
);

const filter = fc.oneof(
  conditions,
  fc.record({ deliveryState: fc.constantFrom(...deliveryStates), destination }, { requiredKeys: ["deliveryState"] }),
  fc.record({ since: moment, until: moment, source }, { requiredKeys: ["since"] }),
);

async function arrive(ledger: Ledger, given: Given): Promise<void> {
  const { form, source, state, crm, sheet } = given;
  const parameters: Record<string, string> = source === "" ? {} : { utm_source: source };
  const receivedAt = aMoment + given.hour * 3_600_000;
  const lead = aLead({ form, state, receivedAt, ...from(parameters) });
  const ends = { crm, sheet };
  const deliveries = (["crm", "sheet"] as const).flatMap((destination) =>
    ends[destination] === "none"
      ? []
      : [ends[destination] === "withheld" ? aWithheldDelivery({ destination }) : aDelivery({ destination })],
  );
  await ledger.accept(anEntry({ lead, deliveries }));
  for (const destination of ["crm", "sheet"] as const) await bringTo(ends[destination], ledger, lead, destination);
  const request = { now: aMoment, actor: anActor };
  if (given.stage !== "new" || given.assignee) {
    await ledger.noteWork(lead.id, { stage: given.stage, assignee: given.assignee }, request);
  }
}

/** Claims whatever is due; what was not meant to be is put off to where it looks untouched enough. */
async function bringTo(end: Given["crm"], ledger: Ledger, { id }: Lead, destination: string): Promise<void> {
  if (end === "untouched" || end === "withheld" || end === "none") return;
  const now = aMoment + 10 * 3_600_000;
  for (const claim of await claimFrom(ledger, { destination, now })) {
    const later = putOff(claim, { dueAt: now + 3_600_000 });
    if (claim.lead.id !== id) await ledger.settle(later);
    else if (end === "delivered") await ledger.settle(arrived(claim));
    else if (end === "dead") await ledger.settle(buried(claim));
    else if (end === "pending") await ledger.settle(later);
  }
}

/** The filter in the words of its documentation. */
function matches({ lead, deliveries, work }: LeadRecord, filter: LeadFilter): boolean {
  const { deliveryState, destination, text } = filter;
  const anyDelivery = deliveryState === undefined && destination === undefined;
  const words = [lead.id, lead.email, ...Object.values(lead.formData), ...Object.values(lead.attribution.parameters)];
  return (
    lead.form === (filter.form ?? lead.form) &&
    lead.state === (filter.state ?? lead.state) &&
    lead.receivedAt >= (filter.since ?? 0) &&
    lead.receivedAt < (filter.until ?? Number.POSITIVE_INFINITY) &&
    (anyDelivery ||
      deliveries.some(
        (one) => one.state === (deliveryState ?? one.state) && one.destination === (destination ?? one.destination),
      )) &&
    (filter.source ?? lead.attribution.parameters.utm_source ?? "") ===
      (lead.attribution.parameters.utm_source ?? "") &&
    (text === undefined || words.some((word) => String(word).includes(text))) &&
    work.stage === (filter.stage ?? work.stage) &&
    work.assignee === (filter.assignee ?? work.assignee)
  );
}
