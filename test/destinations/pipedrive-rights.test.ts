import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { attempt } from "../../src/delivery/attempt.ts";
import { createGuardedNetwork } from "../../src/delivery/guarded-fetch.ts";
import { pipedrive } from "../../src/destinations/index.ts";
import { configureDestination } from "../../src/model/configured-destination.ts";
import type { ConsentEvent } from "../../src/model/consent.ts";
import type { Delivery, DeliveryEvent } from "../../src/model/delivery.ts";
import type { Destination } from "../../src/model/destination.ts";
import { deliveryIdOf, followUpTag } from "../../src/model/id.ts";
import { type Lead, redacted } from "../../src/model/lead.ts";
import { silentLog } from "../../src/model/log.ts";
import type { Outcome } from "../../src/model/outcome.ts";
import { type Fault, type Sandbox, startSandbox } from "../../src/sandbox/index.ts";
import type { Crm, CrmRecord } from "../../src/sandbox/vendors/pipedrive-crm.ts";
import { aConsent, aLead } from "../support/a-lead.ts";

type Options = Partial<Parameters<typeof pipedrive>[0]>;

let sandbox: Sandbox;
/** What the sandbox draws for a fault's `rate`; 0 hits. */
let draw: () => number;
const network = createGuardedNetwork({ allowPrivateNetwork: true });

beforeEach(async () => {
  draw = () => 0;
  sandbox = await startSandbox({ random: () => draw() });
  prepare();
});
afterEach(() => sandbox.close());

function prepare(): void {
  Object.assign(vendor().settings, { limits: false, searchLagMs: 20, campaigns: true });
}

const vendor = () => sandbox.vendors.pipedrive;
const crm = (): Crm => vendor().own;

function configured(options: Options = {}): Destination {
  const given = { apiToken: "token", domain: "acme", baseUrl: vendor().url, searchLagMs: 30 };
  const hurry = { searchPace: { limit: 1_000, intervalMs: 1 }, timeoutMs: 2_000 };
  const { destination, problems } = configureDestination("pipedrive", pipedrive({ ...given, ...hurry, ...options }));
  if (!destination) throw new Error(JSON.stringify(problems));
  return destination;
}

/** A delivery and how its attempts came out, the last one last. */
type Run = { delivery: Delivery; outcomes: Outcome[]; end: Outcome };

/** Attempts a delivery as a lane does, without its waits, until it has an end; at most `most` times. */
async function run(
  destination: Destination,
  lead: Lead,
  event: DeliveryEvent = "lead.created",
  { about = null, purpose = "enquiry", most = 20 }: { about?: Delivery | null; purpose?: string; most?: number } = {},
): Promise<Run> {
  const tag = event === "lead.created" ? "" : followUpTag(event, 1);
  const delivery: Delivery = {
    id: deliveryIdOf(lead.id, "pipedrive", tag),
    leadId: lead.id,
    destination: "pipedrive",
    event,
    kind: "pipedrive",
    purpose,
    state: "claimed",
    dueAt: null,
    tries: 0,
    attempts: 0,
    firstTryAt: null,
    uncertain: false,
    superseded: false,
    progress: null,
    reason: null,
    ref: null,
    warnings: [],
  };
  const outcomes: Outcome[] = [];
  while (delivery.attempts < most) {
    delivery.attempts += 1;
    const [result] = await attempt([{ delivery: { ...delivery }, lead, basis: "consent", about }], destination, {
      fetch: network.fetch,
      pacer: null,
      saveProgress: async (_, progress) => {
        delivery.progress = progress;
        return true;
      },
      links: { confirm: () => null, withdraw: () => null },
      now: Date.now,
      log: silentLog,
    });
    if (!result) throw new Error("no outcome");
    outcomes.push(result.outcome);
    delivery.uncertain = result.uncertain;
    if (result.outcome.type === "delivered") {
      Object.assign(delivery, { state: "delivered", ref: result.outcome.ref ?? null, progress: null });
    }
    if (result.outcome.type !== "retry" && result.outcome.type !== "uncertain") break;
    const { waitMs = 0 } = result.outcome.type === "retry" ? result.outcome : {};
    await new Promise((resolve) => setTimeout(resolve, Math.min(waitMs, 60) + 5));
  }
  return { delivery, outcomes, end: outcomes.at(-1) as Outcome };
}

