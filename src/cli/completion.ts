import type { Command } from "commander";
import type { Options } from "../config/config.ts";
import { loadConfig } from "../config/load-config.ts";
import { candidatesFor } from "./completion/candidates.ts";
import { type Shell, scripts } from "./completion/scripts.ts";
import { plain, print } from "./output.ts";

/** `leadkeep completion <shell>`: prints what the shell has to read. */
export function completion(shell: Shell): void {
  print(scripts[shell].trimEnd());
}

/** `leadkeep __complete -- <words…>`: a candidate a line, with a tab and its meaning behind. Never fails: a shell waits for it. */
export async function complete(program: Command, words: readonly string[]): Promise<void> {
  let loading: Promise<Options | null> | null = null;
  const options = () => {
    loading ??= loadConfig(process.cwd(), process.env).catch(() => null);
    return loading;
  };
  const candidates = await candidatesFor(program, words, {
    destinations: async () => (await options())?.destinations.map(({ id }) => id) ?? [],
    forms: async () => [...((await options())?.forms?.keys() ?? [])],
  });
  for (const { value, about } of candidates) print(`${value}\t${plain(about)}`);
}
