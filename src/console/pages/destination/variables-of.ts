import type { DestinationSummary, SetupInfo } from "../../api/types.ts";

type Named = Pick<DestinationSummary, "id" | "kind">;

/**
 * The set variables a destination is made from, as far as names tell: those that begin with a word of its kind or id; else those
 * that have one and do not begin with another destination's. None, rather than a wrong one, when the names do not tell.
 */
export function variablesOf(own: Named, variables: SetupInfo["variables"], others: readonly Named[]): string[] {
  const set = variables.filter((one) => one.set).map(({ name }) => name);
  const words = wordsOf(own);
  const beginning = set.filter((name) => words.has(partsOf(name)[0] ?? ""));
  if (beginning.length > 0) return beginning;
  const foreign = new Set(others.filter(({ id }) => id !== own.id).flatMap((one) => [...wordsOf(one)]));
  return set.filter((name) => partsOf(name).some((part) => words.has(part)) && !foreign.has(partsOf(name)[0] ?? ""));
}

function wordsOf({ id, kind }: Named): Set<string> {
  return new Set([...kind.split("-"), ...id.split("-")].map((word) => word.toUpperCase()));
}

function partsOf(name: string): string[] {
  return name.split("_");
}
