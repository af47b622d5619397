import { LeadkeepError } from "../../model/errors.ts";

/** One record of a CSV file. `line`: where it begins, from 1. `problem`: what is wrong with its quotes. */
export type CsvRecord = { line: number; cells: string[]; problem: string | null };

/** A quote that is never closed would take the rest of the file for one cell. */
const longestRecord = 1_048_576;

/**
 * Reads CSV (RFC 4180) piece by piece: quoted cells may hold delimiters, line ends and doubled quotes. Lines end with CRLF, LF
 * or CR. Empty lines are passed over. @throws {LeadkeepError} when a quote is not closed
 */
export async function* readCsv(chunks: AsyncIterable<string>, delimiter: string): AsyncGenerator<CsvRecord> {
  const reader = createReader(delimiter);
  for await (const chunk of chunks) yield* reader.take(chunk);
  yield* reader.end();
}

function createReader(delimiter: string) {
  let cells: string[] = [];
  let cell = "";
  /** Outside: before or in a plain cell. Inside: between quotes. Closed: behind the closing quote. */
  let place: "outside" | "inside" | "closed" = "outside";
  let problem: string | null = null;
  let line = 1;
  let begunAt = 1;
  let length = 0;
  let afterReturn = false;

  function endCell(): void {
    cells.push(cell);
    cell = "";
    place = "outside";
  }

  function endRecord(): CsvRecord | null {
    const isEmpty = cells.length === 0 && cell === "" && place === "outside";
    if (!isEmpty) endCell();
    const record = { line: begunAt, cells, problem };
    [cells, problem, length] = [[], null, 0];
    return isEmpty ? null : record;
  }

  function outside(character: string): void {
    if (character === delimiter) endCell();
    else if (character === '"' && cell === "" && place === "outside") place = "inside";
    else if (character === '"' && place === "closed") {
      cell += '"';
      place = "inside";
    } else {
      if (place === "closed" && character.trim() !== "") problem = "there is text behind a closing quote";
      if (place === "outside") cell += character;
    }
  }

  function inside(character: string): void {
    if (character === '"') place = "closed";
    else cell += character;
  }

  function* take(chunk: string): Generator<CsvRecord> {
    for (const character of chunk) {
      const isSecondHalf = character === "\n" && afterReturn;
      afterReturn = character === "\r";
      if (place === "inside") {
        if (character === "\r" || (character === "\n" && !isSecondHalf)) line += 1;
        inside(character);
      } else if (character === "\r" || character === "\n") {
        if (isSecondHalf) continue;
        const record = endRecord();
        line += 1;
        begunAt = line;
        if (record) yield record;
      } else {
        outside(character);
      }
      length += 1;
      if (length > longestRecord) throw unclosed();
    }
  }

  function* end(): Generator<CsvRecord> {
    if (place === "inside") throw unclosed();
    const record = endRecord();
    if (record) yield record;
  }

  function unclosed(): LeadkeepError {
    return new LeadkeepError(
      "csv_quote",
      `Line ${begunAt} opens a quote that is not closed, or is longer than any lead. Mend it, and run the import again: it goes on.`,
    );
  }

  return { take, end };
}

const delimiters = [",", ";", "\t", "|"];

/** The delimiter of a file that begins like this: the commonest outside of quotes in its first line. A `sep=` line says it itself. */
export function delimiterOf(beginning: string): string {
  const told = /^sep=(.)\r?\n/.exec(beginning)?.[1];
  if (told) return told;
  const counts = new Map(delimiters.map((one) => [one, 0]));
  let quoted = false;
  for (const character of beginning) {
    if (character === '"') quoted = !quoted;
    if (!quoted && (character === "\n" || character === "\r")) break;
    const n = counts.get(character);
    if (!quoted && n !== undefined) counts.set(character, n + 1);
  }
  return [...counts].reduce((best, one) => (one[1] > best[1] ? one : best))[0];
}
