import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { pipedrive } from "../../src/destinations/index.ts";
import type { Fault } from "../../src/sandbox/index.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/index.ts";
import type { Crm, CrmRecord } from "../../src/sandbox/vendors/pipedrive-crm.ts";
import { aGateway, aPerson, type TestGateway } from "../support/a-gateway.ts";
import { until } from "../support/until.ts";

type Options = Partial<Parameters<typeof pipedrive>[0]>;

let sandbox: Sandbox;
let open: TestGateway[];
/** What the sandbox draws for a fault's `rate`; 0 hits. */
let draw: () => number;

beforeEach(async () => {
  draw = () => 0;
  sandbox = await startSandbox({ random: () => draw() });
  Object.assign(sandbox.vendors.pipedrive.settings, { limits: false, searchLagMs: 40 });
  open = [];
});

afterEach(async () => {
  await Promise.all(open.map((gateway) => gateway.close()));
  await sandbox.close();
});

/** A gateway whose only destination is Pipedrive, in a hurry. */
async function start(options: Options = {}, dataFolder?: string): Promise<TestGateway> {
  const destination = pipedrive({
    apiToken: "token",
    domain: "acme",
    baseUrl: sandbox.vendors.pipedrive.url,
    pace: { limit: 100_000, intervalMs: 1_000 },
    searchPace: { limit: 1_000, intervalMs: 1 },
    searchLagMs: 60,
    schedule: "10ms,20ms,40ms,80ms,80ms,80ms,80ms",
    timeoutMs: 2_000,
    ...options,
  });
  const config = { destinations: { pipedrive: destination } };
  const gateway = await aGateway({ config, ...(dataFolder ? { dataFolder } : {}) });
  open.push(gateway);
  return gateway;
}

const vendor = () => sandbox.vendors.pipedrive;
const crm = (): Crm => vendor().own;

async function deliver(gateway: TestGateway, fields: object) {
  const lead = await gateway.post(fields);
  return { lead, delivery: await gateway.delivery(lead, "pipedrive", "delivered", "dead") };
}

/** The calls as `METHOD path`, ids and queries left out. */
function calls(): string[] {
  return vendor().received.map(({ method, path }) => {
    const [pathname = ""] = path.split("?");
    return `${method} ${pathname.replace("/pipedrive/api/", "").replace(/\/\d+$/, "/{id}")}`;
  });
}

const afterTheLists = (): string[] => calls().filter((call) => !call.endsWith("Fields"));

function valuesOf(record: CrmRecord | undefined, list: "emails" | "phones"): string[] {
  const contacts = record?.[list] as { value: string }[] | undefined;
  return (contacts ?? []).map(({ value }) => value);
}

function custom(record: CrmRecord | undefined): Record<string, unknown> {
  return record?.custom_fields as Record<string, unknown>;
}

