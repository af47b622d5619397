import { randomBytes } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { LeadkeepError } from "../model/errors.ts";

/** The secret in use, and older ones that are still accepted for tombstones and links. The first is the one in use. */
export type Secrets = readonly [string, ...string[]];

/** The secrets of a configuration; the one in use is kept in the data folder when none is set. @throws {LeadkeepError} */
export function secretsOf(options: {
  secret: string | null;
  oldSecrets: readonly string[];
  dataFolder: string;
}): Secrets {
  return [options.secret ?? secretOf(options.dataFolder), ...options.oldSecrets];
}

/** The secret kept in the data folder, made on first use and readable by this user only. @throws {LeadkeepError} */
export function secretOf(dataFolder: string): string {
  const file = join(dataFolder, "secret");
  try {
    return madeOnce(file);
  } catch (error) {
    throw unusable(file, error);
  }
}

/**
 * A random text that a file keeps, made on first use and readable by this user only. Two processes that start at once end with
 * the same one: it is written whole under another name, and only the first gets to give it its own.
 */
export function madeOnce(file: string): string {
  const draft = `${file}.${process.pid}.${randomBytes(4).toString("hex")}`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    if (!existsSync(file)) {
      writeFileSync(draft, `${randomBytes(32).toString("base64url")}\n`, { flag: "wx", mode: 0o600, flush: true });
      linkSync(draft, file);
    }
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return readFileSync(file, "utf8").trim();
}

function unusable(file: string, cause: unknown): LeadkeepError {
  const code = cause instanceof Error && "code" in cause ? ` (${String(cause.code)})` : "";
  const message = `The secret at ${file} cannot be made or read${code}. Make its folder writable by this user, set LEADKEEP_DATA, or set LEADKEEP_SECRET.`;
  return new LeadkeepError("secret_unusable", message, { cause });
}
