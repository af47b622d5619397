import { setTimeout as sleep } from "node:timers/promises";
import type { Options } from "../config/config.ts";
import { variablesWithDotenv } from "../config/environment.ts";
import { loadConfig } from "../config/load-config.ts";
import { checkDestination, toolContext } from "../delivery/check-destination.ts";
import { createGuardedNetwork } from "../delivery/guarded-fetch.ts";
import { openGateway, openLedger } from "../gateway.ts";
import type { CheckResult, Destination, ToolContext } from "../model/destination.ts";
import { ConfigError } from "../model/errors.ts";
import { silentLog } from "../model/log.ts";
import type { Check, DoctorContext, Finding } from "./doctor/check.ts";
import { checksAfter, checksBefore, leastNode } from "./doctor/checks.ts";
import { watchClock } from "./doctor/clock.ts";
import { problemsOf } from "./doctor/configuration.ts";
import { openForLook } from "./doctor/ledger-checks.ts";
import { checkNodeVersion } from "./doctor/node-version.ts";
import { type Probed, probe, whatStays } from "./doctor/probe.ts";
import { askGateway } from "./doctor/running-gateway.ts";
import { jsonText, nothingChanged, plain, print, printAside } from "./output.ts";
import { createProgressLine } from "./progress-line.ts";

export type DoctorOptions = {
  json: boolean;
  /** Sends a sample there as well, where that is possible; with `probe`, the address its lead bears. */
  sendTo?: string;
  /** Sends one marked lead through everything. @default false */
  probe?: boolean;
};

const marks = { ok: "ok  ", warning: "note", problem: "BAD " } as const;
const probePatienceMs = 60_000;

/**
 * `leadkeep doctor [destination]`: looks, without changing anything, at the gateway and each destination; with a name, at that
 * destination only. `sendTo` and `probe` send something as well. 1 when something is wrong.
 */
export async function doctor(
  name: string | undefined,
  { json, sendTo, probe = false }: DoctorOptions,
): Promise<number> {
  const findings: Finding[] = [];
  const tell = (finding: Finding): void => {
    findings.push(finding);
    if (!json) printFinding(finding);
  };
  const options = await orProblems(tell);
  if (options) {
    const chosen = choose(options, name);
    if (!chosen) return 1;
    if (sendTo !== undefined && !probe && !chosen.some(({ sendSample }) => sendSample)) {
      printAside("None of these destinations can send a sample to an address.");
      return 1;
    }
    await lookAtAll(options, chosen, { isWhole: name === undefined, address: sendTo ?? null, probe }, tell);
  }
  if (json) print(jsonText(findings, 2));
  else if (name === undefined) print(summaryOf(findings));
  return findings.some(({ result }) => result === "problem") ? 1 : 0;
}