describe("a lead of somebody new", () => {
  test("becomes an organisation, a person, a lead in the inbox and a note, each linked and attributed", async () => {
    const gateway = await start();
    const { lead, delivery } = await deliver(gateway, {
      name: "Ada Lovelace",
      email: "Ada@Example.com",
      phone: "020 7946 0018",
      company: "Analytical Engines",
      message: "Call me <b>soon</b>",
      budget: "10000",
      consent: "on",
      utm_source: "google",
      page_url: "https://example.com/quote?utm_source=google",
    });
    const [organization] = crm().organizations;
    const [person] = crm().persons;
    const [record] = crm().leads;
    const [note] = crm().notes;
    expect(organization).toMatchObject({ name: "Analytical Engines" });
    expect(person).toMatchObject({ name: "Ada Lovelace", org_id: organization?.id });
    expect([valuesOf(person, "emails"), valuesOf(person, "phones")]).toEqual([["ada@example.com"], ["+442079460018"]]);
    expect(record).toMatchObject({
      title: "Ada Lovelace: contact",
      person_id: person?.id,
      organization_id: organization?.id,
      origin_id: lead,
    });
    expect(note?.lead_id).toBe(record?.id);
    expect(note?.content).toContain("Call me &#60;b&#62;soon&#60;/b&#62;");
    for (const part of ["budget: 10000", "utm_source: google", "enquiry: granted", lead])
      expect(note?.content).toContain(part);
    expect(delivery).toMatchObject({ state: "delivered", ref: record?.id, history: [{ status: 200 }] });
    const steps = ["GET v2/organizations/search", "POST v2/organizations", "GET v2/persons/search"];
    expect(afterTheLists().filter((call) => !/^GET v2\/(persons|organizations)$/.test(call))).toEqual([
      ...steps,
      "POST v2/persons",
      "POST v1/leads",
      "POST v1/notes",
    ]);
  });

  test("becomes a deal when told so, in the named pipeline and stage, with label and owner", async () => {
    crm().addField("deal", "Lead ID", "varchar");
    const gateway = await start({ target: "deal", pipeline: "web", stage: "Contact made", labels: ["hot"], owner: 7 });
    const { lead, delivery } = await deliver(gateway, aPerson());
    const [deal] = crm().deals;
    expect(deal).toMatchObject({ pipeline_id: 2, stage_id: 3, label_ids: [1], owner_id: 7 });
    expect(Object.values(custom(deal))).toContain(lead);
    expect(delivery.ref).toBe(String(deal?.id));
    expect(crm().notes[0]).toMatchObject({ deal_id: deal?.id });
    expect(crm().leads).toEqual([]);
  });

  test("carries the token in the header and nowhere else", async () => {
    const gateway = await start();
    await deliver(gateway, aPerson());
    for (const { path, headers, body } of vendor().received) {
      expect(headers["x-api-token"]).toBe("token");
      expect(path + body).not.toContain("token");
    }
  });

  test("with a name, a company and a form value of absurd length is delivered all the same", async () => {
    const long = "long ".repeat(200);
    const gateway = await start();
    const { delivery } = await deliver(gateway, aPerson({ name: long, company: long, message: long }));
    expect(delivery.state).toBe("delivered");
    for (const text of [crm().persons[0]?.name, crm().organizations[0]?.name, crm().leads[0]?.title])
      expect(String(text).length).toBeLessThanOrEqual(255);
  });

  test("has no note when none is wanted", async () => {
    const gateway = await start({ note: false });
    await deliver(gateway, aPerson());
    expect([crm().leads.length, crm().notes.length]).toEqual([1, 0]);
  });

  test("is delivered with only the two variables set, and the base address", async () => {
    Object.assign(vendor().settings, { limits: true });
    const variables = { PIPEDRIVE_API_TOKEN: "token", PIPEDRIVE_DOMAIN: "https://acme.pipedrive.com/" };
    const gateway = await aGateway({ variables: { ...variables, PIPEDRIVE_BASE_URL: vendor().url } });
    open.push(gateway);
    const { delivery } = await deliver(gateway, aPerson());
    expect([delivery.state, crm().leads.length]).toEqual(["delivered", 1]);
  });
});

