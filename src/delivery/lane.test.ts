import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as z from "zod";
import { aConsent, aDelivery, aLead, anEntry } from "../../test/support/a-lead.ts";
import { noLinks } from "../../test/support/no-links.ts";
import { until } from "../../test/support/until.ts";
import { openSqliteLedger } from "../ledger/sqlite/sqlite-ledger.ts";
import { configureDestination } from "../model/configured-destination.ts";
import { defineDestination } from "../model/destination.ts";
import type { LeadId } from "../model/id.ts";
import { silentLog } from "../model/log.ts";
import type { Outcome } from "../model/outcome.ts";
import { createLanes } from "./lanes.ts";

const day = 86_400_000;

test("a clock set back by a day while the lane is held back or probing stops it no longer than that", async () => {
  const folder = mkdtempSync(join(tmpdir(), "leadkeep-lane-"));
  const ledger = openSqliteLedger({ path: join(folder, "ledger.db") });
  let skew = 0;
  const answers: Outcome[] = [
    { type: "retry", reason: { code: "rate_limited", message: "answered 429" }, waitMs: 100 },
    { type: "blocked", reason: { code: "unauthorized", message: "answered 401" } },
  ];
  let attempts = 0;
  const moody = defineDestination({
    kind: "moody",
    label: "Moody",
    options: z.object({}),
    async deliver(): Promise<Outcome> {
      attempts += 1;
      return answers.shift() ?? { type: "delivered" };
    },
  });
  const { destination } = configureDestination("crm", moody({ schedule: "10ms,10ms" }));
  if (!destination) throw new Error("not configured");
  const lanes = createLanes({
    destinations: [destination],
    ledger,
    fetch: () => Promise.reject(new Error("unused")),
    now: () => Date.now() + skew,
    monotonic: () => performance.now(),
    random: () => 0,
    links: noLinks,
    log: silentLog,
  });
  await lanes.start();
  const post = async (): Promise<LeadId> => {
    const lead = aLead({ receivedAt: Date.now() + skew, consents: [aConsent()] });
    await ledger.accept(anEntry({ lead, deliveries: [aDelivery()] }));
    lanes.wake();
    return lead.id;
  };
  const first = await post();
  // Settled, not only started: its retry is then due by the clock as it was, a day from the clock as it is going to be.
  await until(async () => (await ledger.findLead(first))?.deliveries[0]?.history[0]?.outcome);
  expect(attempts).toBe(1);
  skew = -day;
  await post();
  await until(async () => (await ledger.pauses()).length > 0);
  await ledger.resume("crm", { now: Date.now() + skew, actor: { type: "command", name: "test" } });
  await until(() => attempts === 3);
  await lanes.stop({ graceMs: 1_000 });
  await ledger.close();
  rmSync(folder, { recursive: true, force: true });
  expect(attempts).toBe(3);
});
