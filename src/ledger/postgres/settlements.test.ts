import { expect, onTestFinished, test } from "vitest";
import { arrived, claimFrom, deliveryOf, putOff } from "../../../test/conformance/ledger/steps.ts";
import { anEntry } from "../../../test/support/a-lead.ts";
import { aPostgres } from "../../../test/support/a-postgres.ts";
import type { Settlement } from "../ledger.ts";
import { openPostgresLedger } from "./postgres-ledger.ts";

test.for([
  ["all delivered", arrived],
  ["one of them put off", putOff],
] as const)("settlements that share a transaction get an answer each, %s", async ([, last]) => {
  let commits = 0;
  const ledger = await openPostgresLedger({ ...(await aPostgres()), committed: () => commits++ });
  onTestFinished(() => ledger.close());
  const entries = Array.from({ length: 3 }, () => anEntry());
  await Promise.all(entries.map(ledger.accept));
  const [one, two, three] = await claimFrom(ledger, { limit: 3 });
  if (!one || !two || !three) throw new Error("three were due");
  const late: Settlement = { ...arrived(two), n: two.delivery.attempts + 1 };
  const twice = arrived(one, { next: { state: "delivered", ref: "there-2", warnings: [] } });
  commits = 0;
  const answers = await Promise.all([arrived(one), late, twice, last(three)].map(ledger.settle));
  expect(answers).toEqual([true, false, false, true]);
  expect(commits).toBe(1);
  expect(await deliveryOf(ledger, one.lead.id)).toMatchObject({ state: "delivered", ref: "there-1" });
  expect(await deliveryOf(ledger, two.lead.id)).toMatchObject({ state: "claimed" });
  expect(await deliveryOf(ledger, three.lead.id)).toMatchObject({ state: last(three).next.state, attempts: 1 });
});
