import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { openCompleteness, openReportKey } from "../completeness.ts";
import type { Options } from "../config/config.ts";
import { createGuardedNetwork } from "../delivery/guarded-fetch.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Missing, Verification } from "../ledger/verifications.ts";
import { type Log, silentLog } from "../model/log.ts";
import { openVerdicts, verdicts } from "../model/verdict.ts";
import type { VerifyRequest } from "../watch/completeness.ts";
import type { OnProgress, RunWatch } from "../watch/completeness-run.ts";
import { mostNamed, reportOf, type SignedReport, type VerifyReport } from "../watch/report.ts";
import { reportPage, verdictWords } from "../watch/report-html.ts";
import { jsonText, localTime, plain, print, printAside, table } from "./output.ts";
import { createProgressLine } from "./progress-line.ts";
import { commandActor, withLedger } from "./with-ledger.ts";

export type VerifyOptions = { since?: number; until?: number; repair: boolean; json: boolean; report?: string };

/**
 * `leadkeep verify [destination]`: looks whether every lead is where it was brought. 1 when something is missing, dead or could not be
 * told, or when it was broken off.
 */
export function verify(
  destination: string | undefined,
  { json, report: file, ...request }: VerifyOptions,
): Promise<number> {
  if (file !== undefined && !/\.(?:json|html)$/.test(file)) {
    printAside("Name the report .json or .html.");
    return Promise.resolve(2);
  }
  return withLedger(async (ledger, options) => {
    let vanished: Missing[] | null = null;
    const run = await runVerification(ledger, options, {
      ...request,
      ...(destination === undefined ? {} : { destination }),
      beforeRepair: async (found) => {
        vanished = await missingOf(ledger, found);
      },
    });
    if (!run) return 1;
    const report = reportOf(run, options.destinations, vanished ?? (await missingOf(ledger, run)));
    if (json) print(jsonText(report, 2));
    else for (const line of linesOf(report)) print(line);
    if (file !== undefined) save(file, openReportKey(options).sign(report));
    return openOf(report) > 0 ? 1 : 0;
  });
}

/** Beside the result, which a script may read. */
const aside: Log = {
  ...silentLog,
  warn: (fields, message) => printAside(`${message} ${jsonText(fields)}`),
  error: (fields, message) => printAside(`${message} ${jsonText(fields)}`),
};

/** Null when it was broken off: the same command goes on from there. */
async function runVerification(
  ledger: Ledger,
  options: Options,
  request: Omit<VerifyRequest, "actor"> & Pick<RunWatch, "beforeRepair">,
): Promise<Verification | null> {
  const network = createGuardedNetwork(options);
  const parts = { ledger, fetch: network.fetch, now: Date.now, log: aside, lanes: null };
  const completeness = openCompleteness(options, parts);
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  const line = createProgressLine(process.stderr);
  const onProgress: OnProgress = (looked, expected) => {
    const part = expected === 0 ? 1 : Math.min(1, looked / expected);
    if (process.stderr.isTTY) line.show(`${looked} of ${Math.max(looked, expected)} leads`, part);
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, stop);
  try {
    return await completeness.verify({ ...request, actor: commandActor, signal: stopping.signal, onProgress });
  } catch (error) {
    if (!stopping.signal.aborted) throw error;
    line.end();
    printAside("Broken off. The same command goes on from there, within a day.");
    return null;
  } finally {
    line.end();
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.removeListener(signal, stop);
    await Promise.all(options.destinations.map(({ close }) => close?.()));
    await network.close();
  }
}

/** What it has found and not sent again yet, the first of each destination. */
async function missingOf({ verifications }: Ledger, { id: run, counts }: Verification): Promise<Missing[]> {
  const places = counts.tallies.filter(({ verdict }) => verdict === "missing").map(({ destination }) => destination);
  const pages = places.map((destination) => verifications.missing({ run, destination, limit: mostNamed }));
  return (await Promise.all(pages)).flat();
}

