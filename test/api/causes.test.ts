import { afterEach, beforeEach, expect, test } from "vitest";
import { type Sandbox, startSandbox } from "../../src/sandbox/index.ts";
import type { LeadRow } from "../../src/server/api/lead-schemas.ts";
import { aPerson } from "../support/a-gateway.ts";
import { anApi, type TestApi } from "../support/an-api.ts";

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox();
});
afterEach(() => sandbox.close());

/** Leads that do not reach the webhook for good, one for each status: all 4xx have one cause, 5xx another. */
async function refused(api: TestApi, ...statuses: number[]): Promise<string[]> {
  const leads: string[] = [];
  for (const status of statuses) {
    sandbox.vendors.webhook.setFault({ type: "status", status });
    const lead = await api.post(aPerson());
    await api.delivery(lead, "webhook", "dead");
    leads.push(lead);
  }
  return leads;
}

function start(): Promise<TestApi> {
  return anApi({ variables: { CRM_WEBHOOK_URL: sandbox.vendors.webhook.url } });
}

async function codeOf(api: TestApi, lead: string | undefined): Promise<string> {
  return (await api.record(lead ?? "")).deliveries[0]?.reason?.code ?? "";
}

const path = "/deliveries/cancel";

test("the leads of a cause are listed exactly", async () => {
  const api = await start();
  const [one, other] = await refused(api, 422, 503);
  const code = await codeOf(api, one);
  expect(code).not.toBe(await codeOf(api, other));
  const { leads } = (await api.call("GET", `/leads?destination=webhook&delivery=dead&code=${code}`)).json<{
    leads: LeadRow[];
  }>();
  expect(leads.map(({ lead_id }) => lead_id)).toEqual([one]);
});

test("all dead letters of a cause are counted, and then noted as seen to by hand; those of another stay", async () => {
  const api = await start();
  const [first, second, other] = await refused(api, 422, 422, 503);
  const cause = { state: "dead", destination: "webhook", code: await codeOf(api, first), handled: true };
  const counted = await api.call("POST", path, { body: { ...cause, dry_run: true } });
  expect(counted.json()).toEqual({ cancelled: 0, refused: [], count: 2 });
  const noted = await api.call("POST", path, { body: { ...cause, count: 2 } });
  expect(noted.json()).toEqual({ cancelled: 2, refused: [], count: 2 });
  for (const lead of [first, second]) {
    const { reason } = await api.delivery(lead ?? "", "webhook", "cancelled");
    expect(reason?.code).toBe("handled_by_hand");
  }
  await api.delivery(other ?? "", "webhook", "dead");
});

test("nothing is noted when others have come that nobody has seen to", async () => {
  const api = await start();
  const [first, second] = await refused(api, 422, 422);
  const cause = { state: "dead", destination: "webhook", code: await codeOf(api, first), handled: true, count: 1 };
  const answered = await api.call("POST", path, { body: cause });
  expect([answered.status, answered.json().code]).toEqual([409, "changed"]);
  for (const lead of [first, second]) await api.delivery(lead ?? "", "webhook", "dead");
});

test("a whole cause can only be noted as seen to, not thrown away", async () => {
  const api = await start();
  const cause = { state: "dead", destination: "webhook", code: "rejected", handled: false };
  expect((await api.call("POST", path, { body: cause })).status).toBe(422);
});
