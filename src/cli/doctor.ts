import type { Options } from "../config/config.ts";
import { loadConfig } from "../config/load-config.ts";
import { createGuardedNetwork } from "../delivery/guarded-fetch.ts";
import type { CheckResult, Destination, ToolContext } from "../model/destination.ts";
import { NetworkError } from "../model/network-error.ts";
import { plain, print, printAside } from "./output.ts";

/** Longest the checks of one destination may take. */
const timeoutMs = 60_000;
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
  const results: (CheckResult & { destination: string })[] = [];
  for (const destination of chosen) {
    for (const result of await withNetwork(options, (context) => examine(destination, sendTo, context))) {
      results.push({ destination: destination.id, ...result });
    }
    await destination.close?.();
  }
  if (json) print(JSON.stringify(results, null, 2));
  else for (const result of results) printResult(result);
  if (results.length === 0 && !json) print("No destination is configured: leads are kept, and go nowhere.");
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
  const results = await check(destination, context);
  if (sendTo === null || !destination.sendSample || results[0]?.result === "problem") return results;
  return [...results, await destination.sendSample(sendTo, context)];
}

async function check(destination: Destination, context: ToolContext): Promise<CheckResult[]> {
  if (!destination.check) {
    const detail = "can only be tried by sending it a lead";
    return [{ what: destination.label, result: "warning", detail }];
  }
  try {
    return await destination.check(context);
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
    const cure = "See that this machine reaches it, and that its address is right.";
    return [{ what: destination.label, result: "problem", detail: `cannot be reached: ${error.message}`, cure }];
  }
}

async function withNetwork<T>(options: Options, work: (context: ToolContext) => Promise<T>): Promise<T> {
  const network = createGuardedNetwork({ allowPrivateNetwork: options.allowPrivateNetwork });
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    return await work({
      signal,
      fetch: (url, init) => network.fetch(url, { ...init, signal: init?.signal ?? signal }, () => {}),
      now: Date.now,
    });
  } finally {
    await network.close();
  }
}

function printResult({ destination, what, result, detail, cure }: CheckResult & { destination: string }): void {
  print(`${marks[result]} ${destination}: ${plain(what)}: ${plain(detail)}`);
  if (cure && result !== "ok") print(`       → ${plain(cure)}`);
}