function linesOf({ leads, accounted, ended_at, repaired, destinations }: VerifyReport): string[] {
  const used = verdicts.filter((verdict) => destinations.some((one) => (one.verdicts[verdict] ?? 0) > 0));
  const head = ["destination", "judged by", ...used.map((verdict) => verdictWords[verdict].name)];
  const rows = destinations.map(({ destination, judged_by, verdicts: counts }) => [
    destination,
    judged_by,
    ...used.map((verdict) => String(counts[verdict] || "–")),
  ]);
  return [
    `${accounted} of ${leads} leads accounted for, read back ${localTime(Date.parse(ended_at))}.`,
    ...(rows.length > 0 ? ["", ...table([head, ...rows])] : []),
    ...withHead("", destinations.flatMap(cures)),
    ...(repaired > 0 ? ["", `${repaired} ${repaired === 1 ? "is" : "are"} being sent again.`] : []),
  ];
}

function withHead(head: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [head, ...lines];
}

/** What to do about what is left to see to. */
function cures({ destination, verdicts: counts, reasons }: VerifyReport["destinations"][number]): string[] {
  const { missing = 0, unknown = 0, dead = 0 } = counts;
  const why = (verdict: string): string => {
    const codes = reasons.filter((one) => one.verdict === verdict).map(({ code }) => code);
    return codes.length > 0 ? ` (${plain(codes.join(", "))})` : "";
  };
  return [
    missing > 0
      ? `${destination}: ${missing} missing. To send them again: leadkeep verify ${destination} --repair`
      : "",
    unknown > 0 ? `${destination}: ${unknown} could not be told${why("unknown")}. Verify again when it answers.` : "",
    dead > 0
      ? `${destination}: ${dead} not taken${why("dead")}. See: leadkeep leads --delivery dead --destination ${destination}`
      : "",
  ].filter(Boolean);
}

/** What is left to see to; what was sent again is on its way. */
function openOf({ destinations, repaired }: VerifyReport): number {
  const open = destinations.flatMap(({ verdicts: counts }) => [...openVerdicts].map((verdict) => counts[verdict] ?? 0));
  return open.reduce((sum, count) => sum + count, 0) - repaired;
}

function save(file: string, signed: SignedReport): void {
  const text = file.endsWith(".html") ? reportPage(signed) : `${JSON.stringify(signed, null, 2)}\n`;
  writeFileSync(file, text, { mode: 0o600 });
  printAside(`The report is in ${file}, signed with the key ${signed.signature.public_key}`);
}

/** `leadkeep verify --check <file>`: whether a report is as it was signed, and what it says. Needs no ledger. 1 when it is not. */
export async function checkReportFile(file: string, json: boolean): Promise<number> {
  const { checkReport, fingerprintOf } = await import("../watch/report.ts");
  const { reportInPage } = await import("../watch/report-html.ts");
  if (!existsSync(file)) {
    printAside(`There is no file ${plain(file)}.`);
    return 1;
  }
  const text = readFileSync(file, "utf8");
  const carried = reportInPage(text);
  const checked = checkReport(carried ?? text);
  if (!checked) {
    printAside(`${plain(file)} is no verification report.`);
    return 1;
  }
  const { signed, holds } = checked;
  const isWhole = holds && (carried === null || reportPage(signed) === text);
  const key = signed.signature.public_key;
  if (json) {
    print(
      jsonText({ holds, page_as_signed: carried === null ? null : isWhole, key: plain(key), report: signed.report }, 2),
    );
    return isWhole ? 0 : 1;
  }
  if (!holds) {
    printAside("NOT as it was signed: it was changed, or signed by nobody. Believe nothing of it.");
    return 1;
  }
  for (const line of linesOf(signed.report)) print(plain(line));
  print("");
  print(`The signature holds, by the key ${plain(key)} (${fingerprintOf(key)}).`);
  print("Compare the key with the one the maker of the report has told you.");
  if (isWhole) return 0;
  printAside(
    "The page shows something else than what was signed, or another version made it. Only the figures above are signed.",
  );
  return 1;
}