describe("a person who is there already", () => {
  test("is found by exact address in any case, secondary ones too, and brought up to date", async () => {
    const person = crm().addPerson({ name: "A. L.", emails: ["office@example.com", "ADA@example.com"] });
    const gateway = await start();
    await deliver(gateway, aPerson({ name: "Ada Lovelace", email: "ada@EXAMPLE.com", phone: "+442079460018" }));
    expect(crm().persons).toHaveLength(1);
    expect(person.name).toBe("Ada Lovelace");
    expect(valuesOf(person, "emails")).toEqual(["office@example.com", "ADA@example.com"]);
    expect(valuesOf(person, "phones")).toEqual(["+442079460018"]);
    expect(crm().leads[0]).toMatchObject({ person_id: person.id });
  });

  test("is found by an address full of characters that mean something in an address bar", async () => {
    const email = "o'brien+a&b=c%41#1/ü@example.com";
    const person = crm().addPerson({ name: "O", emails: [email] });
    const gateway = await start();
    await deliver(gateway, aPerson({ email }));
    expect(crm().leads[0]).toMatchObject({ person_id: person.id });
  });

  test("whom the token's user may not change gets their lead all the same, with a warning", async () => {
    crm().addPerson({ name: "A. L.", emails: ["ada@example.com"] });
    const gateway = await start();
    draw = () => (calls().at(-1) === "GET v2/persons/{id}" ? 0 : 0.9);
    const body = JSON.stringify({ success: false, error: "Forbidden" });
    vendor().setFault({ type: "status", status: 403, body, rate: 0.5, times: 1 });
    const { delivery } = await deliver(gateway, aPerson({ email: "ada@example.com" }));
    expect(delivery.warnings.join()).toContain("may not change them");
    expect(crm().leads).toHaveLength(1);
  });

  test("is not taken for another whose address only contains the one searched for", async () => {
    crm().addPerson({ name: "Linda", emails: ["linda@example.com"] });
    const gateway = await start();
    await deliver(gateway, aPerson({ email: "inda@example.com" }));
    expect(crm().persons.map((person) => valuesOf(person, "emails"))).toEqual([
      ["linda@example.com"],
      ["inda@example.com"],
    ]);
  });

  test("is the one with the lowest id when there are several, and none is added", async () => {
    const first = crm().addPerson({ name: "First", emails: ["twice@example.com"] });
    crm().addPerson({ name: "Second", emails: ["twice@example.com"] });
    const gateway = await start();
    await deliver(gateway, aPerson({ email: "twice@example.com" }));
    expect(crm().persons).toHaveLength(2);
    expect(crm().leads[0]).toMatchObject({ person_id: first.id });
  });

  test("is found by number when the lead has no address, however the number is written", async () => {
    const person = crm().addPerson({ name: "Ada", phones: ["(020) 7946-0018"] });
    crm().addPerson({ name: "Other", phones: ["+49 20 79460018"] });
    const gateway = await start();
    await deliver(gateway, { phone: "020 7946 0018", consent: "on" });
    expect(crm().persons).toHaveLength(2);
    expect(crm().leads[0]).toMatchObject({ person_id: person.id });
    expect(valuesOf(person, "phones")).toEqual(["(020) 7946-0018"]);
  });

  test("is found right after being created, while the search does not know them yet", async () => {
    Object.assign(vendor().settings, { searchLagMs: 60_000 });
    const gateway = await start();
    await deliver(gateway, aPerson({ email: "soon@example.com" }));
    await deliver(gateway, aPerson({ email: "soon@example.com" }));
    expect([crm().persons.length, crm().leads.length]).toEqual([1, 2]);
  });

  test("is found by a process started since, while the search does not know them yet", async () => {
    Object.assign(vendor().settings, { searchLagMs: 60_000 });
    const first = await start();
    await deliver(first, aPerson({ email: "restart@example.com" }));
    const second = await start({ searchLagMs: 30_000 });
    await deliver(second, aPerson({ email: "restart@example.com" }));
    expect([crm().persons.length, crm().leads.length]).toEqual([1, 2]);
  });

  test("keeps their organisation, while the lead is linked to the one it names", async () => {
    const person = crm().addPerson({ name: "Ada", emails: ["ada@example.com"], org_id: 77 });
    const gateway = await start();
    await deliver(gateway, aPerson({ email: "ada@example.com", company: "New Ltd" }));
    expect(person.org_id).toBe(77);
    expect(crm().leads[0]).toMatchObject({ organization_id: crm().organizations[0]?.id });
  });

  test("that someone else has deleted since is created anew", async () => {
    const gateway = await start();
    await deliver(gateway, aPerson({ email: "gone@example.com" }));
    for (const person of crm().persons) person.is_deleted = true;
    await deliver(gateway, aPerson({ email: "gone@example.com" }));
    expect(crm().leads[1]).toMatchObject({ person_id: crm().persons[1]?.id });
  });

  test("keeps the newest lead's values when an older one comes late", async () => {
    const gateway = await start();
    crm().addField("person", "Latest lead ID", "varchar");
    const person = crm().addPerson({ name: "Nobody", emails: ["late@example.com"] });
    // The older lead fails once while the newer one goes through.
    vendor().setFault({ type: "status", status: 500, times: 1 });
    const older = await gateway.post(aPerson({ name: "Old Name", email: "late@example.com" }));
    const newer = await gateway.post(aPerson({ name: "New Name", email: "late@example.com" }));
    for (const lead of [older, newer]) await gateway.delivery(lead, "pipedrive", "delivered");
    expect(person.name).toBe("New Name");
    expect(crm().leads).toHaveLength(2);
  });
});

