import { plain, table } from "../output.ts";
import type { ImportOptions } from "./rules.ts";
import type { ImportCounts } from "./run-import.ts";

/** What is told of an import. `problems`: the first of them, by line. */
export type ImportReport = {
  file: string;
  format: "csv" | "jsonl";
  encoding: string;
  delimiter: string | null;
  counts: ImportCounts;
  problems: readonly { line: number; message: string }[];
  rejectedFile: string | null;
};

/** For people. */
export function reportLines(
  { file, counts, problems, rejectedFile }: ImportReport,
  { dryRun, deliver }: ImportOptions,
): string[] {
  const { rows, imported, knownPersons, repeated, erasedPersons, rejected, deliveries } = counts;
  const would = dryRun ? "would be " : "";
  const lines: [string, number, string][] = [
    [`${would}imported`, imported, knownPersons > 0 ? `${knownPersons} of people who have a lead already` : ""],
    ["imported before", repeated, dryRun ? "only the import itself can tell" : ""],
    ["of erased people", erasedPersons, erasedPersons > 0 ? "not brought back" : ""],
    ["rejected", rejected, rejectedFile ? `see ${rejectedFile}` : ""],
    ...Object.entries(deliveries).map(([id, n]): [string, number, string] => [`${would}planned for ${id}`, n, ""]),
  ];
  return [
    `${plain(file)}: ${rows} ${rows === 1 ? "row" : "rows"}`,
    ...table(
      lines.map(([what, n, note]) => [`  ${what}`, String(n), note]),
      90,
    ),
    ...problems.map(({ line, message }) => `  line ${line}: ${plain(message)}`),
    ...(rejected > problems.length ? [`  and ${rejected - problems.length} more`] : []),
    ...(dryRun ? ["Nothing has been changed."] : []),
    ...(!dryRun && deliver === "none" && imported > 0
      ? ["They are kept, and go nowhere yet. Give a destination what it lacks with: leadkeep resync <destination>"]
      : []),
  ];
}

/** For scripts. */
export function reportJson({ counts, problems, rejectedFile, ...file }: ImportReport, options: ImportOptions): object {
  return {
    ...file,
    form: options.form,
    basis: options.basis,
    dry_run: options.dryRun,
    rows: counts.rows,
    imported: counts.imported,
    known_persons: counts.knownPersons,
    repeated: counts.repeated,
    erased_persons: counts.erasedPersons,
    rejected: counts.rejected,
    deliveries: counts.deliveries,
    rejected_file: rejectedFile,
    problems,
  };
}
