import { expect, test } from "vitest";
import { injections } from "../../test/support/injection-corpus.ts";
import { csvLine } from "./csv.ts";

/** What a spreadsheet makes of a line, with any of the usual separators. */
function cellsOf(line: string, separator: string): string[] {
  const cells: string[] = [];
  let cell = "";
  let quoted = false;
  for (let i = 0; i < line.length; i++) {
    const char = line[i] ?? "";
    if (quoted && char === '"' && line[i + 1] === '"') {
      cell += '"';
      i += 1;
    } else if (char === '"') {
      quoted = !quoted;
    } else if (char === separator && !quoted) {
      cells.push(cell);
      cell = "";
    } else {
      cell += char;
    }
  }
  return [...cells, cell.replace(/\r\n$/, "")];
}

test("every string of the injection corpus arrives in one cell, as text, whole", () => {
  expect(injections.length).toBeGreaterThan(200);
  for (const hostile of injections) {
    const [before, cell, after, ...more] = cellsOf(csvLine(["a", hostile, "b"]), ",");
    expect([before, after, more]).toEqual(["a", "b", []]);
    expect([hostile, `'${hostile}`]).toContain(cell);
    expect(cell).not.toMatch(/^[\s\p{Cf}]*[=+\-@\uff1d\uff0b\uff0d\uff20]/u);
  }
});

test("with another separator no cell of a hostile line begins a formula either", () => {
  for (const hostile of injections) {
    for (const separator of [";", "\t"]) {
      for (const cell of cellsOf(csvLine([hostile, "b"]), separator)) {
        expect(cell).not.toMatch(/^[\s\p{Cf}]*[=+\-@\uff1d\uff0b\uff0d\uff20]/u);
      }
    }
  }
});

test("numbers, phone numbers and ordinary text stay as they are", () => {
  expect(csvLine(["-5", "+442079460018", "1,5", 'say "hi"', "two\nlines", ""])).toBe(
    '"-5","+442079460018","1,5","say ""hi""","two\nlines",""\r\n',
  );
});