function consents(marketing: ConsentEvent["action"] | null = "granted"): ConsentEvent[] {
  return [aConsent(), ...(marketing ? [aConsent({ purpose: "marketing", action: marketing })] : [])];
}

const ada = (more: Partial<Lead> = {}): Lead =>
  aLead({ name: "Ada", email: "ada@example.com", consents: consents(), ...more });

function withdrawn(lead: Lead): Lead {
  return {
    ...lead,
    consents: [...lead.consents, aConsent({ purpose: "marketing", action: "withdrawn", source: "link" })],
  };
}

/** Delivers the lead, and then passes its withdrawal on. */
async function withdraw(lead: Lead, options: Options = {}): Promise<Run> {
  const destination = configured(options);
  const { delivery } = await run(destination, lead);
  return run(destination, withdrawn(lead), "consent.withdrawn", { about: delivery, purpose: "marketing" });
}

async function erase(lead: Lead, about: Delivery | null, options: Options = {}): Promise<Run> {
  const tombstone: Lead = { ...redacted(lead), state: "erased" };
  return run(configured(options), tombstone, "lead.erased", { about });
}

const requests = (method: string) => vendor().received.filter((one) => one.method === method);
const alive = (records: readonly CrmRecord[]) => records.filter(({ is_deleted }) => !is_deleted);
const whatIsThere = () => [alive(crm().persons), crm().leads, alive(crm().deals), crm().notes].map((all) => all.length);
/** A fault that hits only the n-th request from now. */
function hitOnly(n: number, fault: Fault): void {
  let asked = -1;
  draw = () => {
    asked += 1;
    return asked === n ? 0 : 0.9;
  };
  vendor().setFault({ ...fault, rate: 0.5 });
}
/** A fault that hits the first request of this kind. */
function hitFirst(kind: RegExp, fault: Fault): void {
  const isNext = () => {
    const { method = "", path = "" } = vendor().received.at(-1) ?? {};
    return kind.test(`after ${method} ${path}`);
  };
  draw = () => (isNext() ? 0 : 0.9);
  vendor().setFault({ ...fault, rate: 0.5, times: 1 });
}
const forbidden: Fault = { type: "status", status: 403, body: '{"success":false,"error":"Forbidden"}' };

describe("marketing consent that has arrived", () => {
  test("subscribes; a request that waits for its confirmation does not", async () => {
    await run(configured(), ada());
    await run(configured(), ada({ email: "bob@example.com", consents: consents("requested") }));
    expect(crm().persons.map(({ marketing_status }) => marketing_status)).toEqual(["subscribed", "no_consent"]);
  });

  test("subscribes a person who is there and has not been asked yet", async () => {
    const person = crm().addPerson({ name: "Ada", emails: ["ada@example.com"] });
    await run(configured(), ada());
    expect(person.marketing_status).toBe("subscribed");
  });

  test("is that of the purpose named, and none when none is named", async () => {
    await run(configured({ marketingPurpose: "newsletter" }), ada());
    await run(configured({ marketingPurpose: null }), ada({ email: "bob@example.com" }));
    expect(crm().persons.map(({ marketing_status }) => marketing_status)).toEqual(["no_consent", "no_consent"]);
  });

  test("and is withdrawn before the lead arrives subscribes nobody, and unsubscribes who was subscribed", async () => {
    await run(configured(), withdrawn(ada()));
    const person = crm().addPerson({ name: "B", emails: ["bob@example.com"], marketing_status: "subscribed" });
    await run(configured(), withdrawn(ada({ email: "bob@example.com" })));
    expect([crm().persons[0]?.marketing_status, person.marketing_status]).toEqual(["no_consent", "unsubscribed"]);
  });
});

