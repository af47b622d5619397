import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { hubspot as hubspotFactory } from "../../src/index.ts";
import { configureDestination } from "../../src/model/configured-destination.ts";
import type { Destination } from "../../src/model/destination.ts";
import { aGateway, aPerson, type TestGateway } from "../support/a-gateway.ts";
import { aForm, aHubSpot, type TestHubSpot } from "../support/a-hubspot.ts";
import { until } from "../support/until.ts";

let hubspot: TestHubSpot;

beforeEach(async () => {
  hubspot = await aHubSpot();
});

afterEach(() => hubspot.close());

async function pauseOf({ gateway }: TestGateway) {
  const [pause] = await until(async () => {
    const pauses = await gateway.ledger.pauses();
    return pauses.length > 0 && pauses;
  });
  return pause;
}

test("the token alone, with the base addresses, delivers", async () => {
  const gateway = await aGateway({
    variables: {
      HUBSPOT_ACCESS_TOKEN: "a-token",
      HUBSPOT_BASE_URL: hubspot.vendor.url,
      HUBSPOT_FORMS_BASE_URL: hubspot.vendor.url,
    },
  });
  const delivery = await gateway.delivery(await gateway.post(aPerson()), "hubspot", "delivered");
  await gateway.close();
  expect(delivery.history.map(({ outcome, status }) => [outcome, status])).toEqual([["delivered", 201]]);
  expect(hubspot.counts()).toEqual([1, 0, 1, 0]);
});

test("the token is in the header of every call, and nowhere else", async () => {
  const gateway = await hubspot.start({ note: true, form: aForm });
  await hubspot.send(gateway);
  for (const { headers, path, body } of hubspot.vendor.received) {
    expect(headers.authorization).toBe("Bearer a-token");
    expect(path + body).not.toContain("a-token");
  }
});

test("a wrong token pauses the lane and costs no try", async () => {
  Object.assign(hubspot.vendor.settings, { accessToken: "another" });
  const gateway = await hubspot.start();
  const lead = await gateway.post(aPerson());
  expect(await pauseOf(gateway)).toMatchObject({ reason: { code: "unauthorized", status: 401 } });
  expect((await gateway.delivery(lead, "hubspot", "pending")).tries).toBe(0);
});

test("a missing scope pauses the lane, and the reason names it", async () => {
  Object.assign(hubspot.vendor.settings, { scopes: ["crm.schemas.contacts.read"] });
  const gateway = await hubspot.start();
  await gateway.post(aPerson());
  expect(await pauseOf(gateway)).toMatchObject({
    reason: { code: "missing_scope", message: expect.stringContaining("crm.objects.contacts.write") },
  });
});

describe("what is not for now", () => {
  test.each([
    [423, "locked"],
    [477, "rate_limited"],
    [500, "server_error"],
    [503, "server_error"],
    [523, "server_error"],
  ])("%i is tried again", async (status, code) => {
    const gateway = await hubspot.start();
    hubspot.vendor.setFault({ type: "status", status, headers: { "retry-after": "0" } });
    const lead = await gateway.post(aPerson());
    const { reason } = await until(async () => {
      const delivery = await gateway.delivery(lead, "hubspot", "pending");
      return delivery.reason && delivery;
    });
    expect(reason).toMatchObject({ code, status });
  });

  test("a limit that is hit holds the lane, costs no try, and nothing is lost", async () => {
    Object.assign(hubspot.vendor.settings, { callsPer10s: 3 });
    const gateway = await hubspot.start();
    const leads: string[] = [];
    for (let i = 0; i < 4; i += 1) leads.push(await gateway.post(aPerson()));
    const held = await until(async () => {
      for (const lead of leads) {
        const { deliveries } = await gateway.record(lead);
        if (deliveries[0]?.reason?.code === "rate_limited") return deliveries[0];
      }
      return null;
    });
    expect(held.tries).toBe(0);
    expect(held.dueAt).toBeGreaterThan(Date.now() + 5_000);
    const refused = hubspot.vendor.received.filter(({ answered }) => answered === 429);
    expect(refused.length).toBeLessThan(10);
  });

  test("a page from the edge instead of JSON is a cool-down, not a bad token", async () => {
    const gateway = await hubspot.start();
    hubspot.vendor.setFault({ type: "status", status: 403, body: "<html>blocked</html>" });
    const lead = await gateway.post(aPerson());
    const { reason } = await until(async () => {
      const delivery = await gateway.delivery(lead, "hubspot", "pending");
      return delivery.reason && delivery;
    });
    expect(reason).toMatchObject({ code: "rate_limited", status: 403 });
    expect(await gateway.gateway.ledger.pauses()).toEqual([]);
  });
});

