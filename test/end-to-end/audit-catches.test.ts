import { writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { type AuditedGateway, anAuditedGateway } from "../support/audit-gateway.ts";
import { marksInFiles, marksInLedger, outcomesIn } from "../support/audit-ledger.ts";
import { mark, marksIn, marksInBytes } from "../support/audit-marks.ts";
import { adminPassword } from "../support/audit-sandbox.ts";
import { aVisitor } from "../support/audit-visitor.ts";
import { aFolder } from "../support/sqlite-file.ts";
import { until } from "../support/until.ts";

const value = mark("personal", "mail", 1);

describe("a marked value is found", () => {
  test.each([
    ["as it is", (text: string) => text],
    ["in capitals", (text: string) => text.toUpperCase()],
    ["in JSON in JSON", (text: string) => JSON.stringify(JSON.stringify(text))],
    ["in an address", (text: string) => encodeURIComponent(`${text}@example.com`)],
    ["in hex", (text: string) => Buffer.from(text).toString("hex")],
    ["in base64", (text: string) => Buffer.from(text).toString("base64")],
    ["in base64 behind a letter", (text: string) => Buffer.from(`a${text}`).toString("base64")],
    ["in base64 behind two", (text: string) => Buffer.from(`ab${text}@example.com`).toString("base64url")],
  ])("%s", (_, write) => {
    expect(marksIn(`before ${write(value)} after`)).toHaveLength(1);
  });

  test("in bytes of two each", () => {
    expect(marksInBytes(Buffer.from(value, "utf16le"))).toEqual([value]);
  });

  test.each(["07700 900123", "+447700900123", "447700 900123 from 203.0.113.9", "2001:db8::9"])("as %s", (text) => {
    expect(marksIn(text)).not.toEqual([]);
  });

  test.each([
    "Bearer ya29.5d75be4b-2678",
    "lk_0123456789abcdefghijklmn",
    `/c/${"x".repeat(30)}.${"y".repeat(43)}.01234567`,
  ])("as the token %s", (text) => {
    expect(marksIn(text, ["secret"])).toHaveLength(1);
  });

  test("and nothing where there is none", () => {
    const plain = `{"delivery":"dlv_01a20d12-6ba8-7006-a9ff-5106bb6bb65e_webhook","at":1795514960770,"status":422}`;
    expect(marksIn(plain + Buffer.from(plain).toString("base64"))).toEqual([]);
  });
});

/** A gateway whose only destination is `code`, the body of its `deliver`, with one marked lead brought to it. `end`: how its process ends. */
async function planted(code: string, end: "SIGTERM" | null = "SIGTERM"): Promise<AuditedGateway & { data: string }> {
  const folder = aFolder();
  const source = relative(folder, fileURLToPath(new URL("../../src/index.ts", import.meta.url)));
  writeFileSync(
    join(folder, "leadkeep.config.mjs"),
    `import * as z from ${JSON.stringify(import.meta.resolve("zod"))};
    import { writeFileSync } from "node:fs";
    import { defineDestination } from ${JSON.stringify(source)};
    const planted = defineDestination({
      kind: "planted", label: "Planted", options: z.strictObject({}),
      async deliver(lead) { ${code} },
    });
    export default { destinations: { planted: planted({}) } };`,
  );
  const variables = { LEADKEEP_SCHEDULE: "1ms", LEADKEEP_ADMIN_PASSWORD: adminPassword, PORT: "0" };
  const gateway = anAuditedGateway({ folder, variables });
  onTestFinished(() => gateway.stop("SIGKILL"));
  await gateway.start();
  const { headers, fields } = aVisitor(1);
  const asked = { headers: { ...headers, "content-type": "application/json" }, body: fields };
  await gateway.ask("planted", "/f/contact", asked);
  const data = join(folder, ".leadkeep");
  await until(() => outcomesIn(join(data, "ledger.db")).length > 0);
  await gateway.stop(end);
  return { ...gateway, data };
}

const printed = ({ evidence }: AuditedGateway) => evidence.printed.flatMap(({ stdout, stderr }) => [stdout, stderr]);

describe("the audit catches a destination that", () => {
  test("prints a person to the log", async () => {
    const gateway = await planted(`console.log("sent", encodeURIComponent(lead.email)); return { type: "delivered" };`);
    expect(printed(gateway).map((text) => marksIn(text).length > 0)).toEqual([true, false]);
  });

  test("prints a person beside the log, in base64", async () => {
    const gateway = await planted(`console.error(btoa(lead.email)); return { type: "delivered" };`);
    expect(printed(gateway).map((text) => marksIn(text).length > 0)).toEqual([false, true]);
  });

  test("gives a person for its reason", async () => {
    const gateway = await planted(
      `return { type: "rejected", reason: { code: "refused", message: "refused " + lead.email } };`,
    );
    const places = marksInLedger(join(gateway.data, "ledger.db")).map((found) => found.split(":")[0]);
    expect(new Set(places)).toEqual(new Set(["attempts.reason_message", "deliveries.reason_message"]));
    expect(marksIn(printed(gateway)[0] ?? "")).toContain(value);
  });

  test("keeps a person in a warning or a reference", async () => {
    const gateway = await planted(`return { type: "delivered", ref: lead.email, warnings: [lead.phone] };`);
    const places = marksInLedger(join(gateway.data, "ledger.db")).map((found) => found.split(":")[0]);
    expect(new Set(places)).toEqual(new Set(["deliveries.ref", "deliveries.warnings"]));
  });

  test("names a file after a person, or writes a secret into one", async () => {
    const gateway = await planted(
      `writeFileSync(".leadkeep/" + lead.email, process.env.LEADKEEP_ADMIN_PASSWORD); return { type: "delivered" };`,
    );
    expect(marksInFiles(gateway.data)).toEqual([
      expect.stringContaining("name of zqpersonmail1z@"),
      expect.stringContaining("name of zqpersonmail1z@"),
      expect.stringContaining("zqsecretadminz"),
    ]);
  });

  test("shows a secret in the list of processes", async () => {
    const gateway = await planted(`process.title = "leadkeep " + lead.email; return { type: "delivered" };`);
    expect(marksIn(gateway.evidence.listed.join("\n"))).not.toEqual([]);
  });
});

describe("nothing of a person is repeated when a destination's code", () => {
  test("throws an error that quotes a lead, in its message and in lines that look like a trace", async () => {
    const gateway = await planted(
      `throw new TypeError("no " + lead.email + "\\n    at " + lead.email + ":1\\n" + lead.message);`,
    );
    expect(printed(gateway)[0]).toContain("TypeError");
    expect(printed(gateway).flatMap((text) => marksIn(text))).toEqual([]);
    expect(marksInLedger(join(gateway.data, "ledger.db"))).toEqual([]);
  });

  test("throws such an error where nobody waits for it, which ends the process", async () => {
    const gateway = await planted(
      `setTimeout(() => { throw new RangeError("no " + lead.email + "\\n    at " + lead.email); }); await new Promise(() => {});`,
      null,
    );
    const [ended] = gateway.evidence.printed;
    expect([ended?.code, ended?.stderr]).toEqual([1, expect.stringContaining("RangeError")]);
    expect(printed(gateway).flatMap((text) => marksIn(text))).toEqual([]);
  });

  test("rejects a promise nobody holds, with a lead for its reason", async () => {
    const gateway = await planted("Promise.reject({ lead }); await new Promise(() => {});", null);
    const [ended] = gateway.evidence.printed;
    expect([ended?.code, ended?.stderr]).toEqual([1, expect.stringContaining("This should not have happened")]);
    expect(printed(gateway).flatMap((text) => marksIn(text))).toEqual([]);
  });
});