describe("custom fields", () => {
  test("are named in the config and resolved to keys, values and options", async () => {
    const size = crm().addField("deal", "Size", "enum", ["Small", "Large"]);
    const interests = crm().addField("deal", "Interests", "set", ["Roof", "Floor"]);
    const budget = crm().addField("deal", "Budget", "double");
    const price = crm().addField("deal", "Price", "monetary");
    const postcode = crm().addField("person", "Postcode", "varchar");
    const gateway = await start({
      currency: "EUR",
      map: {
        size: { field: "form_data.size" },
        Interests: { field: "form_data.interests" },
        Budget: { field: "form_data.budget" },
        Price: { field: "form_data.budget" },
        value: { field: "form_data.budget" },
        "person.Postcode": { field: "form_data.postcode" },
      },
    });
    const fields = { size: "LARGE", interests: ["Floor", "roof"], budget: "1,200", postcode: "01234" };
    const { delivery } = await deliver(gateway, aPerson(fields));
    expect(crm().leads[0]).toMatchObject({
      [size.field_code]: size.options?.[1]?.id,
      [interests.field_code]: [interests.options?.[1]?.id, interests.options?.[0]?.id].join(","),
      [budget.field_code]: 1200,
      [price.field_code]: 1200,
      [`${price.field_code}_currency`]: "EUR",
      value: { amount: 1200, currency: "EUR" },
    });
    expect(custom(crm().persons[0])[postcode.field_code]).toBe("01234");
    expect(delivery.warnings).toEqual([expect.stringContaining("leadkeep setup pipedrive")]);
  });

  test("that are not there are a warning that names them, and their values are in the note", async () => {
    const gateway = await start({ map: { Budgt: { field: "form_data.budget" } } });
    const { delivery } = await deliver(gateway, aPerson({ budget: "about a million" }));
    expect(delivery.warnings.join()).toContain('no field "Budgt"');
    expect(delivery.warnings.join()).not.toContain("million");
    expect(crm().notes[0]?.content).toContain("Budgt: about a million");
  });

  test("whose value does not fit are a warning", async () => {
    crm().addField("deal", "Size", "enum", ["Small", "Large"]);
    const gateway = await start({ map: { Size: { field: "form_data.size" } } });
    const { delivery } = await deliver(gateway, aPerson({ size: "Gigantic" }));
    expect(delivery.warnings.join()).toContain('"Size" is not one of its options');
    expect(crm().notes[0]?.content).toContain("Size: Gigantic");
  });

  test("that Pipedrive refuses are dropped alone, and the rest is delivered", async () => {
    const budget = crm().addField("deal", "Budget", "double");
    const colour = crm().addField("deal", "Colour", "varchar");
    const map = { Budget: { field: "form_data.budget" }, Colour: { field: "form_data.colour" } };
    const gateway = await start({ target: "deal", map });
    await deliver(gateway, aPerson());
    // Someone makes a list of it after it has been read.
    Object.assign(budget, { field_type: "enum", options: [] });
    const { delivery } = await deliver(gateway, aPerson({ budget: "12", colour: "red" }));
    expect(delivery.warnings.join()).toContain('refused "Budget"');
    const deal = crm().deals[1];
    expect([custom(deal)[colour.field_code], budget.field_code in custom(deal)]).toEqual(["red", false]);
    expect(crm().notes[1]?.content).toContain("Budget: 12");
  });

  test("that are unknown make a dead letter when told so", async () => {
    const gateway = await start({ onUnknownField: "reject", map: { Budgt: { field: "form_data.budget" } } });
    const { delivery } = await deliver(gateway, aPerson({ budget: "12" }));
    expect([delivery.state, delivery.reason?.code]).toEqual(["dead", "unknown_field"]);
    expect(crm().persons).toEqual([]);
  });

  test("longer than the field are cut, and whole in the note", async () => {
    const field = crm().addField("deal", "Story", "varchar");
    const gateway = await start({ map: { Story: { field: "message" } } });
    const { delivery } = await deliver(gateway, aPerson({ message: "x".repeat(400) }));
    expect(String(crm().leads[0]?.[field.field_code])).toHaveLength(255);
    expect(delivery.warnings.join()).toContain('"Story" was cut');
  });

  test("keep what is there when told ifEmpty or onCreate", async () => {
    const [one, two, three] = ["One", "Two", "Three"].map((name) => crm().addField("person", name, "varchar"));
    const codes = [one, two, three].map((field) => field?.field_code ?? "");
    const there = Object.fromEntries(codes.map((code) => [code, "there"]));
    const person = crm().addPerson({ name: "Ada", emails: ["ada@example.com"], custom_fields: there });
    const value = { field: "message" } as const;
    const gateway = await start({
      map: {
        "person.One": value,
        "person.Two": { value, mode: "ifEmpty" },
        "person.Three": { value, mode: "onCreate" },
      },
    });
    await deliver(gateway, aPerson({ email: "ada@example.com", message: "new" }));
    expect(codes.map((code) => custom(person)[code])).toEqual(["new", "there", "there"]);
  });
});

