import { CommanderError } from "commander";
import { LeadkeepError } from "../model/errors.ts";
import { traceOf } from "../model/log.ts";
import { plainLines, printAside } from "./output.ts";
import { createProgram } from "./program.ts";

// Node 22 calls its SQLite experimental on every start; what we rely on of it is tested there.
const printers = process.listeners("warning");
process.removeAllListeners("warning");
process.on("warning", (warning) => {
  if (warning.name === "ExperimentalWarning" && warning.message.startsWith("SQLite")) return;
  for (const print of printers) print(warning);
});

// Whoever reads the output may have seen enough, as `head` does.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

// What nobody catches would end the process in Node's own words, which quote the error's message.
process.on("uncaughtException", (error) => {
  printSurprise(error);
  process.exit(1);
});

/** Exit codes: 0 fine, 1 something to see to, 2 wrong usage. */
try {
  await createProgram().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else if (error instanceof LeadkeepError) {
    printAside(plainLines(error.message));
    process.exitCode = 1;
  } else {
    printSurprise(error);
    process.exitCode = 1;
  }
}

function printSurprise(error: unknown): void {
  printAside(`This should not have happened: ${JSON.stringify(traceOf(error), null, 2)}`);
}
