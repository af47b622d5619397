import type { Options } from "../config/config.ts";
import { secretsOf } from "../config/secret-file.ts";
import { openRights } from "../gateway.ts";
import { createKeyedHash } from "../intake/keyed-hash.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { type Basis, readBasis } from "./import/basis.ts";
import { createRejectedFile } from "./import/rejected-file.ts";
import { reportJson, reportLines } from "./import/report.ts";
import { openRows } from "./import/rows.ts";
import { type ImportOptions, lackingColumns, rulesOf } from "./import/rules.ts";
import { type ImportCounts, noCounts, runImport } from "./import/run-import.ts";
import { lookAtFile, readText } from "./import/text-file.ts";
import { jsonText, plain, print, printAside } from "./output.ts";
import { createProgressLine } from "./progress-line.ts";
import { commandActor, withLedger } from "./with-ledger.ts";

/** Problems told at the end; all of them are in the file of rejected rows. */
const problemsTold = 10;

/** `leadkeep import <file>`: keeps leads of another system. 1 when rows were rejected, 2 when what is asked for makes no sense. */
export function importLeads(file: string, options: ImportOptions): Promise<number> {
  const read = readBasis(options);
  const problems = "problems" in read ? [...read.problems] : [];
  if (options.idColumn !== undefined && !options.source) {
    problems.push(
      "--source is lacking beside --id-column: a name for the other system, so that ids of two are told apart.",
    );
  }
  if (!("basis" in read) || problems.length > 0) return Promise.resolve(refuse(problems));
  return withLedger((ledger, config) => importFile(file, options, read.basis, { ledger, config }));
}

async function importFile(
  file: string,
  options: ImportOptions,
  basis: Basis,
  { ledger, config }: { ledger: Ledger; config: Options },
): Promise<number> {
  const secrets = secretsOf(config);
  const hash = createKeyedHash(secrets);
  const rules = rulesOf(options, basis, config, hash);
  const { encoding, beginning, size } = await lookAtFile(file, options.encoding);
  let bytesRead = 0;
  const text = readText(file, encoding, (bytes) => {
    bytesRead += bytes;
  });
  const { rows, columns, format, delimiter } = await openRows(text, {
    beginning,
    ...(options.delimiter === undefined ? {} : { delimiter: options.delimiter }),
  });
  const lacking = columns ? lackingColumns(rules, columns) : [];
  if (lacking.length > 0) {
    return refuse([
      `The file has no column ${lacking.map((name) => JSON.stringify(plain(name))).join(", ")}.`,
      `It has: ${(columns ?? []).map(plain).join(", ")}   (read as ${encoding}, split at ${JSON.stringify(delimiter)})`,
    ]);
  }

  const rejectedFile = createRejectedFile(file, columns);
  const progress = createProgressLine(process.stderr);
  const problems: { line: number; message: string }[] = [];
  let counts = noCounts;
  let name: string | null = null;
  try {
    counts = await runImport(rows, {
      ledger,
      rights: openRights(config, ledger, secrets),
      personKeys: hash.personKeys,
      rules,
      dryRun: options.dryRun,
      now: Date.now,
      rejected: async (row, message) => {
        if (problems.length < problemsTold) problems.push({ line: row.line, message });
        if (!options.dryRun) await rejectedFile.add(row, message);
      },
      progress: (soFar) => {
        counts = soFar;
        if (process.stderr.isTTY) progress.show(`${soFar.rows} rows`, bytesRead / Math.max(size, 1));
      },
    });
  } finally {
    progress.end();
    name = await rejectedFile.close();
    if (!options.dryRun) await noteImport(ledger, counts, options);
  }
  const report = { file, format, encoding, delimiter, counts, problems, rejectedFile: name };
  if (options.json) print(jsonText(reportJson(report, options), 2));
  else for (const line of reportLines(report, options)) print(line);
  return counts.rejected > 0 ? 1 : 0;
}

/** On record is how many leads came, and on what ground they are kept. */
async function noteImport(ledger: Ledger, { imported }: ImportCounts, { form, basis }: ImportOptions): Promise<void> {
  if (imported === 0) return;
  const act = `import: ${imported} leads, basis ${basis}`;
  await ledger.recordAct({ at: Date.now(), actor: commandActor, act, subject: form });
}

function refuse(problems: readonly string[]): number {
  for (const line of problems) printAside(line);
  return 2;
}
