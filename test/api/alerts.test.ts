import { expect, test } from "vitest";
import type { AlertJson } from "../../src/watch/alert-json.ts";
import { anApi, type TestApi } from "../support/an-api.ts";
import { until } from "../support/until.ts";

type Alerts = { open: AlertJson[]; over: AlertJson[] };

const reason = { code: "unauthorized", message: "answered 401", status: 401 };

/** A gateway one of whose destinations is blocked, which has been noticed. */
async function blocked(): Promise<{ api: TestApi; alert: AlertJson }> {
  const api = await anApi({
    config: { alerts: { every: "50ms", overAfter: "1ms", diskFreeBelow: false } },
    variables: { CRM_WEBHOOK_URL: "http://127.0.0.1:9/hook" },
  });
  await api.gateway.ledger.pause({ destination: "webhook", since: Date.now(), by: "machine", reason });
  const alert = await until(async () => (await alertsOf(api)).open[0]);
  return { api, alert };
}

async function alertsOf(api: TestApi): Promise<Alerts> {
  return (await api.call("GET", "/alerts")).json<Alerts>();
}

test("an open alert says what is wrong, since when, and what to do", async () => {
  const { alert } = await blocked();
  expect(alert).toMatchObject({
    kind: "destination_blocked",
    subject: { type: "destination", id: "webhook" },
    severity: "problem",
    state: "open",
    reason: { code: "unauthorized", message: "answered 401" },
    what: "Webhook is paused: answered 401.",
    href: "/destinations/webhook",
    acknowledged: null,
  });
  expect(alert.cure).toContain("leadkeep resume webhook");
});

test("who has seen it stands on record", async () => {
  const { api, alert } = await blocked();
  const as = await api.signIn("operator");
  const seen = await api.call("POST", `/alerts/${alert.id}/acknowledge`, { as });
  expect(seen.json<AlertJson>().acknowledged?.by).toMatch(/^operator\d+@example\.com$/);
  expect((await alertsOf(api)).open[0]?.acknowledged).toEqual(seen.json<AlertJson>().acknowledged);
  const [act] = (await api.call("GET", "/acts")).json<{ acts: { act: string; subject: string }[] }>().acts;
  expect(act).toMatchObject({ act: "acknowledge", subject: alert.id });
});

test("an alert that is over stays to be looked at, and cannot be acknowledged any more", async () => {
  const { api, alert } = await blocked();
  await api.call("POST", "/destinations/webhook/resume");
  const { open, over } = await until(async () => {
    const alerts = await alertsOf(api);
    return alerts.over.length > 0 && alerts;
  });
  expect(open).toEqual([]);
  expect(over).toMatchObject([{ id: alert.id, state: "over", what: "Webhook takes leads again.", cure: null }]);
  expect((await api.call("POST", `/alerts/${alert.id}/acknowledge`)).status).toBe(404);
});