describe("marketing consent that comes after the lead", () => {
  const asked = ada({ consents: consents("requested") });
  const confirmed = (lead: Lead): Lead => ({
    ...lead,
    consents: [...lead.consents, aConsent({ purpose: "marketing", source: "confirmation" })],
  });

  /** Delivers the lead, and then passes its confirmation on. */
  async function confirm(lead = asked, options: Options = {}, between = () => {}): Promise<Run> {
    const destination = configured(options);
    const { delivery } = await run(destination, lead);
    between();
    return run(destination, confirmed(lead), "consent.granted", { about: delivery, purpose: "marketing" });
  }

  const statuses = () => crm().persons.map(({ marketing_status }) => marketing_status);

  test("subscribes the person once, and a repeat changes nothing more", async () => {
    const { delivery, end } = await confirm();
    expect([statuses(), end]).toEqual([["subscribed"], { type: "delivered", ref: crm().leads[0]?.id }]);
    const about = { about: delivery, purpose: "marketing" };
    await run(configured(), confirmed(asked), "consent.granted", about);
    expect([requests("PATCH").length, whatIsThere()]).toEqual([1, [1, 1, 0, 1]]);
  });

  test("subscribes the one with the address whom the lead was brought to, and nobody else", async () => {
    for (const email of ["ada@example.com", "ADA@example.com", "nada@example.com"])
      crm().addPerson({ name: "A", emails: [email] });
    await confirm();
    expect(statuses()).toEqual(["subscribed", "no_consent", "no_consent"]);
  });

  test.each(["unsubscribed", "archived"])("leaves who is %s at Pipedrive alone, and says so", async (status) => {
    const { end } = await confirm(asked, {}, () => Object.assign(crm().persons[0] ?? {}, { marketing_status: status }));
    expect(statuses()).toEqual([status]);
    expect(end).toMatchObject({ type: "delivered", warnings: [expect.stringContaining(`is ${status} there`)] });
    expect(requests("PATCH")).toEqual([]);
  });

  test.each<[string, () => void]>([
    [
      "passes over, because the status has changed before",
      () => Object.assign(crm().persons[0] ?? {}, { marketing_changed: true }),
    ],
    ["does not let the token's user make", () => hitFirst(/after GET .*include_fields/, forbidden)],
  ])("that Pipedrive %s is a warning, and pauses nothing", async (_, between) => {
    const { end } = await confirm(asked, {}, between);
    expect([statuses(), requests("PATCH").length]).toEqual([["no_consent"], 1]);
    expect(end).toMatchObject({ type: "delivered", warnings: [expect.stringContaining("may change only once")] });
  });

  test.each(["left-out", "refused"] as const)(
    "is a warning without Campaigns (asking is %s)",
    async (marketingAsked) => {
      Object.assign(vendor().settings, { campaigns: false, marketingAsked });
      const { end } = await confirm();
      expect(end).toMatchObject({ type: "delivered", warnings: [expect.stringContaining("Campaigns")] });
      expect(requests("PATCH")).toEqual([]);
    },
  );

  test("subscribes nobody who has another address by now, or is not there any more", async () => {
    const change = (what: Partial<CrmRecord>) => () => Object.assign(crm().persons.at(-1) ?? {}, what);
    const emails = [{ value: "other@example.com", primary: true, label: "work" }];
    for (const what of [{ emails }, { is_deleted: true }]) {
      const { end } = await confirm(ada({ consents: consents("requested") }), {}, change(what));
      expect(end).toMatchObject({
        type: "delivered",
        warnings: [expect.stringContaining("no person with this address")],
      });
    }
    expect(requests("PATCH")).toEqual([]);
  });

  test("of somebody without an address is a warning, and asks nobody", async () => {
    const lead = ada({ email: null, phone: "+442079460018", consents: consents("requested") });
    let before = 0;
    const { end } = await confirm(lead, {}, () => {
      before = vendor().received.length;
    });
    expect(end).toMatchObject({ type: "delivered", warnings: [expect.stringContaining("hangs on an e-mail address")] });
    expect(vendor().received).toHaveLength(before);
  });

  test("of another purpose, or where none is named, asks nobody", async () => {
    const destination = configured();
    const { delivery } = await run(destination, asked);
    const before = vendor().received.length;
    const profiled = await run(destination, confirmed(asked), "consent.granted", {
      about: delivery,
      purpose: "profiling",
    });
    const unnamed = configured({ marketingPurpose: null });
    await run(unnamed, confirmed(asked), "consent.granted", { about: delivery, purpose: "marketing" });
    expect(profiled.end).toEqual({ type: "delivered", ref: delivery.ref });
    expect([vendor().received.length, statuses()]).toEqual([before, ["no_consent"]]);
  });

  test.each<[string, Fault]>([
    ["reset after it was applied", { type: "reset", when: "after" }],
    ["reset before it was applied", { type: "reset", when: "before" }],
    ["500 though applied", { type: "status", status: 500, applied: true }],
    ["garbage", { type: "garbage" }],
  ])("arrives whichever answer is lost: %s", async (_, fault) => {
    for (let hit = 0; ; hit += 1) {
      let before = 0;
      const { end, outcomes } = await confirm(asked, {}, () => {
        before = vendor().received.length;
        hitOnly(hit, fault);
      });
      expect([hit, end.type, end, statuses()]).toEqual([
        hit,
        "delivered",
        { type: "delivered", ref: crm().leads[0]?.id },
        ["subscribed"],
      ]);
      const isPast = hit >= vendor().received.length - before;
      sandbox.reset();
      prepare();
      if (isPast) break;
      expect(outcomes.length).toBeGreaterThan(1);
    }
  });
});

