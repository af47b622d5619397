import { randomBytes } from "node:crypto";
import { statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { aFolder, command, startGateway } from "../support/processes.ts";
import type { Row } from "../support/row.ts";
import { figureOf } from "../support/statistics.ts";
import { type Load, load, variables } from "./accept.ts";

/** Accepted leads a second when each is sealed by a key of its own, against the same gateway without, in turns; and what a lead takes on disk. */
export async function sealingRows(rounds: number, seconds: number): Promise<Row[]> {
  const key = { LEADKEEP_ENCRYPTION_KEY: randomBytes(32).toString("base64") };
  const [clear, sealed] = [await aSide(variables), await aSide({ ...variables, ...key })];
  for (let i = 0; i < rounds; i++) {
    clear.loads.push(await load(`${clear.url}/f/contact`, seconds));
    sealed.loads.push(await load(`${sealed.url}/f/contact`, seconds));
  }
  const bytes = await Promise.all([sealed.bytesPerLead(), clear.bytesPerLead()]);
  const rates = sealed.loads.map(({ rate }, i) => rate / (clear.loads[i]?.rate ?? rate));
  const [ours, bare] = bytes.map((one) => figureOf([one]));
  if (!ours || !bare) throw new Error("nothing was measured");
  return [
    {
      name: "accept, sealed (LEADKEEP_ENCRYPTION_KEY), SQLite",
      unit: "leads/s",
      ours: figureOf(sealed.loads.map(({ rate }) => rate)),
      baseline: { name: "the same in clear", figure: figureOf(clear.loads.map(({ rate }) => rate)) },
      ratio: figureOf(rates),
      target: { atLeast: 0.5 },
    },
    {
      name: "… on disk, with its key",
      unit: "bytes/lead",
      ours,
      baseline: { name: "the same in clear", figure: bare },
      ratio: figureOf([ours.median / bare.median]),
      target: { atMost: 1 },
    },
  ];
}

async function aSide(withVariables: Record<string, string>) {
  const { folder, remove } = aFolder();
  const gateway = await startGateway({ folder, variables: withVariables });
  for (const destination of ["zapier", "make", "webhook"]) await command(folder, withVariables, "pause", destination);
  const loads: Load[] = [];
  await load(`${gateway.url}/f/contact`, 2);
  return {
    url: gateway.url,
    loads,
    /** After a clean stop, which empties the logs into the files. */
    async bytesPerLead(): Promise<number> {
      await gateway.stop();
      const db = new DatabaseSync(join(folder, ".leadkeep", "ledger.db"), { readOnly: true });
      const leads = Number(db.prepare("SELECT COUNT(*) AS n FROM leads").get()?.n);
      db.close();
      const files = ["ledger.db", "keys.db"].map((name) => join(folder, ".leadkeep", name));
      const bytes = files.reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0);
      remove();
      return bytes / leads;
    },
  };
}
