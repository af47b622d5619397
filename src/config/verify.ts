import type { ConfigProblem } from "../model/errors.ts";

/** When everything is read back each night, as written in a config file: on this machine's clock, or not at all. */
export type VerifyConfig = false | { at?: string };

/** A time of day on this machine's clock. */
export type TimeOfDay = { hour: number; minute: number };

const byDefault: TimeOfDay = { hour: 3, minute: 0 };
const written = /^([01]?\d|2[0-3]):([0-5]\d)$/;

/** A time such as `03:00`; null for `never`. @throws {RangeError} when it is neither */
export function parseVerifyAt(text: string): TimeOfDay | null {
  const plain = text.trim().toLowerCase();
  if (plain === "never") return null;
  const [, hour, minute] = written.exec(plain) ?? [];
  if (hour === undefined || minute === undefined) throw new RangeError(`"${text}" is not a time of day such as 03:00.`);
  return { hour: Number(hour), minute: Number(minute) };
}

/** When to verify; the config file goes before the variable, and three at night before nothing. Null: never. */
export function verifyTime(
  config: VerifyConfig | undefined,
  variable: TimeOfDay | null | undefined,
  problems: ConfigProblem[],
): TimeOfDay | null {
  const otherwise = variable === undefined ? byDefault : variable;
  if (config === false) return null;
  if (config?.at === undefined) return otherwise;
  try {
    return parseVerifyAt(String(config.at));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    problems.push({ path: "verify.at", message: error.message, cure: 'Write "03:00", or verify: false.' });
    return otherwise;
  }
}
