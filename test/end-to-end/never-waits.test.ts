import { expect, onTestFinished, test } from "vitest";
import { startSandbox } from "../../src/sandbox/index.ts";
import { aGateway, aPerson } from "../support/a-gateway.ts";
import { until } from "../support/until.ts";

test("the visitor never waits for a third party: thanked while every destination hangs, the mail server too", async () => {
  const sandbox = await startSandbox();
  const { webhook, zapier } = sandbox.vendors;
  for (const vendor of [webhook, zapier]) vendor.setFault({ type: "hang", applied: false });
  sandbox.mail.setFault({ type: "hang", at: "connect" });
  const gateway = await aGateway({
    variables: {
      CRM_WEBHOOK_URL: webhook.url,
      ZAPIER_WEBHOOK_URL: zapier.url,
      SMTP_URL: sandbox.mail.url,
      MAIL_FROM: "hello@example.com",
      MAIL_TO: "team@example.com",
      LEADKEEP_TIMEOUT: "60s",
    },
  });
  onTestFinished(async () => {
    await gateway.close();
    await sandbox.close();
  });
  const first = await gateway.post(aPerson());
  await until(() => webhook.received.length === 1 && zapier.received.length === 1);
  const second = await gateway.post(aPerson());
  for (const lead of [first, second]) {
    const { deliveries } = await gateway.record(lead);
    expect(deliveries.map(({ state }) => state)).not.toContain("delivered");
  }
});