describe("set-up and doctor", () => {
  function destination(options: Partial<Parameters<typeof hubspotFactory>[0]> = {}): Destination {
    const spec = hubspotFactory({ accessToken: "a-token", baseUrl: hubspot.vendor.url, ...options });
    const { destination } = configureDestination("hubspot", spec);
    if (!destination) throw new Error("the options are wrong");
    return destination;
  }

  const context = () => ({ signal: AbortSignal.timeout(10_000), fetch, now: Date.now });

  test("set-up lists what is missing, makes it, and finds nothing to do the second time", async () => {
    const steps = (await destination().setup?.(context())) ?? [];
    expect(steps.every(({ apply }) => apply !== null)).toBe(true);
    expect(hubspot.crm().properties.contacts.has("utm_source")).toBe(false);
    for (const { apply } of steps) expect(await apply?.()).toMatchObject({ result: "ok" });
    expect(hubspot.crm().properties.contacts.get("lead_phone")).toMatchObject({ hasUniqueValue: true });
    const again = (await destination().setup?.(context())) ?? [];
    expect(again.filter(({ apply }) => apply !== null)).toEqual([]);
  });

  test("set-up that comes to a property somebody has just made is content", async () => {
    const steps = (await destination().setup?.(context())) ?? [];
    for (const { apply } of steps) await apply?.();
    for (const { apply } of steps) expect(await apply?.()).toMatchObject({ result: "ok" });
  });

  test("doctor changes nothing and names what is missing", async () => {
    const results = (await destination({ deal: { stage: "no-such-stage" } }).check?.(context())) ?? [];
    expect(results.find(({ what }) => what === "contact properties")).toMatchObject({
      result: "warning",
      detail: expect.stringContaining("utm_source"),
      cure: expect.stringContaining("leadkeep setup hubspot"),
    });
    expect(results.find(({ what }) => what === "deal stage")).toMatchObject({ result: "problem" });
    expect(results.find(({ what }) => what === "access token")?.detail).toContain("123456");
    expect(results.find(({ what }) => what === "limits")?.detail).toContain("of 250000 today");
    expect(hubspot.vendor.received.some(({ applied }) => applied)).toBe(false);
  });

  test("doctor says which scopes are missing, and when the token is wrong", async () => {
    Object.assign(hubspot.vendor.settings, { scopes: ["crm.objects.contacts.read"] });
    const results = (await destination().check?.(context())) ?? [];
    expect(results.find(({ what }) => what === "scopes")?.detail).toContain("crm.objects.contacts.write");
    Object.assign(hubspot.vendor.settings, { accessToken: "another" });
    expect(await destination().check?.(context())).toMatchObject([{ what: "access token", result: "problem" }]);
  });

  test("doctor names subscription types that are not there, and the scope they need", async () => {
    const options = { subscriptions: { marketing: 42, news: 7 } };
    const find = async (what: string) =>
      (await destination(options).check?.(context()))?.find((result) => result.what === what);
    expect(await find("subscription types")).toMatchObject({ result: "problem", detail: "missing: 7 (news)" });
    Object.assign(hubspot.vendor.settings, { scopes: ["crm.objects.contacts.read"], subscriptionTypes: [7, 42] });
    expect(await find("scopes")).toMatchObject({
      detail: expect.stringContaining("communication_preferences.read_write"),
    });
    expect(await find("subscription types")).toMatchObject({
      result: "problem",
      cure: expect.stringContaining("scope"),
    });
    Object.assign(hubspot.vendor.settings, { scopes: null });
    expect(await find("subscription types")).toMatchObject({ result: "ok" });
  });

  test("one subscription type cannot stand for two purposes", () => {
    const spec = hubspotFactory({ accessToken: "a-token", subscriptions: { marketing: 42, news: 42 } });
    expect(configureDestination("hubspot", spec).problems).toMatchObject([
      { path: "destinations.hubspot.subscriptions" },
    ]);
  });

  test("after set-up doctor has nothing to complain of", async () => {
    await hubspot.setUp();
    const results = (await destination().check?.(context())) ?? [];
    expect(results.filter(({ result }) => result !== "ok")).toEqual([]);
  });
});
