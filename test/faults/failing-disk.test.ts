import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { aFolder } from "../support/sqlite-file.ts";
import { until } from "../support/until.ts";
import { aProgram, lacks } from "./a-program.ts";

/** Between the program and the disk: built here, so that what is run is what can be read. */
function builtShim(folder: string): string {
  const shim = join(folder, "failing-disk.so");
  const source = fileURLToPath(new URL("failing-disk.c", import.meta.url));
  execFileSync("cc", ["-shared", "-fPIC", "-O1", "-o", shim, source, "-ldl"], { stdio: "pipe" });
  return shim;
}

const missing = process.platform === "linux" ? lacks("cc") : "only Linux loads such a shim";
if (missing !== null) console.warn(`test/faults/failing-disk.test.ts is not run: ${missing}`);

test.skipIf(missing !== null).each([
  ["fsync", "the disk reports an error when a commit is to be made durable (EIO on fsync)"],
  ["write", "the disk reports an error when it is written to (EIO)"],
  ["full", "the disk is full (ENOSPC)"],
])(
  "%s: %s: 503 meanwhile, nothing accepted is lost, and it goes on by itself",
  async (fault, _) => {
    const folder = aFolder();
    const faultFile = join(folder, "fault");
    const variables = { LD_PRELOAD: builtShim(folder), FAULT_FILE: faultFile };
    const program = await aProgram({ variables });
    const accepted: (string | null)[] = [(await program.post()).lead];

    writeFileSync(faultFile, fault);
    for (let i = 0; i < 5; i++) {
      const { answer } = await program.post();
      expect([answer.status, answer.headers["retry-after"]]).toEqual([503, "5"]);
    }
    rmSync(faultFile);
    const { lead } = await until(async () => {
      const posted = await program.post();
      return posted.lead !== null && posted;
    });
    accepted.push(lead);
    await program.kill("SIGKILL");
    const records = await program.records();
    expect([...records.keys()].toSorted()).toEqual(accepted.toSorted());
  },
  60_000,
);