describe("marketing consent", () => {
  const subscribing = { email: "ada@example.com", marketing_consent: "yes" };

  test("subscribes a new person where the company has Campaigns", async () => {
    Object.assign(vendor().settings, { campaigns: true });
    const gateway = await start();
    await deliver(gateway, aPerson(subscribing));
    expect(crm().persons[0]?.marketing_status).toBe("subscribed");
  });

  test("that is not given subscribes nobody", async () => {
    Object.assign(vendor().settings, { campaigns: true });
    const gateway = await start();
    await deliver(gateway, aPerson({ marketing_consent: "no" }));
    expect(crm().persons[0]?.marketing_status).toBe("no_consent");
  });

  test("is not sent where there are no Campaigns", async () => {
    const gateway = await start();
    await deliver(gateway, aPerson(subscribing));
    expect(
      vendor()
        .received.map(({ body }) => body)
        .join(),
    ).not.toContain("marketing_status");
  });

  test.each(["unsubscribed", "subscribed", "archived"])("leaves a person alone who is %s", async (marketing_status) => {
    Object.assign(vendor().settings, { campaigns: true });
    crm().addPerson({ name: "Ada", emails: ["ada@example.com"], marketing_status });
    const gateway = await start();
    await deliver(gateway, aPerson(subscribing));
    expect(
      vendor()
        .received.map(({ body }) => body)
        .join(),
    ).not.toContain("marketing_status");
  });
});

describe("an answer that was lost", () => {
  const whole = { company: "Analytical Engines", email: "ada@example.com" };

  async function requestsOfOneLead(options: Options): Promise<number> {
    const gateway = await start(options);
    await deliver(gateway, aPerson(whole));
    const { length } = vendor().received;
    sandbox.reset();
    Object.assign(vendor().settings, { limits: false, searchLagMs: 40 });
    return length;
  }

  function counts(target: "lead" | "deal"): number[] {
    const { persons, organizations, leads, deals, notes } = crm();
    return [organizations.length, persons.length, (target === "lead" ? leads : deals).length, notes.length];
  }

  test.each<["lead" | "deal", string, Fault]>([
    ["lead", "reset after it was applied", { type: "reset", when: "after" }],
    ["lead", "reset before it was applied", { type: "reset", when: "before" }],
    ["lead", "garbage", { type: "garbage" }],
    ["lead", "500 though applied", { type: "status", status: 500, applied: true }],
    ["deal", "reset after it was applied", { type: "reset", when: "after" }],
    ["deal", "504 though applied", { type: "status", status: 504, applied: true }],
  ])("makes no second %s, whichever call it hits: %s", async (target, _, fault) => {
    const requests = await requestsOfOneLead({ target });
    for (let hit = 0; hit < requests; hit += 1) {
      let n = -1;
      draw = () => {
        n += 1;
        return n === hit ? 0 : 0.9;
      };
      vendor().setFault({ ...fault, rate: 0.5 });
      const gateway = await start({ target });
      const { delivery } = await deliver(gateway, aPerson(whole));
      expect([hit, delivery.state, ...counts(target)]).toEqual([hit, "delivered", 1, 1, 1, 1]);
      await open.pop()?.close();
      sandbox.reset();
      Object.assign(vendor().settings, { limits: false, searchLagMs: 40 });
    }
  });

  test("is waited for: nothing found shortly after a lost create is not believed", async () => {
    const gateway = await start({ searchLagMs: 400, schedule: "10ms,10ms,10ms" });
    let n = 0;
    const creates = () =>
      vendor().received.filter(({ path, method }) => method === "POST" && path.includes("v1/leads"));
    draw = () => {
      n += 1;
      return afterTheLists().at(-1) === "POST v2/persons" && n > 0 && creates().length === 0 ? 0 : 0.9;
    };
    vendor().setFault({ type: "reset", when: "before", rate: 0.5 });
    const { delivery } = await deliver(gateway, aPerson());
    expect(delivery.history.map(({ outcome, reason }) => [outcome, reason?.code])).toEqual([
      ["uncertain", "econnreset"],
      ["retry", "not_seen_yet"],
      ["delivered", undefined],
    ]);
    const [lost, made] = creates().map(({ at }) => at);
    expect((made ?? 0) - (lost ?? 0)).toBeGreaterThanOrEqual(390);
  });

  test("of a connection that was refused is no doubt at all: nothing is waited for", async () => {
    const gateway = await start({ baseUrl: "http://127.0.0.1:9", schedule: "5ms" });
    const { delivery } = await deliver(gateway, aPerson());
    expect(delivery.history.map(({ outcome }) => outcome)).toEqual(["retry", "retry"]);
    expect(delivery.uncertain).toBe(false);
  });
});

