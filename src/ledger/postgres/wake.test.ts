import { expect, onTestFinished, test } from "vitest";
import { anEntry } from "../../../test/support/a-lead.ts";
import { aPostgres } from "../../../test/support/a-postgres.ts";
import { until } from "../../../test/support/until.ts";
import { openPostgresLedger } from "./postgres-ledger.ts";

async function machines() {
  const place = await aPostgres();
  const open = async () => {
    const ledger = await openPostgresLedger({ ...place, wakePollMs: 20 });
    onTestFinished(() => ledger.close());
    return ledger;
  };
  return { place, here: await open(), there: await open(), open };
}

test("one act of another machine is noticed also by one that commits all the time", async () => {
  const { here, there } = await machines();
  let woken = 0;
  let over = false;
  here.onWake(() => woken++);
  const busy = Promise.all(
    Array.from({ length: 8 }, async () => {
      while (!over) await here.accept(anEntry());
    }),
  );
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(woken).toBe(0);
  const reason = { code: "paused", message: "paused by a person" };
  await there.pause({ destination: "crm", since: 0, by: "person", reason });
  await until(() => woken > 0);
  over = true;
  await busy;
  expect(woken).toBe(1);
});

test("what processes that are gone have added is put together and stays in the sum", async () => {
  const { place, here, open } = await machines();
  let woken = 0;
  here.onWake(() => woken++);
  await here.accept(anEntry());
  await place.query("INSERT INTO changes SELECT 0, 'gone' || n, 1 FROM generate_series(1, 1200) AS n");
  await until(() => woken > 0);
  await open();
  const { rows } = await place.query("SELECT COUNT(*)::integer AS rows, SUM(n)::integer AS sum FROM changes");
  expect(rows).toEqual([{ rows: 1, sum: 1_201 }]);
});