/** Null for a configuration that cannot be used, once everything wrong with it was told. */
async function orProblems(tell: (finding: Finding) => void): Promise<Options | null> {
  try {
    return await loadConfig(process.cwd(), process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const node = checkNodeVersion(process.versions.node, leastNode());
    tell({ topic: "node", destination: null, ...node });
    for (const result of problemsOf(error)) tell({ topic: "configuration", destination: null, ...result });
    return null;
  }
}

async function lookAtAll(
  options: Options,
  chosen: readonly Destination[],
  { isWhole, address, probe }: { isWhole: boolean; address: string | null; probe: boolean },
  tell: (finding: Finding) => void,
): Promise<void> {
  const now = Date.now;
  const network = createGuardedNetwork(options);
  const ownNetwork = createGuardedNetwork({ allowPrivateNetwork: true });
  const own = toolContext(ownNetwork.fetch, now);
  const clock = watchClock(network.fetch, now);
  const needsLedger = isWhole || probe;
  const opened = needsLedger ? await openForLook(options, openLedger) : null;
  const ledger = opened?.ledger ?? null;
  try {
    const context: DoctorContext = {
      folder: process.cwd(),
      options,
      variables: variablesWithDotenv(process.env, process.cwd()),
      ledger: opened?.result.result === "ok" ? ledger : null,
      running: needsLedger ? await askGateway(options, own) : { url: "", state: "nobody" },
      clock,
      own,
      now,
    };
    if (opened && isWhole) tell({ topic: "ledger", destination: null, ...opened.result });
    if (isWhole) await lookAtOwn(checksBefore, context, tell);
    for (const destination of chosen) {
      const results = await examine(destination, probe ? null : address, toolContext(clock.fetch, now));
      for (const result of results) tell({ topic: "destination", destination: destination.id, ...result });
      await destination.close?.();
    }
    if (isWhole) await lookAtOwn(checksAfter, context, tell);
    if (probe) await sendProbe(chosen, address, context, tell);
  } finally {
    await ledger?.close();
    await network.close();
    await ownNetwork.close();
  }
}

async function lookAtOwn(
  checks: readonly Check[],
  context: DoctorContext,
  tell: (finding: Finding) => void,
): Promise<void> {
  for (const { topic, look } of checks) {
    for (const result of await look(context)) tell({ topic, destination: null, ...result });
  }
}

/** By a gateway that is at work, or else by lanes of this process. */
async function sendProbe(
  chosen: readonly Destination[],
  address: string | null,
  { options, running, now }: DoctorContext,
  tell: (finding: Finding) => void,
): Promise<void> {
  if (chosen.length === 0) return;
  for (const line of whatStays(chosen, address)) printAside(line);
  const isAtWork = running.state === "ready" && options.worker;
  if (!isAtWork)
    printAside("No gateway is at work here: this command delivers by itself, and what else is due goes out too.");
  const gateway = await openGateway(options, { log: silentLog });
  const line = createProgressLine(process.stderr);
  try {
    const { lead, results }: Probed = await probe({
      destinations: chosen,
      ledger: gateway.ledger,
      address,
      deliver: isAtWork ? null : () => gateway.drain({ budgetMs: 1_000 }),
      patienceMs: probePatienceMs,
      progress: (done, of, waiting) => {
        const still = waiting.length > 0 ? `; waiting for ${waiting.join(", ")}` : "";
        line.show(`${done} of ${of} have a verdict${still}`, of === 0 ? 1 : done / of);
      },
      now,
      sleep,
    });
    line.end();
    printAside(`The probe was ${lead.id}: leadkeep show ${lead.id}`);
    for (const result of results) tell({ topic: "probe", ...result });
  } finally {
    line.end();
    await gateway.stop();
  }
}

/** `leadkeep setup <destination>`: shows what has to be made there, and with `apply` makes it. 1 when something failed. */
export async function setup(name: string, { yes, json }: { yes: boolean; json: boolean }): Promise<number> {
  const options = await loadConfig(process.cwd(), process.env);
  const [destination] = choose(options, name) ?? [];
  if (!destination) return 1;
  return withNetwork(options, async (context) => {
    const steps = (await destination.setup?.(context)) ?? [];
    const missing = steps.filter((step) => step.apply !== null);
    const made: CheckResult[] = [];
    if (!json) for (const { what, apply } of steps) print(`${apply ? "to make   " : "there     "} ${plain(what)}`);
    const progress = createProgressLine(process.stderr);
    for (const [i, { apply }] of (yes ? missing : []).entries()) {
      progress.show(`${i + 1} of ${missing.length}`, i / missing.length);
      if (apply) made.push(await apply());
    }
    progress.end();
    if (json) print(jsonText({ destination: destination.id, steps: steps.map(stepJson), made, dry_run: !yes }, 2));
    else if (!destination.setup) print(`${destination.id} needs no set-up.`);
    else if (missing.length === 0) print("Everything is there.");
    else if (!yes) {
      const what = `Make the ${missing.length} missing with: leadkeep setup ${destination.id} --yes`;
      print(`${nothingChanged} ${what}`);
    }
    if (!json) for (const result of made) printFinding({ destination: destination.id, ...result });
    return made.some(({ result }) => result === "problem") ? 1 : 0;
  });
}

function stepJson({ what, apply }: { what: string; apply: unknown }): { what: string; state: "there" | "missing" } {
  return { what, state: apply ? "missing" : "there" };
}

function choose({ destinations }: Options, name: string | undefined): readonly Destination[] | null {
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
  const network = createGuardedNetwork(options);
  try {
    return await work(toolContext(network.fetch, Date.now));
  } finally {
    await network.close();
  }
}

function printFinding({ destination, what, result, detail, cure }: Omit<Finding, "topic">): void {
  print(`${marks[result]} ${destination === null ? "" : `${destination}: `}${plain(what)}: ${plain(detail)}`);
  if (cure && result !== "ok") print(`       → ${plain(cure)}`);
}

function summaryOf(findings: readonly Finding[]): string {
  const count = (result: Finding["result"]) => findings.filter((finding) => finding.result === result).length;
  return `\n${findings.length} looked at: ${count("problem")} wrong, ${count("warning")} to note.`;
}
