import { afterEach, beforeEach, expect, test } from "vitest";
import * as z from "zod";
import { defineConfig, defineDestination, webhook } from "../../src/index.ts";
import type { Outcome } from "../../src/model/outcome.ts";
import { flatPayload, leadPayload } from "../../src/model/payload.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/index.ts";
import { aGateway, aPerson, type TestGateway, type TestGatewayOptions } from "../support/a-gateway.ts";
import { until } from "../support/until.ts";

let sandbox: Sandbox;
let open: TestGateway[];

beforeEach(async () => {
  sandbox = await startSandbox();
  open = [];
});

afterEach(async () => {
  await Promise.all(open.map((gateway) => gateway.close()));
  await sandbox.close();
});

async function start(options: TestGatewayOptions = {}): Promise<TestGateway> {
  const { zapier, make, webhook } = sandbox.vendors;
  const urls = { ZAPIER_WEBHOOK_URL: zapier.url, MAKE_WEBHOOK_URL: make.url, CRM_WEBHOOK_URL: webhook.url };
  const gateway = await aGateway({ ...options, variables: { ...urls, ...options.variables } });
  open.push(gateway);
  return gateway;
}

const onlyWebhook = () => ({ ZAPIER_WEBHOOK_URL: "", MAKE_WEBHOOK_URL: "" });

test("a lead arrives at every destination with exactly the contract's payload", async () => {
  const gateway = await start();
  const lead = await gateway.post(aPerson({ message: "Call me", utm_source: "google", budget: "10000" }));
  for (const destination of ["zapier", "make", "webhook"]) await gateway.delivery(lead, destination, "delivered");
  const { lead: kept } = await gateway.record(lead);
  expect(sandbox.vendors.webhook.received.map(({ json }) => json)).toEqual([leadPayload(kept)]);
  expect(sandbox.vendors.zapier.received.map(({ json }) => json)).toEqual([flatPayload(kept)]);
  expect(sandbox.vendors.make.received.map(({ json }) => json)).toEqual([flatPayload(kept)]);
});

test("hooks are only ever POSTed to", async () => {
  const gateway = await start();
  const lead = await gateway.post(aPerson());
  for (const destination of ["zapier", "make", "webhook"]) await gateway.delivery(lead, destination, "delivered");
  const { zapier, make, webhook } = sandbox.vendors;
  const methods = [zapier, make, webhook].flatMap((vendor) => vendor.received.map(({ method }) => method));
  expect(new Set(methods)).toEqual(new Set(["POST"]));
});

test("a signed webhook verifies at the receiver, with the old secret and the new one", async () => {
  const secrets = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"];
  const gateway = await start({ variables: { ...onlyWebhook(), CRM_WEBHOOK_SECRET: secrets.join(" ") } });
  for (const secret of secrets) {
    Object.assign(sandbox.vendors.webhook.settings, { secret });
    const lead = await gateway.post(aPerson());
    const delivery = await gateway.delivery(lead, "webhook", "delivered", "dead");
    expect(delivery.state).toBe("delivered");
  }
});

test("every attempt of a delivery carries the same delivery id, and is written down", async () => {
  const gateway = await start({ variables: onlyWebhook() });
  sandbox.vendors.webhook.setFault({ type: "status", status: 503, times: 2 });
  const lead = await gateway.post(aPerson());
  const delivery = await gateway.delivery(lead, "webhook", "delivered");
  expect(delivery.history.map(({ n, outcome, status }) => [n, outcome, status])).toEqual([
    [1, "retry", 503],
    [2, "retry", 503],
    [3, "delivered", 200],
  ]);
  const ids = sandbox.vendors.webhook.received.map(({ headers }) => headers["webhook-id"]);
  expect(ids).toEqual([delivery.id, delivery.id, delivery.id]);
});

test("an answer lost after the receiver applied the lead is uncertain, and the repeat has the same id", async () => {
  const gateway = await start({ variables: onlyWebhook() });
  sandbox.vendors.webhook.setFault({ type: "reset", when: "after", times: 1 });
  const lead = await gateway.post(aPerson());
  const delivery = await gateway.delivery(lead, "webhook", "delivered");
  expect(delivery.history.map(({ outcome }) => outcome)).toEqual(["uncertain", "delivered"]);
  const ids = sandbox.vendors.webhook.received.map(({ headers }) => headers["webhook-id"]);
  expect(ids).toEqual([delivery.id, delivery.id]);
});

