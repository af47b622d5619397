import { expect, onTestFinished, test } from "vitest";
import { startNode } from "../support/node-process.ts";

const logger = new URL("../../src/logger.ts", import.meta.url).href;

test("log injection: should code ever log what was typed, it is blanked, and a line stays a line", async () => {
  const typed = 'Ada\r\n{"level":30,"msg":"FORGED"}';
  const fields = {
    email: typed,
    name: typed,
    form_data: { a: typed },
    token: typed,
    lead: { phone: typed, url: typed },
  };
  const running = startNode(`
    const { createLogger } = await import(${JSON.stringify(logger)});
    const log = createLogger("info");
    log.info(${JSON.stringify(fields)}, "one");
    log.info({ other: ${JSON.stringify(typed)} }, "two");
  `);
  onTestFinished(() => running.kill("SIGKILL"));
  await running.exited;
  expect(running.lines).toHaveLength(2);
  const [one, two] = running.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(one).toMatchObject({
    email: "[redacted]",
    form_data: "[redacted]",
    lead: { phone: "[redacted]" },
    msg: "one",
  });
  expect(running.lines[0]).not.toContain("FORGED");
  expect(two).toMatchObject({ other: typed, msg: "two" });
});
