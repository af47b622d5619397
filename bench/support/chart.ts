import type { Part } from "./results.ts";
import { decidingValue, goalOf, isReached, measured, type Row, times } from "./row.ts";

const width = 860;
const lineHeight = 22;
const left = 420;
const right = 160;
/** The scale: from a thirtieth of what is to be reached to thirty times that much, so that the middle is the goal. */
const farthest = 30;

/**
 * A chart of every row with something to reach: how far it is beyond (to the right) or short of it (to the left), on a logarithmic
 * scale, with the spread of its rounds. Light or dark as the reader's browser is.
 */
export function chartOf(parts: readonly Part[]): string {
  const rows = parts.flatMap((part) => part.rows).filter((row) => row.target !== null);
  const height = 64 + rows.length * lineHeight;
  const bars = rows.map((row, i) => barOf(row, 52 + i * lineHeight)).join("\n");
  const goal = xOf(1);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title" font-family="system-ui, sans-serif" font-size="12">
<title id="title">How far each measured row is from what is to be reached</title>
<style>
  .page { fill: #ffffff } .text { fill: #24292f } .quiet { fill: #57606a } .line { stroke: #8c959f } .spread { stroke: #24292f }
  .reached { fill: #2da44e } .missed { fill: #bf8700 }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117 } .text { fill: #e6edf3 } .quiet { fill: #9198a1 } .line { stroke: #6e7681 } .spread { stroke: #e6edf3 }
    .reached { fill: #3fb950 } .missed { fill: #d29922 }
  }
</style>
<rect class="page" width="${width}" height="${height}" rx="6"/>
<text class="quiet" x="${goal}" y="20" text-anchor="middle">to be reached</text>
<text class="quiet" x="${xOf(0.1)}" y="38" text-anchor="middle">a tenth</text>
<text class="quiet" x="${xOf(10)}" y="38" text-anchor="middle">ten times</text>
${bars}
<line class="line" x1="${goal}" x2="${goal}" y1="26" y2="${height - 8}"/>
</svg>
`;
}

function barOf(row: Row, y: number): string {
  const { name, target, ours, ratio } = row;
  if (!target) return "";
  const figure = ratio ?? ours;
  const end = xOf(advance(row, decidingValue(row)));
  const [from, to] = [figure.min, figure.max].map((value) => xOf(advance(row, value))).toSorted((a, b) => a - b);
  const goal = xOf(1);
  const shown = ratio ? `${times(figure.median)} ×` : measured(figure, row.unit);
  const middle = y + 13;
  return [
    `<text class="text" x="${left - 10}" y="${middle}" text-anchor="end">${escaped(shortened(name))}</text>`,
    `<rect class="${isReached(row) ? "reached" : "missed"}" x="${Math.min(goal, end)}" y="${y + 3}" width="${Math.max(1, round(Math.abs(end - goal)))}" height="13" rx="2"/>`,
    `<line class="spread" x1="${from}" x2="${to}" y1="${y + 9.5}" y2="${y + 9.5}"/>`,
    `<text class="text" x="${width - right + 8}" y="${middle}">${escaped(shown)} <tspan class="quiet">${escaped(goalOf(target))}</tspan></text>`,
  ].join("");
}

/** 1: just reached; 2: twice as good. */
function advance({ target }: Row, value: number): number {
  if (!target) return 1;
  return "atLeast" in target ? value / target.atLeast : target.atMost / value;
}

function xOf(advanced: number): number {
  const bounded = Math.min(farthest, Math.max(1 / farthest, advanced));
  return round(left + ((Math.log(bounded) / Math.log(farthest) + 1) / 2) * (width - left - right));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function shortened(name: string): string {
  return name.length > 70 ? `${name.slice(0, 69)}…` : name;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
