import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { aProgram } from "./a-program.ts";

test("it is killed for the memory it takes, in the middle of everything: nothing accepted is lost, and the next start goes on", async () => {
  const program = await aProgram({ nodeOptions: ["--max-old-space-size=64"] });
  const accepted: string[] = [];
  const first = residentBytes(program.pid) ?? 0;
  let running = true;
  const clients = Array.from({ length: 40 }, async () => {
    while (running) {
      const posted = await program.post(200_000).catch(() => null);
      if (posted?.lead) accepted.push(posted.lead);
    }
  });
  // What the kernel does to a process that grows too large, and V8 to itself: whichever comes first.
  const end = performance.now() + 8_000;
  while (!program.ended() && performance.now() < end) {
    if (accepted.length >= 20 && (residentBytes(program.pid) ?? 0) > first + 60 * 1024 * 1024) break;
    await new Promise((later) => setTimeout(later, 10));
  }
  await program.kill("SIGKILL");
  running = false;
  await Promise.all(clients);

  await program.startAgain();
  const { lead } = await program.post();
  const records = await program.records();
  expect(accepted.length).toBeGreaterThan(0);
  expect([...accepted, lead].filter((one) => !records.has(one ?? ""))).toEqual([]);
}, 60_000);

function residentBytes(pid: number): number | null {
  try {
    const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return Number(kib) * 1_024;
  } catch {
    return null;
  }
}
