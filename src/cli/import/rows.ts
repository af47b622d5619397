import { LeadkeepError } from "../../model/errors.ts";
import type { Json } from "../../model/json.ts";
import { delimiterOf, readCsv } from "./csv-reader.ts";

/** A row of a file. `fields`: by the column's or key's name, empty ones left out. `problem`: why it is none. */
export type Row = {
  line: number;
  fields: [name: string, value: Json][];
  problem: string | null;
  raw: readonly string[];
};

/** What a file is, and the names of its columns; null when each line has its own. */
export type Rows = { format: "csv" | "jsonl"; columns: readonly string[] | null; rows: AsyncGenerator<Row> };

/** Longest line of JSON, in characters. */
const longestLine = 1_048_576;
/** What our own CSV, and people in spreadsheets, put in front of a cell that would be taken for a formula. */
const shielded = /^'(?=[\s\p{Cf}"',;|%]*[=+\-@|%\uff1d\uff0b\uff0d\uff20])/u;

/** The rows of a CSV file with a header, or of one JSON object a line. @throws {LeadkeepError} when there is no header */
export async function openRows(
  text: AsyncIterable<string>,
  { beginning, delimiter }: { beginning: string; delimiter?: string },
): Promise<Rows & { delimiter: string | null }> {
  if (/^\ufeff?\s*\{/.test(beginning)) return { format: "jsonl", columns: null, delimiter: null, rows: jsonRows(text) };
  const separator = delimiter ?? delimiterOf(beginning);
  const records = readCsv(text, separator);
  let header = await records.next();
  if (!header.done && /^sep=/.test(header.value.cells.join(separator))) header = await records.next();
  if (header.done) throw new LeadkeepError("empty_file", "The file is empty: there is not even a header.");
  const columns = header.value.cells.map((name, index) => name.trim() || `column_${index + 1}`);
  return { format: "csv", columns, delimiter: separator, rows: csvRows(records, columns) };
}

async function* csvRows(records: ReturnType<typeof readCsv>, columns: readonly string[]): AsyncGenerator<Row> {
  for await (const { line, cells, problem } of records) {
    const beyond = cells.slice(columns.length).some((cell) => cell.trim() !== "");
    const fields = columns.flatMap((name, index): Row["fields"] => {
      const cell = cells[index] ?? "";
      return cell.trim() === "" ? [] : [[name, cell.replace(shielded, "")]];
    });
    if (fields.length === 0 && !beyond) continue;
    const tooMany = beyond ? `it has ${cells.length} cells, and the header ${columns.length}` : null;
    yield { line, fields, problem: problem ?? tooMany, raw: cells };
  }
}

async function* jsonRows(text: AsyncIterable<string>): AsyncGenerator<Row> {
  let line = 0;
  for await (const one of linesOf(text)) {
    line += 1;
    if (one.trim() === "") continue;
    yield { line, raw: [one], ...parsed(one) };
  }
}

function parsed(line: string): Pick<Row, "fields" | "problem"> {
  try {
    const value: Json = JSON.parse(line);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return { fields: Object.entries(value).filter(([, one]) => one !== null && one !== ""), problem: null };
    }
  } catch {
    // The same as one that is no object.
  }
  return { fields: [], problem: "it is not a JSON object" };
}

async function* linesOf(text: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of text) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
    if (rest.length > longestLine) throw new LeadkeepError("line_too_long", "A line is longer than any lead.");
  }
  if (rest !== "") yield rest;
}