describe("Pipedrive's limits and errors", () => {
  test("are judged one by one: 401, 402, a plan's cap and a 404 that is not the API pause the lane", async () => {
    const cases: [object | Fault, string][] = [
      [{ apiToken: "another" }, "unauthorized"],
      [{ unpaid: true }, "payment_required"],
      [{ capped: true }, "plan_limit"],
      [{ type: "status", status: 404, body: "<html>Not found</html>" }, "not_found"],
    ];
    for (const [cause, code] of cases) {
      if ("type" in cause) vendor().setFault(cause as Fault);
      else Object.assign(vendor().settings, cause);
      const gateway = await start();
      await gateway.post(aPerson());
      const [pause] = await until(async () => {
        const pauses = await gateway.gateway.ledger.pauses();
        return pauses.length > 0 && pauses;
      });
      expect(pause?.reason.code).toBe(code);
      await open.pop()?.close();
      sandbox.reset();
    }
  });

  test("a 403 page of the edge is a cool-down: no pause, no try, and nothing more is sent", async () => {
    vendor().setFault({ type: "status", status: 403, body: "<!DOCTYPE html><html>Error 1015</html>", times: 1 });
    const gateway = await start();
    const lead = await gateway.post(aPerson());
    const delivery = await until(async () => {
      const { deliveries } = await gateway.record(lead);
      return deliveries[0]?.history[0]?.outcome ? deliveries[0] : null;
    });
    expect([delivery.state, delivery.tries, delivery.reason?.code]).toEqual(["pending", 0, "rate_limited"]);
    expect((delivery.dueAt ?? 0) - Date.now()).toBeGreaterThan(4 * 60_000);
    expect(await gateway.gateway.ledger.pauses()).toEqual([]);
  });

  test("a spent daily budget waits for the next full hour and costs no try", async () => {
    const gateway = await start();
    Object.assign(vendor().settings, { dailyBudget: 0 });
    const lead = await gateway.post(aPerson());
    const delivery = await until(async () => {
      const { deliveries } = await gateway.record(lead);
      return deliveries[0]?.history[0]?.outcome ? deliveries[0] : null;
    });
    expect([delivery.tries, delivery.reason?.code]).toEqual([0, "rate_limited"]);
    expect((delivery.dueAt ?? 0) % 3_600_000).toBeLessThan(60_000);
  });

  test("a lead that Pipedrive answers 500 again and again ends dead, and the lane goes on", async () => {
    Object.assign(vendor().settings, { poison: "poisonous" });
    const gateway = await start({ searchLagMs: 5, schedule: "5ms,5ms,5ms" });
    const bad = await gateway.post(aPerson({ name: "poisonous" }));
    const good = await Promise.all(Array.from({ length: 5 }, () => gateway.post(aPerson())));
    for (const lead of good) await gateway.delivery(lead, "pipedrive", "delivered");
    const dead = await gateway.delivery(bad, "pipedrive", "dead");
    expect(dead.reason?.code).toBe("server_error");
    expect(crm().leads).toHaveLength(5);
  });

  test.each([
    ["success is not said", { success: false, data: { id: 1 } }],
    ["there is no id", { success: true, data: {} }],
    ["data is missing", { success: true }],
  ])("a 200 is not delivered when %s", async (_, body) => {
    const gateway = await start({ searchLagMs: 5, schedule: "5ms,5ms" });
    let isCreate = false;
    draw = () => {
      isCreate = afterTheLists().at(-1) === "POST v2/persons";
      return isCreate ? 0 : 0.9;
    };
    vendor().setFault({ type: "status", status: 200, body: JSON.stringify(body), rate: 0.5, times: 1 });
    const { delivery } = await deliver(gateway, aPerson());
    expect(delivery.history[0]).toMatchObject({ outcome: "uncertain", reason: { code: "unreadable" } });
    expect(crm().leads).toHaveLength(1);
  });

  test("a search that failed is never “not found”", async () => {
    const person = crm().addPerson({ name: "Ada", emails: ["ada@example.com"] });
    const gateway = await start();
    draw = () => (afterTheLists().length === 0 && calls().length === 3 ? 0 : 0.9);
    vendor().setFault({ type: "status", status: 500, rate: 0.5, times: 1 });
    const { delivery } = await deliver(gateway, aPerson({ email: "ada@example.com" }));
    expect(delivery.history.map(({ outcome }) => outcome)).toEqual(["retry", "delivered"]);
    expect(crm().persons).toEqual([person]);
  });
});
