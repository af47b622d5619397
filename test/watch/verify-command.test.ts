import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { aDeliveredFolder } from "../support/a-delivered-folder.ts";
import { type Ended, runLeadkeep, startLeadkeep } from "../support/leadkeep-command.ts";
import { until } from "../support/until.ts";

const source = (file: string) => JSON.stringify(new URL(`../../src/${file}`, import.meta.url).pathname);

/** A vendor that says which records it has, and takes new ones. */
async function aVendor(records: Set<string>): Promise<string> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://vendor");
    if (request.method === "POST") records.add(`new-${records.size}`);
    response.end(JSON.stringify(url.searchParams.getAll("ref").map((ref) => records.has(ref))));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A folder with six delivered leads and the configuration of a destination that reads back over HTTP. */
async function aSite(records: Set<string>): Promise<string> {
  const { folder } = await aDeliveredFolder(6);
  for (let i = 1; i <= 6; i++) records.add(`record-${i}`);
  const url = await aVendor(records);
  const config = `
import * as z from ${JSON.stringify(import.meta.resolve("zod"))};
import { defineDestination } from ${source("model/destination.ts")};
const url = ${JSON.stringify(url)};
const crm = defineDestination({
  kind: "http-crm", label: "CRM", options: z.strictObject({}), basis: "legitimate-interest",
  async deliver(lead, options, { fetch }) {
    await fetch(url, { method: "POST" });
    return { type: "delivered", ref: "new" };
  },
  async find() { return { type: "missing" }; },
  async readBack(deliveries, options, { fetch }) {
    const asked = deliveries.map(({ ref }) => "ref=" + ref).join("&");
    const there = await (await fetch(url + "?" + asked)).json();
    return new Map(deliveries.map(({ deliveryId }, i) => [deliveryId, { type: there[i] ? "seen" : "missing" }]));
  },
});
export default { destinations: { crm: crm({}) } };
`;
  writeFileSync(join(folder, "leadkeep.config.mts"), config);
  writeFileSync(
    join(folder, ".env"),
    `LEADKEEP_DATA=${folder}\nLEADKEEP_ALLOW_PRIVATE_NETWORK=1\nLEADKEEP_LOG_LEVEL=warn\nPORT=0\n`,
  );
  return folder;
}

const run = (folder: string, ...args: string[]): Promise<Ended> => runLeadkeep(["verify", ...args], { folder });

test("verify tells how every lead stands, and its exit code whether something is to be seen to", async () => {
  const records = new Set<string>();
  const folder = await aSite(records);
  const fine = await run(folder);
  expect([fine.code, fine.stderr]).toEqual([0, ""]);
  expect(fine.stdout).toMatch(/^6 of 6 leads accounted for, read back \d{4}-/);
  records.delete("record-2");
  const missing = await run(folder, "crm");
  expect(missing.code).toBe(1);
  expect(missing.stdout).toContain("crm: 1 missing. To send them again: leadkeep verify crm --repair");
  const json = JSON.parse((await run(folder, "--json")).stdout);
  expect(json).toMatchObject({ leads: 6, accounted: 5, destinations: [{ judged_by: "read back" }] });
  expect(json.destinations[0].missing).toHaveLength(1);
  const unknown = await run(folder, "nowhere");
  expect([unknown.code, unknown.stderr]).toEqual([1, "There is no destination nowhere.\n"]);
});

test("with --repair, a running gateway brings what is missing back", async () => {
  const records = new Set<string>();
  const folder = await aSite(records);
  records.delete("record-5");
  const gateway = startLeadkeep(["start"], { folder });
  await gateway.said(/listening on/);
  const repaired = await run(folder, "--repair");
  expect([repaired.code, repaired.stdout]).toEqual([0, expect.stringContaining("1 is being sent again.")]);
  await until(() => records.has("new-5"));
});

test("a report of a repair names what was missing, though it is being sent again", async () => {
  const records = new Set<string>();
  const folder = await aSite(records);
  records.delete("record-3");
  const found = JSON.parse((await run(folder, "--json")).stdout);
  const repaired = JSON.parse((await run(folder, "--repair", "--json")).stdout);
  expect(repaired).toMatchObject({ repaired: 1, accounted: 5 });
  expect(repaired.destinations[0].missing).toEqual(found.destinations[0].missing);
  expect(repaired.destinations[0].missing).toHaveLength(1);
});

test("a signed report can be checked by whoever has nothing but it, and a changed one does not hold", async () => {
  const folder = await aSite(new Set());
  const [json, html] = [join(folder, "report.json"), join(folder, "report.html")];
  const written = await run(folder, "--report", json);
  const [, key = "-"] = /signed with the key (\S+)/.exec(written.stderr) ?? [];
  await run(folder, "--report", html);
  const elsewhere = { folder: join(folder, "..") };
  for (const file of [json, html]) {
    const checked = await runLeadkeep(["verify", "--check", file], elsewhere);
    expect([checked.code, checked.stderr]).toEqual([0, ""]);
    expect(checked.stdout).toContain("6 of 6 leads accounted for");
    expect(checked.stdout).toContain(`The signature holds, by the key ${key}`);
  }
  writeFileSync(json, readFileSync(json, "utf8").replace('"leads": 6', '"leads": 7'));
  const changed = await runLeadkeep(["verify", "--check", json], elsewhere);
  expect([changed.code, changed.stderr]).toEqual([1, expect.stringContaining("NOT as it was signed")]);
  writeFileSync(html, readFileSync(html, "utf8").replace("<h1>6 of 6", "<h1>9 of 9"));
  const shown = await runLeadkeep(["verify", "--check", html], elsewhere);
  expect([shown.code, shown.stderr]).toEqual([1, expect.stringContaining("shows something else")]);
  expect((await run(folder, "--report", "report.pdf")).code).toBe(2);
});
