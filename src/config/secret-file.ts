import { randomBytes } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LeadkeepError } from "../model/errors.ts";

/**
 * The secret kept in the data folder, made on first use and readable by this user only. Two processes that start at once
 * end with the same one: it is written whole under another name, and only the first gets to give it its own.
 */
export function secretOf(dataFolder: string): string {
  const file = join(dataFolder, "secret");
  const draft = `${file}.${process.pid}.${randomBytes(4).toString("hex")}`;
  try {
    mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
    if (!existsSync(file)) {
      writeFileSync(draft, `${randomBytes(32).toString("base64url")}\n`, { flag: "wx", mode: 0o600, flush: true });
      linkSync(draft, file);
    }
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw unusable(file, error);
  } finally {
    rmSync(draft, { force: true });
  }
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    throw unusable(file, error);
  }
}

function unusable(file: string, cause: unknown): LeadkeepError {
  const code = cause instanceof Error && "code" in cause ? ` (${String(cause.code)})` : "";
  const message = `The secret at ${file} cannot be made or read${code}. Make its folder writable by this user, set LEADKEEP_DATA, or set LEADKEEP_SECRET.`;
  return new LeadkeepError("secret_unusable", message, { cause });
}
