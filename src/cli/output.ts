/** Writes a line for the person or script at the other end. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Writes a line that is not part of the result. */
export function printAside(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** What a terminal may obey instead of show: control characters, line separators and marks of writing direction. */
const commanding = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/** Text from outside, made harmless for a terminal: control characters and escape sequences become visible dots. */
export function plain(text: string): string {
  return text.replace(commanding, "·");
}

/** Several lines made harmless one by one. */
export function plainLines(text: string): string {
  return text.split("\n").map(plain).join("\n");
}

/** A number with its noun: `1 lead`, `2 leads`. */
export function counted(n: number, one: string, several = `${one}s`): string {
  return `${n} ${n === 1 ? one : several}`;
}

/** What every `--dry-run` ends with. */
export const nothingChanged = "Nothing has been changed.";

/** JSON that is harmless for a terminal too: what `JSON.stringify` leaves as it is becomes an escape of the same meaning. */
export function jsonText(value: object, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(commanding, (character) =>
    character === "\n" ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Lines of a table whose columns are as wide as their widest cell, at most `widest` characters. */
export function table(rows: readonly (readonly string[])[], widest = 48): string[] {
  const cut = rows.map((row) => row.map((cell) => shorten(plain(cell), widest)));
  const widths = (cut[0] ?? []).map((_, column) => Math.max(...cut.map((row) => row[column]?.length ?? 0)));
  return cut.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

/** A time as people read it: local, to the second. */
export function localTime(ms: number): string {
  const date = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return date.toISOString().slice(0, 19).replace("T", " ");
}

/** A length of time in its largest sensible unit. */
export function duration(ms: number): string {
  const units: [string, number][] = [
    ["d", 86_400_000],
    ["h", 3_600_000],
    ["min", 60_000],
    ["s", 1_000],
  ];
  const [unit, size] = units.find(([, size]) => ms >= size) ?? ["ms", 1];
  return `${Math.round(ms / size)} ${unit}`;
}

function shorten(text: string, widest: number): string {
  return text.length > widest ? `${text.slice(0, widest - 1)}…` : text;
}