describe("a withdrawal", () => {
  test("unsubscribes the person", async () => {
    const { end } = await withdraw(ada());
    expect(crm().persons[0]?.marketing_status).toBe("unsubscribed");
    expect(end).toEqual({ type: "delivered" });
  });

  test("unsubscribes everybody with the address, and nobody else", async () => {
    const [one, two, other] = ["ada@example.com", "ADA@example.com", "nada@example.com"].map((email) =>
      crm().addPerson({ name: "A", emails: [email], marketing_status: "subscribed" }),
    );
    await withdraw(ada());
    const statuses = [one, two, other].map((person) => person?.marketing_status);
    expect(statuses).toEqual(["unsubscribed", "unsubscribed", "subscribed"]);
  });

  test("reaches a merged person, and one whose address has been corrected, through the lead", async () => {
    const destination = configured();
    const lead = ada();
    const { delivery } = await run(destination, lead);
    const survivor = crm().addPerson({ name: "Ada", emails: ["ada@work.example.com"], marketing_status: "subscribed" });
    crm().mergePersons(crm().persons[0] as CrmRecord, survivor);
    const about = { about: delivery, purpose: "marketing" };
    expect((await run(destination, withdrawn(lead), "consent.withdrawn", about)).end.type).toBe("delivered");
    expect(survivor.marketing_status).toBe("unsubscribed");
  });

  test("of a person who is not there any more is delivered, and says so", async () => {
    const destination = configured();
    const { delivery } = await run(destination, ada());
    for (const person of crm().persons) person.is_deleted = true;
    const { end } = await run(destination, withdrawn(ada()), "consent.withdrawn", {
      about: delivery,
      purpose: "marketing",
    });
    expect(end).toEqual({ type: "delivered", warnings: ["there is no such person in Pipedrive any more"] });
  });

  test("that is repeated changes nothing more", async () => {
    const destination = configured();
    const lead = withdrawn(ada());
    const { delivery } = await run(destination, ada());
    const about = { about: delivery, purpose: "marketing" };
    await run(destination, lead, "consent.withdrawn", about);
    const writes = requests("PATCH").length;
    expect((await run(destination, lead, "consent.withdrawn", about)).end).toEqual({ type: "delivered" });
    expect(requests("PATCH")).toHaveLength(writes);
  });

  test.each<[string, Fault]>([
    ["reset after it was applied", { type: "reset", when: "after" }],
    ["reset before it was applied", { type: "reset", when: "before" }],
    ["500 though applied", { type: "status", status: 500, applied: true }],
    ["garbage", { type: "garbage" }],
  ])("arrives whichever answer is lost: %s", async (_, fault) => {
    for (let hit = 0; ; hit += 1) {
      const destination = configured();
      const { delivery } = await run(destination, ada());
      const before = vendor().received.length;
      hitOnly(hit, fault);
      const about = { about: delivery, purpose: "marketing" };
      const { end, outcomes } = await run(destination, withdrawn(ada()), "consent.withdrawn", about);
      expect([hit, end.type, crm().persons[0]?.marketing_status]).toEqual([hit, "delivered", "unsubscribed"]);
      const isPast = hit >= vendor().received.length - before;
      sandbox.reset();
      prepare();
      if (isPast) break;
      expect(outcomes.length).toBeGreaterThan(1);
    }
  });

  test("that Pipedrive passes over, because the status has changed before, is a person's to do", async () => {
    Object.assign(vendor().settings, { marketingChanges: "from-no-consent" });
    const { end } = await withdraw(ada());
    expect(crm().persons[0]?.marketing_status).toBe("subscribed");
    const message = expect.stringContaining(`unsubscribe person ${crm().persons[0]?.id}`);
    expect(end).toEqual({ type: "rejected", reason: { code: "by_hand", message } });
  });

  test("that the token's user may not make is a person's to do, and pauses nothing", async () => {
    const destination = configured();
    const { delivery } = await run(destination, ada());
    hitFirst(/after GET .*include_fields/, forbidden);
    const about = { about: delivery, purpose: "marketing" };
    const { end } = await run(destination, withdrawn(ada()), "consent.withdrawn", about);
    expect(requests("PATCH").at(-1)?.answered).toBe(403);
    expect(end).toMatchObject({ type: "rejected", reason: { code: "by_hand" } });
  });

  test.each(["left-out", "refused"] as const)(
    "where there are no Campaigns is a person's to do (asking is %s)",
    async (marketingAsked) => {
      Object.assign(vendor().settings, { campaigns: false, marketingAsked });
      const { end } = await withdraw(ada());
      expect(end).toMatchObject({ type: "rejected", reason: { code: "by_hand" } });
      expect(requests("PATCH")).toEqual([]);
    },
  );

  test("of somebody without an address is delivered: nobody can mail them", async () => {
    const { end } = await withdraw(ada({ email: null, phone: "+442079460018" }));
    expect([end.type, crm().persons[0]?.marketing_status]).toEqual(["delivered", "no_consent"]);
  });

  test("of somebody archived whose status may not change any more is delivered with a warning", async () => {
    Object.assign(vendor().settings, { marketingChanges: "from-no-consent" });
    crm().addPerson({ name: "Ada", emails: ["ada@example.com"], marketing_status: "archived" });
    const { end } = await withdraw(ada());
    expect(end).toMatchObject({ type: "delivered", warnings: [expect.stringContaining("archived")] });
  });

  test("of another purpose, or where none is named, changes nothing and says so", async () => {
    const destination = configured();
    const { delivery } = await run(destination, ada());
    const before = vendor().received.length;
    const about = { about: delivery, purpose: "profiling" };
    const { end } = await run(destination, ada(), "consent.withdrawn", about);
    expect(end).toMatchObject({ type: "delivered", warnings: [expect.stringContaining("nothing was changed")] });
    const unnamed = configured({ marketingPurpose: null });
    await run(unnamed, withdrawn(ada()), "consent.withdrawn", { about: delivery, purpose: "marketing" });
    expect([vendor().received.length, crm().persons[0]?.marketing_status]).toEqual([before, "subscribed"]);
  });

  test("waits when it is told to, and changes nothing meanwhile", async () => {
    const destination = configured();
    const { delivery } = await run(destination, ada());
    vendor().setFault({ type: "status", status: 429, headers: { "retry-after": "0" }, times: 1 });
    const about = { about: delivery, purpose: "marketing" };
    const { outcomes } = await run(destination, withdrawn(ada()), "consent.withdrawn", about);
    expect(outcomes).toMatchObject([{ type: "retry", reason: { code: "rate_limited" } }, { type: "delivered" }]);
  });
});