test("a destination that hangs costs one attempt its time-out and no more", async () => {
  const gateway = await start({ variables: { ...onlyWebhook(), LEADKEEP_TIMEOUT: "150ms" } });
  sandbox.vendors.webhook.setFault({ type: "hang", applied: false, times: 1 });
  const lead = await gateway.post(aPerson());
  const delivery = await gateway.delivery(lead, "webhook", "delivered");
  expect(delivery.history.map(({ outcome, reason }) => [outcome, reason?.code])).toEqual([
    ["uncertain", "timed_out"],
    ["delivered", undefined],
  ]);
});

test("nobody listening is a retry, not an uncertainty: nothing was sent", async () => {
  const gateway = await start({ variables: { ...onlyWebhook(), CRM_WEBHOOK_URL: "http://127.0.0.1:9/" } });
  const lead = await gateway.post(aPerson());
  const delivery = await gateway.delivery(lead, "webhook", "dead");
  expect(delivery.history.map(({ outcome }) => outcome)).toEqual(Array(5).fill("retry"));
  expect(delivery.uncertain).toBe(false);
});

test.each([
  ["garbage", { type: "garbage" } as const],
  ["an endless body", { type: "endless" } as const],
  ["a body that drips for ever", { type: "drip", intervalMs: 20 } as const],
])("a 2xx with %s is delivered: the status has been given", async (_, fault) => {
  const gateway = await start({ variables: { ...onlyWebhook(), LEADKEEP_TIMEOUT: "300ms" } });
  sandbox.vendors.webhook.setFault(fault);
  const lead = await gateway.post(aPerson());
  const delivery = await gateway.delivery(lead, "webhook", "delivered", "dead", "pending");
  expect((await gateway.delivery(lead, "webhook", "delivered")).history).toHaveLength(1);
  expect(delivery.id).toMatch(/^dlv_/);
});

test("a redirect is not followed: the lane pauses, since the address needs mending", async () => {
  const gateway = await start({ variables: onlyWebhook() });
  sandbox.vendors.webhook.setFault({ type: "redirect", location: sandbox.vendors.zapier.url });
  const lead = await gateway.post(aPerson());
  const [pause] = await until(async () => {
    const pauses = await gateway.gateway.ledger.pauses();
    return pauses.length > 0 && pauses;
  });
  expect(pause).toMatchObject({ destination: "webhook", by: "machine", reason: { code: "redirected" } });
  expect((await gateway.delivery(lead, "webhook", "pending")).tries).toBe(0);
  expect(sandbox.vendors.zapier.received).toEqual([]);
});

test("a gone hook pauses its lane, costs no try, and goes on after a resume", async () => {
  const gateway = await start({ variables: { ...onlyWebhook(), ...makeOnly() } });
  Object.assign(sandbox.vendors.make.settings, { inactive: true });
  const first = await gateway.post(aPerson());
  await until(async () => (await gateway.gateway.ledger.pauses()).length > 0);
  const second = await gateway.post(aPerson());
  const held = await gateway.delivery(second, "make", "pending");
  expect([held.tries, held.attempts]).toEqual([0, 0]);
  Object.assign(sandbox.vendors.make.settings, { inactive: false });
  const other = await aGatewayCommand(gateway);
  await other.resume("make", { now: Date.now(), actor: { type: "command", name: "test" } });
  await other.close();
  for (const lead of [first, second]) await gateway.delivery(lead, "make", "delivered");
});

function makeOnly(): Record<string, string> {
  return { MAKE_WEBHOOK_URL: sandbox.vendors.make.url, CRM_WEBHOOK_URL: "" };
}

async function aGatewayCommand({ gateway }: TestGateway) {
  const { openLedger } = await import("../../src/gateway.ts");
  return openLedger(gateway.options);
}

test("Make's full queue is waited for, not given up", async () => {
  const gateway = await start({ variables: { ...onlyWebhook(), ...makeOnly() } });
  Object.assign(sandbox.vendors.make.settings, { queueFull: true });
  const lead = await gateway.post(aPerson());
  await until(async () => (await gateway.record(lead)).deliveries[0]?.attempts);
  Object.assign(sandbox.vendors.make.settings, { queueFull: false });
  const delivery = await gateway.delivery(lead, "make", "delivered");
  expect(delivery.tries).toBe(0);
});

