import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { delimiterOf, readCsv } from "../../src/cli/import/csv-reader.ts";
import { openRows } from "../../src/cli/import/rows.ts";
import { readTime } from "../../src/cli/import/times.ts";

async function* inPieces(text: string, size: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}

async function recordsOf(text: string, { delimiter = ",", size = 7 } = {}) {
  return Array.fromAsync(readCsv(inPieces(text, size), delimiter));
}

async function rowsOf(text: string) {
  const { rows, ...file } = await openRows(inPieces(text, 5), { beginning: text });
  return { ...file, rows: await Array.fromAsync(rows) };
}

describe("CSV", () => {
  test("whatever was written comes back, in whatever pieces it is read", async () => {
    const cell = fc.string({ unit: fc.constantFrom("a", "ü", '"', ",", ";", "\n", "\r", "\r\n", " ", "😀") });
    const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 5 });
    const ends = fc.constantFrom("\r\n", "\n", "\r");
    await fc.assert(
      fc.asyncProperty(
        table,
        ends,
        fc.constantFrom(",", ";", "\t"),
        fc.integer({ min: 1, max: 9 }),
        async (rows, end, delimiter, size) => {
          const quoted = rows.map((row) => row.map((one) => `"${one.replaceAll('"', '""')}"`).join(delimiter));
          const records = await recordsOf(quoted.join(end), { delimiter, size });
          expect(records.map(({ cells }) => cells)).toEqual(rows);
          expect(records.every(({ problem }) => problem === null)).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });

  test("every record knows the line it begins on", async () => {
    const records = await recordsOf('a,b\r\n"x\r\ny\nz",1\r\n\r\n2,3');
    expect(records.map(({ line, cells }) => [line, ...cells])).toEqual([
      [1, "a", "b"],
      [2, "x\r\ny\nz", "1"],
      [6, "2", "3"],
    ]);
  });

  test("text behind a closing quote is told, and the next record is read all the same", async () => {
    const [wrong, right] = await recordsOf('"a"b,c\nd,e');
    expect(wrong?.problem).toBe("there is text behind a closing quote");
    expect(right).toEqual({ line: 2, cells: ["d", "e"], problem: null });
  });

  test("a quote inside a plain cell is a quote", async () => {
    expect((await recordsOf('5" pipe,x'))[0]?.cells).toEqual(['5" pipe', "x"]);
  });

  test.each([
    ['a\n"b', 2],
    [`a\nb\n"${"x".repeat(1_100_000)}"`, 3],
  ])("a quote that is not closed names its line", async (text, line) => {
    await expect(recordsOf(text, { size: 65_536 })).rejects.toThrow(`Line ${line} opens a quote`);
  });

  test.each([
    ["a,b;c,d\n", ","],
    ["a;b;c\n1,2,3,4,5,6\n", ";"],
    ["a\tb\n", "\t"],
    ['"a;b;c;d",e\n', ","],
    ["sep=|\na,b,c|d\n", "|"],
    ["email\n", ","],
  ])("the delimiter of %j is found", (beginning, delimiter) => {
    expect(delimiterOf(beginning)).toBe(delimiter);
  });
});

describe("rows", () => {
  test("empty cells and rows are left out, and columns without a name get one", async () => {
    const { rows } = await rowsOf("sep=;\nemail;;x\na@example.com;b;\n;;\n");
    expect(rows.map(({ line, fields }) => [line, fields])).toEqual([
      [
        3,
        [
          ["email", "a@example.com"],
          ["column_2", "b"],
        ],
      ],
    ]);
  });

  test("a row with more cells than the header is none", async () => {
    const { rows } = await rowsOf("a,b\n1,2,3\n1\n1,2,,\n");
    expect(rows.map(({ problem }) => problem)).toEqual(["it has 3 cells, and the header 2", null, null]);
  });

  test("an apostrophe that keeps a spreadsheet from calculating is not part of the cell", async () => {
    const { rows } = await rowsOf("a,b,c\n'=1+1,'+44 20,'tis\n");
    expect(rows[0]?.fields.map(([, value]) => value)).toEqual(["=1+1", "+44 20", "'tis"]);
  });

  test("one JSON object a line is read as well", async () => {
    const { format, rows } = await rowsOf('{"email":"a@example.com","n":{"x":[1]},"no":null}\n\n[1]\n{"broken\n');
    expect(format).toBe("jsonl");
    expect(rows.map(({ line, fields, problem }) => [line, fields, problem])).toEqual([
      [
        1,
        [
          ["email", "a@example.com"],
          ["n", { x: [1] }],
        ],
        null,
      ],
      [3, [], "it is not a JSON object"],
      [4, [], "it is not a JSON object"],
    ]);
  });
});

describe("times", () => {
  test.each([
    ["2025-12-31T14:05:09Z", Date.UTC(2025, 11, 31, 14, 5, 9)],
    ["2025-12-31T14:05:09.123+02:00", Date.UTC(2025, 11, 31, 12, 5, 9)],
    ["2025-12-31 14:05", new Date(2025, 11, 31, 14, 5).getTime()],
    ["2025-12-31", new Date(2025, 11, 31).getTime()],
    ["31.12.2025 14:05", new Date(2025, 11, 31, 14, 5).getTime()],
    ["1.2.2025", new Date(2025, 1, 1).getTime()],
    ["1767189909", 1_767_189_909_000],
    ["1767189909123", 1_767_189_909_123],
  ])("%s is one", (text, at) => {
    expect(readTime(text, undefined)).toBe(at);
  });

  test.each(["", "yesterday", "31.02.2025", "2025-13-01", "2025-12-31 24:01", "1/2/2025", "12", "31.12.25"])(
    "%j is none, or could be two",
    (text) => {
      expect(readTime(text, undefined)).toBeNull();
    },
  );

  test("slashes are read in the order that is told, with halves of the day", () => {
    expect(readTime("1/2/2025", "dmy")).toBe(new Date(2025, 1, 1).getTime());
    expect(readTime("1/2/2025 12:30 AM", "mdy")).toBe(new Date(2025, 0, 2, 0, 30).getTime());
    expect(readTime("1/2/2025 1:30 pm", "mdy")).toBe(new Date(2025, 0, 2, 13, 30).getTime());
    expect(readTime("13/2/2025", "mdy")).toBeNull();
  });
});
