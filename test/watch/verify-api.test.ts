import { expect, test } from "vitest";
import { aCrm } from "../support/a-crm.ts";
import { aDeliveredFolder } from "../support/a-delivered-folder.ts";
import { anApi, type TestApi } from "../support/an-api.ts";
import { until } from "../support/until.ts";

type Run = {
  id: string;
  state: string;
  leads: number;
  accounted: number;
  repaired: number;
  ended_at: string | null;
  destinations: { destination: string; verdicts: { verdict: string; code: string | null; count: number }[] }[];
  missing: { lead_id: string; delivery_id: string }[];
  next: string | null;
};

/** A gateway whose five leads were delivered an hour ago; the records are as they were, unless a test deletes some. */
async function started() {
  const { folder, leads } = await aDeliveredFolder(5);
  const crm = aCrm();
  for (const [i, lead] of leads.entries()) crm.records.set(`record-${i + 1}`, lead);
  crm.made = leads.length;
  const api = await anApi({ dataFolder: folder, config: { destinations: { crm: crm.spec } } });
  return { api, crm, leads };
}

function finished(api: TestApi, id: string): Promise<Run> {
  return until(async () => {
    const run = (await api.call("GET", `/verifications/${id}`)).json<Run>();
    return run.ended_at !== null && run;
  });
}

test("a verification is begun, goes on by itself, and tells what is missing page by page", async () => {
  const { api, crm, leads } = await started();
  for (const ref of ["record-1", "record-2"]) crm.records.delete(ref);
  const begun = await api.call("POST", "/verifications", { body: {} });
  expect([begun.status, begun.json<Run>().state]).toEqual([200, "reading"]);
  const run = await finished(api, begun.json<Run>().id);
  expect(run).toMatchObject({ state: "complete", leads: 5, accounted: 3, repaired: 0, next: null });
  expect(run.missing.map(({ lead_id }) => lead_id)).toEqual(leads.slice(0, 2));
  const first = (await api.call("GET", `/verifications/${run.id}?size=1`)).json<Run>();
  expect([first.missing.length, first.next]).toEqual([1, first.missing[0]?.delivery_id]);
  const second = (await api.call("GET", `/verifications/${run.id}?size=1&after=${first.next}`)).json<Run>();
  expect(second.missing.map(({ lead_id }) => lead_id)).toEqual([leads[1]]);
  const latest = await api.call("GET", "/verifications");
  expect(latest.json()).toMatchObject({
    whole: { id: run.id, leads: 5, accounted: 3 },
    destinations: [{ destination: "crm", verification: run.id }],
    under_way: null,
    missing: [{ destination: "crm", count: 2 }],
    nightly_at: "03:00",
  });
});

test("with repair, what is missing comes back through the lane, once, and the next look sees it", async () => {
  const { api, crm, leads } = await started();
  crm.records.delete("record-1");
  const begun = await api.call("POST", "/verifications", { body: { destination: "crm", repair: true } });
  const run = await finished(api, begun.json<Run>().id);
  expect(run).toMatchObject({ accounted: 4, repaired: 1, missing: [] });
  const { ref } = await api.delivery(leads[0] ?? "", "crm", "delivered");
  expect([ref, crm.records.get("record-6"), crm.made]).toEqual(["record-6", leads[0], 6]);
  const again = await api.call("POST", "/verifications", { body: {} });
  const { destinations } = await finished(api, again.json<Run>().id);
  expect(destinations[0]?.verdicts.map(({ verdict }) => verdict).toSorted()).toEqual(["recent", "seen"]);
});

test("what was found missing can be given by resync too, and nothing else is", async () => {
  const { api, crm, leads } = await started();
  crm.records.delete("record-3");
  await finished(api, (await api.call("POST", "/verifications", { body: {} })).json<Run>().id);
  const resync = (body: object) => api.call("POST", "/destinations/crm/resync", { body });
  expect((await resync({ state: "never", dry_run: true })).json()).toEqual({ count: 0 });
  expect((await resync({ state: "missing" })).json()).toEqual({ count: 1 });
  await api.delivery(leads[2] ?? "", "crm", "delivered");
  expect(crm.made).toBe(6);
});

test("an unknown destination, an unknown verification and a state that is none are refused", async () => {
  const { api } = await started();
  expect((await api.call("POST", "/verifications", { body: { destination: "nowhere" } })).status).toBe(404);
  expect((await api.call("GET", "/verifications/vrf_0f0c6f0e-6c0e-4c3e-9a63-2f1f3d7a91c2")).status).toBe(404);
  expect((await api.call("GET", "/verifications/other")).status).toBe(422);
  expect((await api.call("POST", "/destinations/crm/resync", { body: { state: "lost" } })).status).toBe(422);
});