test("any other 400 of Make is a dead letter with its payload kept", async () => {
  const gateway = await start({ variables: { ...onlyWebhook(), ...makeOnly() } });
  sandbox.vendors.make.setFault({ type: "status", status: 400, body: "Validation failed for 1 parameter(s)." });
  const lead = await gateway.post(aPerson({ message: "kept" }));
  await gateway.delivery(lead, "make", "dead");
  expect((await gateway.record(lead)).lead.message).toBe("kept");
});

test.each([
  ["seconds", () => "1"],
  ["a date", () => new Date(Date.now() + 2_000).toUTCString()],
])("Retry-After in %s holds the whole lane back and costs no try", async (_, header) => {
  const gateway = await start({ variables: onlyWebhook() });
  const asked = header();
  sandbox.vendors.webhook.setFault({ type: "status", status: 429, headers: { "retry-after": asked }, times: 1 });
  const first = await gateway.post(aPerson());
  await until(async () => (await gateway.record(first)).deliveries[0]?.history[0]?.outcome);
  const second = await gateway.post(aPerson());
  const deliveries = await Promise.all([first, second].map((lead) => gateway.delivery(lead, "webhook", "delivered")));
  expect(deliveries.map(({ tries }) => tries)).toEqual([0, 0]);
  const [limited, ...later] = sandbox.vendors.webhook.received.map(({ at }) => at);
  expect(later).toHaveLength(2);
  for (const at of later) expect(at - (limited ?? 0)).toBeGreaterThanOrEqual(900);
});

test("a nonsensical Retry-After is passed over", async () => {
  const gateway = await start({ variables: onlyWebhook() });
  sandbox.vendors.webhook.setFault({ type: "status", status: 503, headers: { "retry-after": "soon" }, times: 1 });
  const lead = await gateway.post(aPerson());
  expect((await gateway.delivery(lead, "webhook", "delivered")).attempts).toBe(2);
});

test("tries used up make a dead letter that stays until a person replays it", async () => {
  const gateway = await start({ variables: { ...onlyWebhook(), LEADKEEP_SCHEDULE: "10ms,10ms" } });
  sandbox.vendors.webhook.setFault({ type: "status", status: 500 });
  const lead = await gateway.post(aPerson());
  const dead = await gateway.delivery(lead, "webhook", "dead");
  expect([dead.tries, dead.reason?.code]).toEqual([3, "server_error"]);
  sandbox.vendors.webhook.setFault(null);
  const command = await aGatewayCommand(gateway);
  await command.replay({ state: "dead" }, { now: Date.now(), actor: { type: "command", name: "test" } });
  await command.close();
  const delivered = await gateway.delivery(lead, "webhook", "delivered");
  expect(delivered.history.map(({ n }) => n)).toEqual([1, 2, 3, 4]);
});

test("one destination's trouble stays its own", async () => {
  const gateway = await start({ variables: { LEADKEEP_TIMEOUT: "30s" } });
  sandbox.vendors.zapier.setFault({ type: "hang", applied: false });
  sandbox.vendors.make.setFault({ type: "status", status: 500 });
  const leads = await Promise.all(Array.from({ length: 40 }, () => gateway.post(aPerson())));
  for (const lead of leads) await gateway.delivery(lead, "webhook", "delivered");
  expect(sandbox.vendors.webhook.records.size).toBe(40);
});

test("while a destination is down what waits uses up no attempts", async () => {
  const gateway = await start({ variables: { ...onlyWebhook(), LEADKEEP_SCHEDULE: "1h,1h,1h" } });
  sandbox.vendors.webhook.setFault({ type: "status", status: 500 });
  const leads = await Promise.all(Array.from({ length: 60 }, () => gateway.post(aPerson())));
  await until(() => gateway.gateway.status()[0]?.open);
  const records = await Promise.all(leads.map((lead) => gateway.record(lead)));
  const untouched = records.filter(({ deliveries }) => deliveries[0]?.attempts === 0);
  expect(untouched.length).toBeGreaterThan(30);
  sandbox.vendors.webhook.setFault(null);
  await until(() => !gateway.gateway.status()[0]?.open);
  for (const { lead } of untouched) await gateway.delivery(lead.id, "webhook", "delivered");
});

test("two leads of one person never run at the same destination at once", async () => {
  let running = 0;
  let most = 0;
  const slow = defineDestination({
    kind: "slow",
    label: "Slow",
    options: z.object({}),
    basis: "contract",
    async deliver(): Promise<Outcome> {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 10));
      running -= 1;
      return { type: "delivered" };
    },
  });
  const gateway = await aGateway({ config: defineConfig({ destinations: { slow: slow({}) } }) });
  open.push(gateway);
  const leads = await Promise.all(Array.from({ length: 6 }, () => gateway.post({ email: "same@example.com" })));
  for (const lead of leads) await gateway.delivery(lead, "slow", "delivered");
  expect(most).toBe(1);
});

