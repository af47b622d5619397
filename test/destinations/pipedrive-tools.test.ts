import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createGuardedNetwork } from "../../src/delivery/guarded-fetch.ts";
import { pipedrive } from "../../src/destinations/index.ts";
import { configureDestination } from "../../src/model/configured-destination.ts";
import type { ToolContext } from "../../src/model/destination.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/index.ts";

const network = createGuardedNetwork({ allowPrivateNetwork: true });
const context: ToolContext = {
  signal: AbortSignal.timeout(120_000),
  fetch: (url, init) => network.fetch(url, init, () => {}),
  now: Date.now,
};

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox();
});
afterEach(() => sandbox.close());

function configured(options: Partial<Parameters<typeof pipedrive>[0]> = {}) {
  const given = { apiToken: "token", domain: "acme", baseUrl: sandbox.vendors.pipedrive.url, ...options };
  const { destination } = configureDestination("pipedrive", pipedrive(given));
  if (!destination?.check || !destination.setup) throw new Error("there is nothing to check or set up");
  return { check: () => destination.check?.(context) ?? [], setup: () => destination.setup?.(context) ?? [] };
}

const crm = () => sandbox.vendors.pipedrive.own;

describe("leadkeep setup pipedrive", () => {
  test("tells what is missing and changes nothing until it is applied; then nothing is missing", async () => {
    const { setup, check } = configured({ map: { Budget: { field: "form_data.budget" } } });
    crm().addField("deal", "utm SOURCE", "varchar");
    const before = JSON.stringify(crm().fields);
    const steps = await setup();
    expect(JSON.stringify(crm().fields)).toBe(before);
    expect(steps.find(({ what }) => what.includes("UTM source"))?.apply).toBeNull();
    expect(steps.map(({ what }) => what)).toContain('lead and deal field "Budget" (large text)');
    for (const step of steps) if (step.apply) expect((await step.apply()).result).toBe("ok");
    expect((await setup()).every(({ apply }) => apply === null)).toBe(true);
    const names = crm().fields.deal.filter(({ is_custom_field }) => is_custom_field);
    expect(new Set(names.map(({ field_name }) => field_name)).size).toBe(names.length);
    expect((await check()).filter(({ result }) => result !== "ok")).toEqual([]);
    expect(sandbox.vendors.pipedrive.received.some(({ answered }) => answered === 429)).toBe(false);
  }, 30_000);

  test("says so when the token's user may not make fields", async () => {
    const [step] = (await configured().setup()).filter(({ apply }) => apply !== null);
    sandbox.vendors.pipedrive.setFault({ type: "status", status: 403, body: '{"success":false,"error":"Forbidden"}' });
    expect(await step?.apply?.()).toMatchObject({ result: "problem", cure: expect.stringContaining("admin") });
  });
});

describe("leadkeep doctor pipedrive", () => {
  test("tells of the token, the company, the day's budget and missing fields", async () => {
    const results = await configured().check();
    expect(results.map(({ what, result }) => [what, result]).slice(0, 4)).toEqual([
      ["API token", "ok"],
      ["Company domain", "ok"],
      ["Daily API budget", "ok"],
      ["Fields", "ok"],
    ]);
    expect(results.find(({ what }) => what === 'Field "Lead ID"')?.cure).toContain("leadkeep setup pipedrive");
  });

  test("finds a token that is not valid, and a company that is another", async () => {
    expect((await configured({ domain: "other" }).check())[1]).toMatchObject({
      result: "problem",
      detail: "the token belongs to acme, not to other",
    });
    sandbox.vendors.pipedrive.settings.apiToken = "right";
    const results = await configured().check();
    expect(results).toMatchObject([{ what: "API token", result: "problem" }]);
  });

  test("finds pipelines, stages and labels that are not there", async () => {
    const given = { target: "deal", pipeline: "Web", stage: "Nowhere", labels: ["Hot", "Cold"] } as const;
    const results = await configured({ ...given, labels: [...given.labels] }).check();
    const found = results.filter(({ what }) => /^(Pipeline|Stage|Label)/.test(what));
    expect(found.map(({ what, result }) => [what, result])).toEqual([
      ['Pipeline "Web"', "ok"],
      ['Stage "Nowhere"', "warning"],
      ['Label "Hot"', "ok"],
      ['Label "Cold"', "warning"],
    ]);
  });

  test("tells whether the marketing status can be set", async () => {
    const said = async (options: Parameters<typeof configured>[0] = {}) =>
      (await configured(options).check()).find(({ what }) => what === "Marketing status");
    expect(await said()).toMatchObject({ result: "ok", detail: expect.stringContaining("not in this account") });
    expect((await said({ marketingPurpose: null }))?.detail).toContain("left alone");
    sandbox.vendors.pipedrive.settings.campaigns = true;
    expect((await said())?.detail).toBe('follows consent for "marketing"; Pipedrive lets it change only once');
  }, 20_000);

  test("changes nothing", async () => {
    await configured().check();
    expect(sandbox.vendors.pipedrive.received.every(({ method }) => method === "GET")).toBe(true);
  });
});
