import { expect, test } from "vitest";
import { ConfigError } from "../model/errors.ts";
import type { AlertsConfig } from "./alerts.ts";
import { checkConfig } from "./config.ts";

const mail = { SMTP_URL: "smtp://smtp.example.com", MAIL_FROM: "hello@example.com" };

async function alertsOf(alerts: AlertsConfig | false | undefined, variables: Record<string, string> = {}) {
  return (await checkConfig(alerts === undefined ? {} : { alerts }, variables)).alerts;
}

async function problemsOf(alerts: AlertsConfig, variables: Record<string, string> = {}): Promise<string[]> {
  try {
    await alertsOf(alerts, variables);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ path }) => path);
  }
}

test("whoever gets the leads by mail gets alerts, unless another address is given or none is wanted", async () => {
  const team = { ...mail, MAIL_TO: "team@example.com" };
  expect((await alertsOf(undefined, team)).mail?.to).toBe("team@example.com");
  expect((await alertsOf(undefined, { ...team, LEADKEEP_ALERT_EMAIL: "ops@example.com" })).mail?.to).toBe(
    "ops@example.com",
  );
  expect((await alertsOf({ mail: ["a@example.com", "b@example.com"] }, team)).mail?.to).toBe(
    "a@example.com,b@example.com",
  );
  expect((await alertsOf(undefined, { ...team, LEADKEEP_ALERT_EMAIL: "none" })).mail).toBeNull();
  expect((await alertsOf({ mail: false }, team)).mail).toBeNull();
  expect((await alertsOf(false, team)).mail).toBeNull();
  expect((await alertsOf(undefined)).mail).toBeNull();
});

test.each([
  ["https://hooks.slack.com/services/T0/B0/x", "slack"],
  ["https://discord.com/api/webhooks/1/x", "discord"],
  ["https://northlight.webhook.office.com/webhookb2/x", "teams"],
  ["https://prod-12.westeurope.logic.azure.com/workflows/x", "teams"],
  ["https://ops.example.com/alerts", "json"],
  ["https://hooks.slack.com.example.com/", "json"],
])("the address %s is one of %s", async (url, shape) => {
  expect((await alertsOf(undefined, { LEADKEEP_ALERT_WEBHOOK_URL: url })).webhooks).toEqual([
    { url, shape, secrets: [] },
  ]);
});

test("lengths of time, sizes and the digest's time are read", async () => {
  const options = await alertsOf({
    waitingLongerThan: "1h",
    diskFreeBelow: "5%",
    digest: "friday 16:30",
    overAfter: "10m",
  });
  expect(options.thresholds).toMatchObject({ waitingMs: 3_600_000, diskFree: { share: 0.05 } });
  expect([options.digest, options.overAfterMs]).toEqual([{ weekday: 5, minutes: 990 }, 600_000]);
  expect((await alertsOf({ digest: false, diskFreeBelow: false })).thresholds.diskFree).toBeNull();
});

test("everything wrong is listed with its place", async () => {
  const wrong = {
    mail: "ops at example.com",
    webhooks: [{ url: "example.com" }, { url: "https://example.com", shape: "irc" }],
    digest: "8 o'clock",
    waitingLongerThan: "soon",
    failures: 0,
    diskFreeBelow: "little",
    silent: true,
  } as unknown as AlertsConfig;
  expect((await problemsOf(wrong, mail)).sort()).toEqual([
    "alerts.digest",
    "alerts.diskFreeBelow",
    "alerts.failures",
    "alerts.mail",
    "alerts.silent",
    "alerts.waitingLongerThan",
    "alerts.webhooks.0.url",
    "alerts.webhooks.1.shape",
  ]);
  expect(await problemsOf({}, { LEADKEEP_ALERT_EMAIL: "ops@example.com" })).toEqual(["alerts.mail"]);
});