test("the time-out is enforced on code that ignores its signal", async () => {
  let calls = 0;
  const deaf = defineDestination({
    kind: "deaf",
    label: "Deaf",
    options: z.object({}),
    basis: "contract",
    async deliver(): Promise<Outcome> {
      calls += 1;
      if (calls === 1) await new Promise(() => {});
      return { type: "delivered", ref: "42" };
    },
  });
  const gateway = await aGateway({ config: { destinations: { deaf: deaf({ timeoutMs: 50 }) } } });
  open.push(gateway);
  const delivery = await gateway.delivery(await gateway.post(aPerson()), "deaf", "delivered");
  expect(delivery.history.map(({ outcome }) => outcome)).toEqual(["uncertain", "delivered"]);
  expect(delivery.ref).toBe("42");
});

test("what a destination throws is a retry, and its words stay out of the record and the log", async () => {
  const lines: string[] = [];
  const log = {
    info: (...line: unknown[]) => void lines.push(JSON.stringify(line)),
    warn: (...line: unknown[]) => void lines.push(JSON.stringify(line)),
    error: (...line: unknown[]) => void lines.push(JSON.stringify(line)),
  };
  const broken = defineDestination({
    kind: "broken",
    label: "Broken",
    options: z.object({}),
    basis: "contract",
    async deliver(lead): Promise<Outcome> {
      throw new Error(`cannot handle ${lead.email}`);
    },
  });
  const gateway = await aGateway({ config: { destinations: { broken: broken({ schedule: [5] }) } }, log });
  open.push(gateway);
  const lead = await gateway.post({ email: "marked@example.com" });
  const delivery = await gateway.delivery(lead, "broken", "dead");
  expect(delivery.history.map(({ outcome, reason }) => [outcome, reason?.code])).toEqual([
    ["retry", "bug"],
    ["retry", "bug"],
  ]);
  expect(lines.join("\n")).toContain("the destination's code failed");
  expect(lines.join("\n") + JSON.stringify(delivery)).not.toContain("marked@example.com");
});

test("an uncertain delivery is asked for before it is sent again, and a look that failed is not “not there”", async () => {
  const calls: string[] = [];
  const asked = defineDestination({
    kind: "asked",
    label: "Asked",
    options: z.object({}),
    basis: "contract",
    async deliver(): Promise<Outcome> {
      calls.push("deliver");
      return { type: "uncertain", reason: { code: "lost", message: "answer lost" } };
    },
    async find() {
      calls.push("find");
      if (calls.length === 2) return { type: "unknown", reason: { code: "server_error", message: "answered 500" } };
      return { type: "found", ref: "7" };
    },
  });
  const gateway = await aGateway({ config: { destinations: { asked: asked({}) } } });
  open.push(gateway);
  const delivery = await gateway.delivery(await gateway.post(aPerson()), "asked", "delivered");
  expect(calls).toEqual(["deliver", "find", "find"]);
  expect(delivery.history.map(({ outcome }) => outcome)).toEqual(["uncertain", "retry", "delivered"]);
  expect(delivery.ref).toBe("7");
});

test("a destination with several calls goes on from its last saved step", async () => {
  const steps: string[] = [];
  const stepwise = defineDestination({
    kind: "stepwise",
    label: "Stepwise",
    options: z.object({}),
    basis: "contract",
    async deliver(_lead, _options, { progress, save }): Promise<Outcome> {
      if (progress === null) {
        steps.push("person");
        await save({ person: 17 });
        return { type: "retry", reason: { code: "server_error", message: "answered 500" } };
      }
      steps.push(`note for ${JSON.stringify(progress)}`);
      return { type: "delivered" };
    },
  });
  const gateway = await aGateway({ config: { destinations: { stepwise: stepwise({}) } } });
  open.push(gateway);
  await gateway.delivery(await gateway.post(aPerson()), "stepwise", "delivered");
  expect(steps).toEqual(["person", 'note for {"person":17}']);
});

