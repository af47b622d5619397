import type { Argument, Command, Option } from "commander";

/** A word a shell may offer, and what it means. */
export type Candidate = { value: string; about: string };

/** Names that stand in the configuration. Read only when a word of their sort is asked for. */
export type KnownNames = { destinations(): Promise<readonly string[]>; forms(): Promise<readonly string[]> };

/**
 * What may follow on a command line of which these are the words behind `leadkeep`, the last one as far as it is typed. Nothing
 * where only the person can know, or a file is meant.
 */
export async function candidatesFor(
  program: Command,
  words: readonly string[],
  names: KnownNames,
): Promise<Candidate[]> {
  // Bash makes words of their own of the = in --option=value.
  const typed = words.filter((word, i) => !(word === "=" && words[i - 1]?.startsWith("--")));
  const before = typed.slice(0, -1);
  const current = typed.at(-1) === "=" ? "" : (typed.at(-1) ?? "");
  const { command, used, given, pending } = walk(program, before);
  const begun = (all: readonly Candidate[]) => all.filter(({ value }) => value.startsWith(current));
  if (pending) return begun(await valuesOf(pending, names));
  const [, name, part] = /^(--[a-z-]+)=(.*)$/s.exec(current) ?? [];
  if (name !== undefined && part !== undefined) {
    const option = command.options.find(({ long }) => long === name);
    const values = option ? await valuesOf(option, names) : [];
    return begun(values.map((one) => ({ ...one, value: `${name}=${one.value}` })));
  }
  if (current.startsWith("-")) return begun(optionsOf(command, used));
  const argument = command.registeredArguments[given] ?? command.registeredArguments.findLast((one) => one.variadic);
  return begun([...subcommandsOf(command), ...(argument ? await valuesOf(argument, names) : [])]);
}

/** Where the words before the current one have led. `pending`: an option that waits for its value. */
function walk(program: Command, words: readonly string[]) {
  let command = program;
  let given = 0;
  let pending: Option | null = null;
  const used = new Set<string>();
  for (const word of words) {
    if (pending) {
      pending = null;
    } else if (word.startsWith("-")) {
      const option = command.options.find((one) => one.long === word || one.short === word) ?? null;
      used.add(option?.long ?? word.split("=", 1)[0] ?? word);
      pending = option?.required ? option : null;
    } else {
      const inner = command.commands.find((one) => one.name() === word);
      if (inner && given === 0) command = inner;
      else given += 1;
    }
  }
  return { command, used, given, pending };
}

function subcommandsOf(command: Command): Candidate[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .filter((one) => one.name() !== "help")
    .map((one) => ({ value: one.name(), about: one.description() }));
}

/** Options once given are not offered again, except those that are gathered. */
function optionsOf(command: Command, used: ReadonlySet<string>): Candidate[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .flatMap(({ long, description, parseArg, argChoices }) => {
      const isGathered = /once for each/.test(description) && (parseArg ?? argChoices) !== undefined;
      return long && (isGathered || !used.has(long)) ? [{ value: long, about: description }] : [];
    });
}

/** By choices, and for what is named in the configuration by the name of the value. */
async function valuesOf(place: Option | Argument, { destinations, forms }: KnownNames): Promise<Candidate[]> {
  if (place.argChoices) return place.argChoices.map((value) => ({ value, about: "" }));
  const name = "long" in place ? place.long : place.name();
  const known = name === "--destination" || name === "destination" ? destinations : name === "--form" ? forms : null;
  return ((await known?.()) ?? []).map((value) => ({ value, about: "" }));
}
