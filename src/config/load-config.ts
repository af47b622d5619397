import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ConfigError } from "../model/errors.ts";
import { checkConfig, type LeadkeepConfig, type Options } from "./config.ts";
import { type Variables, variablesWithDotenv } from "./environment.ts";

const fileNames = ["leadkeep.config.ts", "leadkeep.config.mts", "leadkeep.config.js", "leadkeep.config.mjs"];

/**
 * The checked configuration of a folder: its `leadkeep.config.*` (loaded by Node as it is, no build), its `.env`, and the
 * process's variables. @throws {ConfigError}
 */
export async function loadConfig(folder: string, variables: Variables): Promise<Options> {
  return checkConfig(await readConfigFile(folder), variablesWithDotenv(variables, folder));
}

async function readConfigFile(folder: string): Promise<LeadkeepConfig> {
  const name = fileNames.find((candidate) => existsSync(join(folder, candidate)));
  if (!name) return {};
  let loaded: { default?: unknown };
  try {
    loaded = await import(pathToFileURL(join(folder, name)).href);
  } catch (cause) {
    const message = `cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}`;
    throw new ConfigError([{ path: name, message, cure: "Mend the file; Node runs it as it stands." }]);
  }
  if (typeof loaded.default === "object" && loaded.default !== null) return loaded.default;
  throw new ConfigError([
    { path: name, message: "has no default export.", cure: "Write: export default defineConfig({ … })." },
  ]);
}
