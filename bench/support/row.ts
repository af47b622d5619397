import type { Figure } from "./statistics.ts";

/** One line of the table: ours against a baseline of the same run, and what is to be reached. */
export type Row = {
  name: string;
  unit: string;
  ours: Figure;
  baseline: { name: string; figure: Figure } | null;
  /** Ours over the baseline, round by round; null for rows without one. */
  ratio: Figure | null;
  /** Null for what is only to be known. */
  target: { atLeast: number } | { atMost: number } | null;
  /** What else was seen, printed below the table. @default nothing */
  note?: string;
  /** Its place where many rows are shown as a grid: what was measured, and at which size. @default it has a line of its own */
  cell?: { of: string; at: string };
};

/** What decides whether a row is reached: the ratio's median, or our own where there is no baseline. */
export function decidingValue({ ours, ratio }: Row): number {
  return (ratio ?? ours).median;
}

/** Null when there is nothing to reach. */
export function isReached(row: Row): boolean | null {
  const { target } = row;
  if (!target) return null;
  const value = decidingValue(row);
  return "atLeast" in target ? value >= target.atLeast : value <= target.atMost;
}

/** What is shown of a row, in the table of a terminal as in the document's. */
export function cellsOf(row: Row): string[] {
  const { name, unit, ours, baseline, ratio, target } = row;
  const reached = isReached(row);
  return [
    name,
    measured(ours, unit),
    baseline ? `${measured(baseline.figure, unit)} (${baseline.name})` : "–",
    ratio ? spread(ratio) : "–",
    target ? goalOf(target) : "–",
    reached === null ? "" : reached ? "reached" : "NOT YET",
  ];
}

export function goalOf(target: NonNullable<Row["target"]>): string {
  return "atLeast" in target ? `≥ ${shortest(target.atLeast)}` : `≤ ${shortest(target.atMost)}`;
}

export function measured({ median }: Figure, unit: string): string {
  return `${number(median)} ${unit}`;
}

/** The median, and the rounds farthest from it; one round has no spread. */
export function spread({ median, min, max, rounds }: Figure): string {
  return rounds?.length === 1 ? times(median) : `${times(median)} (${times(min)}–${times(max)})`;
}

/** Small ratios keep two digits that say something. */
export function times(ratio: number): string {
  return ratio > 0 && ratio < 0.1 ? ratio.toPrecision(2) : ratio.toFixed(2);
}

function number(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en");
  return value.toFixed(Math.abs(value) < 1 ? 2 : 1).replace(/\.0+$/, "");
}

function shortest(value: number): string {
  return value < 0.1 && value > 0 ? `1/${Math.round(1 / value)}` : value >= 100 ? number(value) : String(value);
}
