/** How far a run is, told on stderr so that stdout stays the table. */

type Plan = { name: string; seconds: number };

let plan: Plan[] = [];
let begun = 0;
let begunAt = performance.now();

/** `parts`: what is going to be measured, and how long each took the last time, or is expected to take. */
export function planProgress(parts: readonly Plan[]): void {
  plan = [...parts];
}

/** The next part begins. */
export function beginPart(name: string): void {
  begun = plan.findIndex((part) => part.name === name);
  begunAt = performance.now();
  tell("begins");
}

/** Tells what the part under way does now, such as "64 connections, round 2 of 5". */
export function tell(what: string): void {
  const { name = "", seconds = 0 } = plan[begun] ?? {};
  const later = plan.slice(begun + 1).reduce((sum, part) => sum + part.seconds, 0);
  const left = Math.max(0, seconds - (performance.now() - begunAt) / 1_000) + later;
  process.stderr.write(
    `${name}: ${what} · about ${left < 90 ? `${Math.ceil(left)} s` : `${Math.ceil(left / 60)} min`} left\n`,
  );
}

/** Tells of a round, counted from 0. */
export function tellRound(what: string, round: number, rounds: number): void {
  tell(`${what}, round ${round + 1} of ${rounds}`);
}
