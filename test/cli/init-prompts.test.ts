import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { aSiteFolder, readFrom } from "../support/a-site-folder.ts";
import { until } from "../support/until.ts";

const source = new URL("../../src/cli/init.ts", import.meta.url).href;

type Asking = {
  /** Everything shown so far, without what steers a terminal. */
  shown(): string;
  /** Waits until a text is shown, and presses keys. */
  when(text: string, ...keys: string[]): Promise<void>;
};

const enter = "\r";
const ctrlC = "\u0003";

/** `init` in a process of its own, asking through its standard input and output as it would a terminal. */
function startInit(folder: string, flags: object = {}): Asking {
  const all = { yes: false, dryRun: false, beside: false, json: false, ...flags };
  const code = `
    import { init } from ${JSON.stringify(source)};
    const terminal = { input: process.stdin, output: process.stdout };
    const code = await init(${JSON.stringify(all)}, { folder: ${JSON.stringify(folder)}, terminal, colour: false });
    process.stdout.write("ended with " + code, () => process.exit());
  `;
  const child = spawn(process.execPath, ["--no-warnings", "--input-type=module", "--eval", code], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const shown = () => stripVTControlCharacters(output);
  return {
    shown,
    async when(text, ...keys) {
      await until(() => shown().includes(text));
      for (const key of keys) child.stdin.write(key);
    },
  };
}

test("a person is asked for what no flag says, sees the change, and has it written", async () => {
  const folder = aSiteFolder({ "package.json": {} });
  const running = startInit(folder, { destination: ["hubspot"], publicUrl: "https://leads.example.com" });
  await running.when("What is the site built with", enter);
  await running.when("What is the form called", "call-back", enter);
  await running.when("Which fields", "phone, message", enter);
  await running.when("let you pass their enquiry on", "You may ring me.", enter);
  await running.when("Which version", "2026-11", enter);
  await running.when("Ask for marketing", enter);
  await running.when("HUBSPOT_ACCESS_TOKEN", "marked-secret", enter);
  await running.when("Write this?", enter);
  await running.when("ended with 0");
  expect(running.shown()).toContain("+HUBSPOT_ACCESS_TOKEN=…");
  expect(running.shown()).not.toContain("marked-secret");
  expect(readFrom(folder, ".env")).toMatch(
    /^HUBSPOT_ACCESS_TOKEN=marked-secret\n[\s\S]*^PUBLIC_URL=https:\/\/leads\.example\.com$/m,
  );
  expect(readFrom(folder, "leadkeep.config.mjs")).toMatch(/"call-back"[\s\S]*"You may ring me\."[\s\S]*"2026-11"/);
  expect(readFrom(folder, "call-back-form.html")).toContain('action="https://leads.example.com/f/call-back"');
});

test("a wrong answer is told at once and asked for again", async () => {
  const running = startInit(aSiteFolder({ "package.json": {} }), { framework: "standalone" });
  await running.when("What is the form called", "Not An Id", enter);
  await running.when("A form's id has lower-case letters");
});

test("Ctrl+C ends it, and nothing is written", async () => {
  const folder = aSiteFolder({ "package.json": {} });
  const running = startInit(folder, { framework: "standalone", form: "contact" });
  await running.when("Which fields", ctrlC);
  await running.when("ended with 1");
  expect(existsSync(join(folder, ".env"))).toBe(false);
});
