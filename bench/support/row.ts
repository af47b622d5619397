import type { Figure } from "./statistics.ts";

/** One line of the table: ours against a baseline of the same run, and what is to be reached. */
export type Row = {
  name: string;
  unit: string;
  ours: Figure;
  baseline: { name: string; figure: Figure } | null;
  /** Ours over the baseline, round by round; null for rows without one. */
  ratio: Figure | null;
  target: { atLeast: number } | { atMost: number };
  /** What else was seen, printed below the table. @default nothing */
  note?: string;
};

/** What decides whether a row is reached: the ratio's median, or our own where there is no baseline. */
export function isReached({ ours, ratio, target }: Row): boolean {
  const value = (ratio ?? ours).median;
  return "atLeast" in target ? value >= target.atLeast : value <= target.atMost;
}

export function rowLine(row: Row): string[] {
  const { name, unit, ours, baseline, ratio, target } = row;
  const goal = "atLeast" in target ? `≥ ${target.atLeast}` : `≤ ${target.atMost}`;
  return [
    name,
    `${show(ours.median)} ${unit}`,
    baseline ? `${show(baseline.figure.median)} ${unit} (${baseline.name})` : "–",
    ratio ? `${ratio.median.toFixed(2)} (${ratio.min.toFixed(2)}–${ratio.max.toFixed(2)})` : "–",
    goal,
    isReached(row) ? "reached" : "NOT YET",
  ];
}

function show(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(1);
}
