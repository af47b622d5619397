import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/index.ts";
import { aGateway, aPerson } from "../support/a-gateway.ts";
import { aConsent, aLead, anEntry } from "../support/a-lead.ts";

const backlog = 10_000;

test("a backlog of 10 000 leads behind a dead receiver delays no lead for another receiver", async () => {
  const sandbox = await startSandbox();
  sandbox.vendors.make.setFault({ type: "hang", applied: false });
  const folder = mkdtempSync(join(tmpdir(), "leadkeep-backlog-"));
  const without = await medianWait(sandbox, join(folder, "empty"));
  await fill(join(folder, "full/ledger.db"));
  const withBacklog = await medianWait(sandbox, join(folder, "full"), backlog);
  await sandbox.close();
  rmSync(folder, { recursive: true, force: true });
  console.log(
    `median wait of a new lead: ${without.toFixed(1)} ms without, ${withBacklog.toFixed(1)} ms with the backlog`,
  );
}, 120_000);

/** From post to arrival at the webhook, over fifty leads, while Make hangs. Asserts that all of them came. */
async function medianWait(sandbox: Sandbox, dataFolder: string, waitingBefore = 0): Promise<number> {
  sandbox.vendors.webhook.setFault(null);
  const before = sandbox.vendors.webhook.received.length;
  const gateway = await aGateway({
    dataFolder,
    variables: {
      CRM_WEBHOOK_URL: sandbox.vendors.webhook.url,
      MAKE_WEBHOOK_URL: sandbox.vendors.make.url,
      LEADKEEP_TIMEOUT: "60s",
    },
  });
  const waits: number[] = [];
  for (let i = 0; i < 50; i++) {
    const begun = performance.now();
    await gateway.delivery(await gateway.post(aPerson()), "webhook", "delivered");
    waits.push(performance.now() - begun);
  }
  const left = (await gateway.gateway.ledger.backlog()).filter(({ destination }) => destination === "make");
  const waiting = left.reduce((sum, { count }) => sum + count, 0);
  await gateway.close();
  expect(waiting).toBeGreaterThan(waitingBefore);
  expect(sandbox.vendors.webhook.received.length - before).toBe(50);
  return waits.sort((a, b) => a - b)[25] ?? Number.NaN;
}

async function fill(path: string): Promise<void> {
  const ledger = openSqliteLedger({ path });
  const delivery = { destination: "make", kind: "make", purpose: "enquiry", state: "pending", reason: null } as const;
  for (let done = 0; done < backlog; done += 1_000) {
    await Promise.all(
      Array.from({ length: 1_000 }, () =>
        ledger.accept(anEntry({ lead: aLead({ consents: [aConsent()] }), deliveries: [delivery] })),
      ),
    );
  }
  const waiting = await ledger.backlog();
  await ledger.close();
  expect(waiting).toEqual([{ destination: "make", state: "pending", count: backlog }]);
}
