import type { Options } from "../config/config.ts";
import { loadConfig } from "../config/load-config.ts";
import { checkDestination, toolContext } from "../delivery/check-destination.ts";
import { createGuardedNetwork } from "../delivery/guarded-fetch.ts";
import type { CheckResult, Destination, ToolContext } from "../model/destination.ts";
import { checkRetention } from "../privacy/retention-check.ts";
import { plain, print, printAside } from "./output.ts";

/** `destination` is null for what concerns the gateway itself. */
type Result = CheckResult & { destination: string | null };

const marks = { ok: "ok  ", warning: "note", problem: "BAD " } as const;

/**
 * `leadkeep doctor [destination]`: looks, without changing anything, at each destination. With `sendTo` it also sends a sample
 * there. 1 when something is wrong.
 */
export async function doctor(name: string | undefined, json: boolean, sendTo: string | null): Promise<number> {
  const options = await loadConfig(process.cwd(), process.env);
  const chosen = await choose(options, name);
  if (!chosen) return 1;
  if (sendTo !== null && !chosen.some(({ sendSample }) => sendSample)) {
    printAside("None of these destinations can send a sample to an address.");
    return 1;
  }
  const results: Result[] = [];
  for (const destination of chosen) {
    for (const result of await withNetwork(options, (context) => examine(destination, sendTo, context))) {
      results.push({ destination: destination.id, ...result });
    }
    await destination.close?.();
  }
  if (name === undefined) {
    results.push(...checkRetention(options.retention).map((result) => ({ destination: null, ...result })));
  }
  if (json) print(JSON.stringify(results, null, 2));
  else for (const result of results) printResult(result);
  if (chosen.length === 0 && !json) print("No destination is configured: leads are kept, and go nowhere.");
  return results.some(({ result }) => result === "problem") ? 1 : 0;
}

/** `leadkeep setup <destination>`: shows what has to be made there, and with `apply` makes it. 1 when something failed. */
export async function setup(name: string, apply: boolean): Promise<number> {
  const options = await loadConfig(process.cwd(), process.env);
  const [destination] = (await choose(options, name)) ?? [];
  if (!destination) return 1;
  if (!destination.setup) {
    print(`${destination.id} needs no set-up.`);
    return 0;
  }
  return withNetwork(options, async (context) => {
    const steps = (await destination.setup?.(context)) ?? [];
    const missing = steps.filter((step) => step.apply !== null);
    for (const { what, apply: make } of steps) print(`${make ? "to make   " : "there     "} ${plain(what)}`);
    if (missing.length === 0) {
      print("Everything is there.");
      return 0;
    }
    if (!apply) {
      print(
        `Nothing has been changed. Make the ${missing.length} missing with: leadkeep setup ${destination.id} --yes`,
      );
      return 0;
    }
    const made: CheckResult[] = [];
    for (const [i, step] of missing.entries()) {
      printAside(`${i + 1} of ${missing.length} …`);
      if (step.apply) made.push(await step.apply());
    }
    for (const result of made) printResult({ destination: destination.id, ...result });
    return made.some(({ result }) => result === "problem") ? 1 : 0;
  });
}

async function choose({ destinations }: Options, name: string | undefined): Promise<readonly Destination[] | null> {
  if (name === undefined) return destinations;
  const found = destinations.filter(({ id }) => id === name || id.startsWith(`${name}-`));
  if (found.length > 0) return found;
  const names = destinations.map(({ id }) => id).join(", ") || "none";
  printAside(`There is no destination ${plain(name)}. Configured: ${names}.`);
  return null;
}

/** Nothing is sent where the first check, of the connection, has failed: it would fail the same way. */
async function examine(destination: Destination, sendTo: string | null, context: ToolContext): Promise<CheckResult[]> {
  const results = await checkDestination(destination, context);
  if (sendTo === null || !destination.sendSample || results[0]?.result === "problem") return results;
  return [...results, await destination.sendSample(sendTo, context)];
}

async function withNetwork<T>(options: Options, work: (context: ToolContext) => Promise<T>): Promise<T> {
  const network = createGuardedNetwork({ allowPrivateNetwork: options.allowPrivateNetwork });
  try {
    return await work(toolContext(network.fetch, Date.now));
  } finally {
    await network.close();
  }
}

function printResult({ destination, what, result, detail, cure }: Result): void {
  print(`${marks[result]} ${destination === null ? "" : `${destination}: `}${plain(what)}: ${plain(detail)}`);
  if (cure && result !== "ok") print(`       → ${plain(cure)}`);
}
