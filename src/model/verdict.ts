/** How a lead stands at a destination, as far as could be told. */
export const verdicts = [
  /** Delivered, and seen there. */
  "seen",
  /** Delivered, and believed by its receipt: the destination cannot be asked. */
  "believed",
  /** Delivered a moment ago: not looked for yet, since vendors need a while to show what they took. */
  "recent",
  /** Delivered, and not there any more. */
  "missing",
  /** Delivered; whether it is there could not be told. Never counted as missing. */
  "unknown",
  /** On its way: pending, or being delivered. */
  "waiting",
  "withheld",
  "dead",
  "cancelled",
  /** Of a person who was erased. */
  "erased",
  /** Never meant for it: kept before the destination was added, or of a form whose leads go elsewhere. */
  "never",
] as const;
export type Verdict = (typeof verdicts)[number];

/** Verdicts that somebody has to see to; a lead without any of them is accounted for. */
export const openVerdicts: ReadonlySet<Verdict> = new Set(["missing", "unknown", "dead"]);

/** How many leads stand so at a destination. `code`: of the reason, where there is one. */
export type VerdictTally = { destination: string; verdict: Verdict; code: string | null; count: number };
