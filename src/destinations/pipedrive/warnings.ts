import type { Options } from "./options.ts";
import { ownFields, type Placing } from "./placing.ts";
import type { Progress } from "./progress.ts";

/** What a person is told of values that did not come to their place, naming fields and never values. */
export function warningsOf({ unplaced, cut }: Placing, progress: Progress, { note }: Pick<Options, "note">): string[] {
  const kept = note ? "in the note" : "kept in Leadkeep only";
  const missing = unplaced.filter(({ problem }) => problem === "missing").map(({ name }) => name);
  const ours = missing.filter((name) => name in ownFields);
  const theirs = missing.filter((name) => !(name in ownFields));
  return [
    ...(ours.length > 0
      ? [`Pipedrive has no field ${quoted(ours)}: run "leadkeep setup pipedrive"; until then values are ${kept}`]
      : []),
    ...(theirs.length > 0 ? [`Pipedrive has no field ${quoted(theirs)}; the value is ${kept}`] : []),
    ...unplaced
      .filter(({ problem }) => problem !== "missing")
      .map(({ name, problem }) => `the value for ${quoted([name])} ${problem}; it is ${kept}`),
    ...(cut.length > 0 ? [`the value for ${quoted(cut)} was cut to what the field holds; it is whole ${kept}`] : []),
    ...(progress.refused.length > 0 ? [`Pipedrive refused ${quoted(progress.refused)}; the value is ${kept}`] : []),
    ...progress.warnings,
  ];
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}