describe("an erasure", () => {
  const company = { company: "Analytical Engines" };

  test.each(["lead", "deal"] as const)("deletes the %s, its note and the person; the company stays", async (target) => {
    const other = crm().addPerson({ name: "Other", emails: ["other@example.com"] });
    const lead = ada(company);
    const { delivery } = await run(configured({ target }), lead);
    expect(whatIsThere()).toEqual(target === "lead" ? [2, 1, 0, 1] : [2, 0, 1, 1]);
    const { end } = await erase(lead, delivery, { target });
    expect(alive(crm().persons)).toEqual([other]);
    expect([whatIsThere(), crm().organizations.length]).toEqual([[1, 0, 0, 0], 1]);
    expect(end).toEqual({ type: "delivered", warnings: [expect.stringContaining("30 days")] });
  });

  test("finds a record of the other sort when the target has been changed since", async () => {
    const lead = ada();
    const { delivery } = await run(configured({ target: "deal" }), lead);
    await erase(lead, delivery, { target: "lead" });
    expect(whatIsThere()).toEqual([0, 0, 0, 0]);
  });

  test("names nobody: its requests hold no address, number or name", async () => {
    const lead = ada({ phone: "+442079460018" });
    const { delivery } = await run(configured(), lead);
    const before = vendor().received.length;
    await erase(lead, delivery);
    const sent = vendor().received.slice(before);
    expect(sent.map(({ path, body }) => path + body).join()).not.toMatch(/ada|7946/i);
  });

  test("of own records leaves the person, and says so", async () => {
    const lead = ada();
    const { delivery } = await run(configured(), lead);
    const { end } = await erase(lead, delivery, { erase: "own-records" });
    expect(whatIsThere()).toEqual([1, 0, 0, 0]);
    expect(end).toMatchObject({ warnings: [expect.stringContaining("the person stays"), expect.any(String)] });
  });

  test("by hand is a person's from the start: it deletes nothing and says what to delete", async () => {
    expect(configured({ erase: "by-hand" }).erase).toBeNull();
    const lead = ada();
    const { delivery } = await run(configured(), lead);
    const before = vendor().received.length;
    const { end } = await erase(lead, delivery, { erase: "by-hand" });
    expect(vendor().received).toHaveLength(before);
    const message = "Delete the lead or deal, its note and its person in Pipedrive";
    expect(end).toEqual({ type: "rejected", reason: { code: "by_hand", message } });
  });

  test.each<[string, Fault, object]>([
    ["reset after it was applied", { type: "reset", when: "after" }, { deletedTwice: 404 }],
    [
      "reset after it was applied, then 410",
      { type: "reset", when: "after" },
      { deletedTwice: 410, showsDeleted: false },
    ],
    ["reset before it was applied", { type: "reset", when: "before" }, {}],
    ["500 though applied", { type: "status", status: 500, applied: true }, { leadsOfDeleted: "deleted" }],
    ["garbage", { type: "garbage" }, { deletedTwice: 200 }],
  ])("arrives whichever answer is lost: %s", async (_, fault, settings) => {
    for (let hit = 0; ; hit += 1) {
      Object.assign(vendor().settings, settings);
      const lead = ada();
      const { delivery } = await run(configured(), lead);
      const before = vendor().received.length;
      hitOnly(hit, fault);
      const { end } = await erase(lead, delivery);
      expect([hit, end.type, ...whatIsThere()]).toEqual([hit, "delivered", 0, 0, 0, 0]);
      const isPast = hit >= vendor().received.length - before;
      sandbox.reset();
      prepare();
      if (isPast) break;
    }
  });

  test("deletes a merged person", async () => {
    const lead = ada();
    const { delivery } = await run(configured(), lead);
    crm().mergePersons(crm().persons[0] as CrmRecord, crm().addPerson({ name: "Ada" }));
    expect((await erase(lead, delivery)).end.type).toBe("delivered");
    expect(whatIsThere()).toEqual([0, 0, 0, 0]);
  });

  test("finds the deal that people have made of the lead", async () => {
    const lead = ada();
    const { delivery } = await run(configured(), lead);
    const converted = crm().convertLead(crm().leads[0] as CrmRecord);
    crm().deals.push({ ...converted, id: 999, person_id: null });
    await erase(lead, delivery);
    expect([alive(crm().persons), alive(crm().deals).map(({ id }) => id), crm().notes]).toEqual([[], [999], []]);
  });

  test("says so when the lead is gone and the person cannot be found through it", async () => {
    const lead = ada();
    const { delivery } = await run(configured(), lead);
    crm().leads.pop();
    crm().notes.pop();
    const { end } = await erase(lead, delivery);
    expect(end).toMatchObject({ type: "rejected", reason: { code: "by_hand" } });
    expect((await erase(lead, delivery, { erase: "own-records" })).end.type).toBe("delivered");
  });

  test("finds the person all the same where the field “Latest lead ID” has been made", async () => {
    crm().addField("person", "Latest lead ID", "varchar");
    const lead = ada();
    const { delivery } = await run(configured(), lead);
    crm().leads.pop();
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect((await erase(lead, delivery)).end.type).toBe("delivered");
    expect(alive(crm().persons)).toEqual([]);
  });

  test.each(["unlinked", "kept"] as const)(
    "of a person with two leads ends both (leads of the deleted are %s)",
    async (leadsOfDeleted) => {
      Object.assign(vendor().settings, { leadsOfDeleted });
      const leads = [ada(), ada()];
      const destination = configured();
      const deliveries = [];
      for (const lead of leads) deliveries.push((await run(destination, lead)).delivery);
      for (const [i, lead] of leads.entries())
        expect((await erase(lead, deliveries[i] ?? null)).end.type).toBe("delivered");
      expect(whatIsThere()).toEqual([0, 0, 0, 0]);
    },
  );

  test("that the token's user may not make is a person's to do, with the ids of what is left", async () => {
    Object.assign(vendor().settings, { mayDelete: false });
    const lead = ada();
    const { delivery } = await run(configured(), lead);
    const { end } = await erase(lead, delivery);
    const message = expect.stringContaining(`lead ${delivery.ref}, person ${crm().persons[0]?.id}`);
    expect(end).toEqual({ type: "rejected", reason: { code: "by_hand", message } });
  });

  test("waits when it is told to, by the edge too; a 404 that is not the API's pauses the lane", async () => {
    const lead = ada();
    const { delivery } = await run(configured(), lead);
    vendor().setFault({ type: "status", status: 403, body: "<!DOCTYPE html>Error 1015", times: 1 });
    const { outcomes } = await erase(lead, delivery);
    expect(outcomes).toMatchObject([{ type: "retry", reason: { code: "rate_limited" } }, { type: "delivered" }]);
    vendor().setFault({ type: "status", status: 404, body: "<html>Not found</html>" });
    expect((await erase(lead, delivery)).end).toMatchObject({ type: "blocked", reason: { code: "not_found" } });
  });

  test("lets go of the person: a later lead of theirs makes a new one", async () => {
    const destination = configured();
    const lead = ada();
    const { delivery } = await run(destination, lead);
    await run(destination, { ...redacted(lead), state: "erased" }, "lead.erased", { about: delivery });
    await run(destination, ada());
    expect(whatIsThere()).toEqual([1, 1, 0, 1]);
  });
});