test("a batch's missing verdict is uncertain", async () => {
  const forgetful = defineDestination({
    kind: "forgetful",
    label: "Forgetful",
    options: z.object({}),
    basis: "contract",
    batchSize: 10,
    async deliverBatch() {
      return new Map();
    },
  });
  const gateway = await aGateway({ config: { destinations: { forgetful: forgetful({ schedule: [5] }) } } });
  open.push(gateway);
  const delivery = await gateway.delivery(await gateway.post(aPerson()), "forgetful", "dead");
  expect(delivery.history[0]).toMatchObject({ outcome: "uncertain", reason: { code: "no_verdict" } });
});

test("nothing leaves without consent, and what was withheld goes out once it is granted", async () => {
  const gateway = await start({ variables: onlyWebhook() });
  const lead = await gateway.post({ email: "quiet@example.com" });
  const held = await gateway.delivery(lead, "webhook", "withheld");
  expect([held.reason?.code, held.history.length]).toEqual(["no_consent", 0]);
  expect(sandbox.vendors.webhook.received).toEqual([]);
  const command = await aGatewayCommand(gateway);
  const event = {
    purpose: "enquiry",
    action: "granted",
    text: null,
    version: null,
    at: Date.now(),
    source: "command",
    control: null,
    pageUrl: null,
  } as const;
  await command.recordConsent((await gateway.record(lead)).lead.id, event, { type: "command", name: "test" });
  await command.close();
  const delivery = await gateway.delivery(lead, "webhook", "delivered");
  expect(delivery.history[0]?.basis).toBe("consent");
  expect(sandbox.vendors.webhook.received[0]?.json).toMatchObject({ consent_given: true });
});

test("consent withdrawn while a delivery waits keeps the next attempt from starting", async () => {
  const gateway = await start({ variables: { ...onlyWebhook(), LEADKEEP_SCHEDULE: "300ms,300ms" } });
  sandbox.vendors.webhook.setFault({ type: "status", status: 500, times: 1 });
  const lead = await gateway.post(aPerson());
  await until(async () => (await gateway.record(lead)).deliveries[0]?.history[0]?.outcome);
  const event = {
    purpose: "enquiry",
    action: "withdrawn",
    text: null,
    version: null,
    at: Date.now(),
    source: "command",
    control: null,
    pageUrl: null,
  } as const;
  await gateway.gateway.ledger.recordConsent((await gateway.record(lead)).lead.id, event, {
    type: "command",
    name: "test",
  });
  const stopped = await gateway.delivery(lead, "webhook", "cancelled");
  expect([stopped.history.length, stopped.reason?.code]).toEqual([1, "consent_withdrawn"]);
});

test("another lawful basis named in the environment lets leads out, and is on record", async () => {
  const gateway = await start({ variables: { ...onlyWebhook(), LEADKEEP_LAWFUL_BASIS: "legitimate-interest" } });
  const lead = await gateway.post({ email: "b2b@example.com" });
  const delivery = await gateway.delivery(lead, "webhook", "delivered");
  expect(delivery.history[0]?.basis).toBe("legitimate-interest");
});

test("a private address is refused unless private networks are allowed, and nothing is sent", async () => {
  const gateway = await start({ variables: { ...onlyWebhook(), LEADKEEP_ALLOW_PRIVATE_NETWORK: "" } });
  await gateway.post(aPerson());
  const [pause] = await until(async () => {
    const pauses = await gateway.gateway.ledger.pauses();
    return pauses.length > 0 && pauses;
  });
  expect(pause?.reason.code).toBe("private_address");
  expect(sandbox.vendors.webhook.received).toEqual([]);
});

test("a second gateway on the same ledger takes over what the first left, once", async () => {
  const first = await start({ variables: onlyWebhook() });
  const second = await start({ variables: onlyWebhook(), dataFolder: first.gateway.options.dataFolder });
  const leads = await Promise.all(Array.from({ length: 30 }, (_, i) => (i % 2 ? first : second).post(aPerson())));
  for (const lead of leads) await first.delivery(lead, "webhook", "delivered");
  expect(sandbox.vendors.webhook.received).toHaveLength(30);
});

test("a user's own destination in a config file is as short as a webhook", async () => {
  const gateway = await aGateway({
    config: defineConfig({
      forms: { contact: { name: "Contact us" } },
      destinations: {
        crm: webhook({ url: sandbox.vendors.webhook.url, purpose: "marketing", map: ({ email }) => ({ email }) }),
      },
    }),
  });
  open.push(gateway);
  const lead = await gateway.post(aPerson({ marketing_consent: "yes", email: "mapped@example.com" }));
  await gateway.delivery(lead, "crm", "delivered");
  expect(sandbox.vendors.webhook.received[0]?.json).toEqual({ email: "mapped@example.com" });
});
