import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { aFolder } from "../support/sqlite-file.ts";

const run = promisify(execFile);
const file = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
/** VERIFY_LEADS=1000000 for the long form. */
const leads = Number(process.env.VERIFY_LEADS ?? 3_000);

test(`of ${leads} leads every verdict is right, in bounded memory`, async () => {
  const ledger = join(aFolder(), "ledger.db");
  await run(process.execPath, [file("bench/support/fill-ledger.ts"), ledger, String(leads)]);
  const { stdout } = await run(process.execPath, [file("test/support/verify-many.ts"), ledger]);
  const { shouldBe, counts, rssMiB, ...figures } = JSON.parse(stdout);
  console.log(JSON.stringify({ ...figures, rssMiB }));
  expect(counts).toEqual(shouldBe);
  expect(figures.leads).toBe(leads);
  expect(rssMiB).toBeLessThan(400);
}, 3_600_000);
