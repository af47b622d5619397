import { expect, onTestFinished, test } from "vitest";
import { startSandbox } from "../../src/sandbox/index.ts";
import { aConsent, aLead, anEntry, aWithheldDelivery } from "../support/a-lead.ts";
import { anApi } from "../support/an-api.ts";
import { until } from "../support/until.ts";

test("Suspected spam is quarantined, never deleted, and one click releases it and delivers it", async () => {
  const sandbox = await startSandbox();
  onTestFinished(() => sandbox.close());
  const { webhook } = sandbox.vendors;
  const api = await anApi({ variables: { CRM_WEBHOOK_URL: webhook.url } });
  const { ledger } = api.gateway;
  const reason = { code: "quarantined", message: "the lead is held back as suspected spam" };
  const [held, other] = [1, 2].map(() =>
    aLead({ state: "quarantined", receivedAt: Date.now(), consents: [aConsent()] }),
  );
  if (!held || !other) throw new Error("two leads are needed");
  for (const lead of [held, other])
    await ledger.accept(anEntry({ lead, deliveries: [aWithheldDelivery({ destination: "webhook", reason })] }));

  const first = await api.post({ email: "ada@example.com", consent: "on" });
  await api.delivery(first, "webhook", "delivered");
  expect(webhook.received.map(({ json }) => json)).toMatchObject([{ lead_id: first }]);
  expect((await api.record(held.id)).deliveries).toMatchObject([{ state: "withheld", reason }]);

  const released = await api.call("POST", "/leads/release", { as: await api.owner(), body: { ids: [held.id] } });
  expect(released.json()).toEqual({ released: 1, refused: [] });
  await api.delivery(held.id, "webhook", "delivered");
  await until(() => webhook.received.length === 2);
  expect(webhook.received.at(-1)?.json).toMatchObject({ lead_id: held.id });
  expect((await api.record(held.id)).lead.state).toBe("active");
  expect((await api.record(other.id)).lead).toMatchObject({ state: "quarantined", email: other.email });
  const acts = await ledger.acts({ limit: 20, lead: held.id });
  expect(acts.map(({ act, actor }) => [act, actor.type])).toContainEqual([expect.stringMatching(/release/), "console"]);
});
