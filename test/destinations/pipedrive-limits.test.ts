import { afterEach, beforeEach, expect, test } from "vitest";
import { pipedrive } from "../../src/destinations/index.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/index.ts";
import { aGateway, aPerson, type TestGateway } from "../support/a-gateway.ts";

/** A longer look, and the figures: `LEADKEEP_LEADS=200 npx vitest run test/destinations/pipedrive-limits.test.ts`. */
const leads = Number(process.env.LEADKEEP_LEADS ?? 6);

let sandbox: Sandbox;
let gateway: TestGateway;

beforeEach(async () => {
  sandbox = await startSandbox();
});

afterEach(async () => {
  await gateway.close();
  await sandbox.close();
});

async function drain(people: number, options: Partial<Parameters<typeof pipedrive>[0]> = {}) {
  const { url } = sandbox.vendors.pipedrive;
  const destination = pipedrive({ apiToken: "token", domain: "acme", baseUrl: url, timeoutMs: 10_000, ...options });
  gateway = await aGateway({ config: { destinations: { pipedrive: destination } } });
  const ids: string[] = [];
  for (let n = 0; n < people; n += 1)
    ids.push(await gateway.post(aPerson({ company: n % 3 === 0 ? `Firm ${n}` : "" })));
  const deliveries = [];
  for (const id of ids) deliveries.push(await gateway.delivery(id, "pipedrive", "delivered", "dead"));
  return deliveries;
}

test("the smallest plan's burst limits, on all requests and on searches, are never broken", async () => {
  const begun = performance.now();
  const deliveries = await drain(leads);
  const seconds = (performance.now() - begun) / 1_000;
  const { received } = sandbox.vendors.pipedrive;
  expect(deliveries.every(({ state, attempts }) => state === "delivered" && attempts === 1)).toBe(true);
  expect(received.filter(({ answered }) => answered === 429)).toEqual([]);
  const searches = received.filter(({ path }) => path.includes("/search")).map(({ at }) => at);
  const all = received.map(({ at }) => at);
  console.log(
    `${leads} leads, ${received.length} requests, most in 2 s: ${mostIn(all)} of 20; searches ${mostIn(searches)} of 10; ` +
      `${(leads / seconds).toFixed(2)} leads/s`,
  );
}, 900_000);

test("a person takes one search, two writes and a note; fields are read once", async () => {
  Object.assign(sandbox.vendors.pipedrive.settings, { limits: false, dailyBudget: 10_000_000, searchLagMs: 0 });
  const people = 20;
  // No time for the start, in which the list of recent persons is read too.
  const searchPace = { limit: 1_000, intervalMs: 1 };
  const unpaced = { pace: { limit: 1_000_000, intervalMs: 1_000 }, searchPace, searchLagMs: 0 };
  await drain(people, { ...unpaced, timeoutMs: 60_000 });
  const { received } = sandbox.vendors.pipedrive;
  const count = (part: RegExp) => received.filter(({ method, path }) => part.test(`${method} ${path}`)).length;
  expect([count(/GET .*Fields/), count(/GET .*persons\/search/), count(/POST .*persons/)]).toEqual([3, people, people]);
  expect([count(/POST .*leads/), count(/POST .*notes/)]).toEqual([people, people]);
  expect(sandbox.vendors.pipedrive.own.leads).toHaveLength(people);
  console.log(`${received.length} requests for ${people} people, a third of them with a company`);
});

/** The most that came within any two seconds. */
function mostIn(times: readonly number[]): number {
  return Math.max(...times.map((from) => times.filter((at) => at >= from && at - from < 2_000).length));
}
