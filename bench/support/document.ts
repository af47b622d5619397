import { readFileSync, writeFileSync } from "node:fs";
import { chartOf } from "./chart.ts";
import type { Part, Results } from "./results.ts";
import { cellsOf, goalOf, measured, type Row, spread } from "./row.ts";

const page = new URL("../../docs/performance.md", import.meta.url);
const chart = new URL("../../docs/performance.svg", import.meta.url);
const begin = "<!-- figures: written by `npm run bench`, do not edit by hand -->";
const end = "<!-- end of figures -->";

/** Draws the chart, and puts the tables between the two marks of docs/performance.md. @throws when the marks are not there */
export function draw(results: Results, order: readonly string[]): void {
  const parts = order.flatMap((name) => results.parts.find((part) => part.name === name) ?? []);
  const text = readFileSync(page, "utf8");
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from)
    throw new Error(`docs/performance.md has no place for figures between ${begin} and ${end}`);
  writeFileSync(chart, chartOf(parts));
  writeFileSync(page, text.slice(0, from + begin.length) + figures({ ...results, parts }) + text.slice(to));
}

function figures({ machine, parts }: Results): string {
  const { model, cpus, memoryMiB, node } = machine;
  const days = parts.map(({ measuredAt }) => measuredAt.slice(0, 10)).toSorted();
  const span = days[0] === days.at(-1) ? days[0] : `${days[0]} to ${days.at(-1)}`;
  return `

![How far each row is from what is to be reached](performance.svg)

Measured on ${span}: ${model}, ${cpus} cores, ${Math.round(memoryMiB / 1_024)} GiB, Node ${node.slice(1)}.

${parts.map(partText).join("\n\n")}

`;
}

function partText({ name, seconds, rows }: Part): string {
  const alone = rows.filter(({ cell }) => !cell);
  const texts = [alone.length > 0 ? tableOf(alone) : "", gridOf(rows), notesOf(alone)].filter((text) => text !== "");
  return `\`npm run bench -- ${name}\` (${Math.round(seconds)} s)\n\n${texts.join("\n\n")}`;
}

function tableOf(rows: readonly Row[]): string {
  return markdown([["row", "ours", "baseline", "ratio (rounds)", "to reach", ""], ...rows.map(cellsOf)]);
}

/** Rows that are told apart by what and at which size: in each cell the figure, and its ratio to the baseline. */
function gridOf(rows: readonly Row[]): string {
  const cells = rows.flatMap((row) => (row.cell ? [{ ...row.cell, row }] : []));
  const [first] = cells;
  if (!first) return "";
  const columns = [...new Set(cells.map(({ at }) => at))];
  const lines = [...new Set(cells.map(({ of }) => of))].map((of) => {
    const own = cells.filter((cell) => cell.of === of);
    const texts = columns.map((at) => cellText(own.find((cell) => cell.at === at)?.row));
    return [of, ...texts, own[0]?.row.target ? goalOf(own[0].row.target) : ""];
  });
  const { baseline } = first.row;
  const bracketed = baseline ? `\n\nIn brackets: the ratio to ${baseline.name}, and how far its rounds lay apart.` : "";
  return markdown([["", ...columns, "to reach"], ...lines]) + bracketed;
}

function cellText(row: Row | undefined): string {
  if (!row) return "–";
  const figure = measured(row.ours, "").trim();
  return row.ratio ? `${figure} [${spread(row.ratio)}]` : figure;
}

function notesOf(rows: readonly Row[]): string {
  return rows.flatMap(({ name, note }) => (note ? [`- ${name}: ${note}.`] : [])).join("\n");
}

function markdown([head = [], ...lines]: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [row(head), `|${head.map(() => "---").join("|")}|`, ...lines.map(row)].join("\n");
}