describe("an erasure of a delivery nobody knows the end of", () => {
  /** One attempt, whose request of this kind is applied and its answer lost. */
  async function cutShort(lead: Lead, kind: RegExp, options: Options = {}): Promise<Delivery> {
    hitFirst(kind, { type: "reset", when: "after" });
    const { delivery } = await run(configured(options), lead, "lead.created", { most: 1 });
    expect(delivery.uncertain).toBe(true);
    return delivery;
  }

  test.each<["lead" | "deal", string, RegExp]>([
    ["lead", "record", /after POST .*v2\/persons/],
    ["lead", "note", /after POST .*v1\/leads/],
    ["deal", "record", /after POST .*v2\/persons/],
    ["deal", "note", /after POST .*v2\/deals/],
  ])("finds what is there: of a %s, when the answer to its %s was lost", async (target, _, kind) => {
    const lead = ada();
    const delivery = await cutShort(lead, kind, { target });
    const { end } = await erase(lead, delivery, { target });
    expect([end.type, ...whatIsThere()]).toEqual(["delivered", 0, 0, 0, 0]);
  });

  test("believes that nothing is there only when it could no longer be on its way", async () => {
    const lead = ada();
    const delivery = await cutShort(lead, /after POST .*v2\/persons/);
    const { outcomes } = await erase(lead, delivery, { searchLagMs: 300 });
    expect(outcomes[0]).toMatchObject({ type: "retry", reason: { code: "not_seen_yet" } });
  });

  test("finds a person whose creation was not answered by the field “Latest lead ID”", async () => {
    crm().addField("person", "Latest lead ID", "varchar");
    const lead = ada();
    const delivery = await cutShort(lead, /after GET .*v2\/persons\?/);
    expect(whatIsThere()).toEqual([1, 0, 0, 0]);
    expect((await erase(lead, delivery)).end.type).toBe("delivered");
    expect(whatIsThere()).toEqual([0, 0, 0, 0]);
  });

  test("says when a person may have been added, where there is no such field", async () => {
    const lead = ada();
    const delivery = await cutShort(lead, /after GET .*v2\/persons\?/);
    const { end } = await erase(lead, delivery);
    expect(end).toMatchObject({ type: "rejected", reason: { code: "by_hand" } });
    expect(JSON.stringify(end)).toContain(new Date().toISOString().slice(0, 10));
  });

  test("finds a person who was there before and whose update was not answered", async () => {
    crm().addPerson({ name: "A.", emails: ["ada@example.com"] });
    const lead = ada();
    const delivery = await cutShort(lead, /after GET .*v2\/persons\/\d+/);
    await erase(lead, delivery);
    expect(whatIsThere()).toEqual([0, 0, 0, 0]);
  });

  test("finds the person of a lead that Pipedrive would not take", async () => {
    const lead = ada();
    const destination = configured();
    hitFirst(/after POST .*v2\/persons/, { type: "status", status: 400, body: '{"success":false}' });
    vendor().setFault({ type: "status", status: 400, body: '{"success":false}', rate: 0.5 });
    const { delivery, end } = await run(destination, lead);
    vendor().setFault(null);
    expect([end.type, ...whatIsThere()]).toEqual(["rejected", 1, 0, 0, 0]);
    await erase(lead, delivery);
    expect(whatIsThere()).toEqual([0, 0, 0, 0]);
  });

  test("looks for the lead's id when nothing else is known, and tells that there is nothing", async () => {
    const lead = ada();
    await run(configured(), lead);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect((await erase(lead, null)).end.type).toBe("delivered");
    expect(whatIsThere()).toEqual([0, 0, 0, 0]);
    const { end } = await erase(ada(), null);
    expect(end).toEqual({ type: "delivered", warnings: ["nothing of this lead was found in Pipedrive"] });
  });

  test("never takes a look that failed for nothing", async () => {
    const lead = ada();
    await run(configured(), lead);
    await new Promise((resolve) => setTimeout(resolve, 30));
    hitFirst(/after GET .*organizationFields/, { type: "status", status: 500 });
    const { outcomes } = await erase(lead, null);
    expect(outcomes).toMatchObject([{ type: "retry" }, { type: "delivered" }]);
    expect(whatIsThere()).toEqual([0, 0, 0, 0]);
  });
});
