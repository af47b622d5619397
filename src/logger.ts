import { pino } from "pino";
import type { Log } from "./model/log.ts";

/** Field names whose values never reach the log, wherever they stand: what a person typed, and what opens a door. */
const confidential = [
  "email",
  "phone",
  "name",
  "message",
  "form_data",
  "formData",
  "authorization",
  "cookie",
  "password",
  "secret",
  "token",
  "url",
  "address",
];

/** The operator's log: one JSON object a line on stdout. */
export function createLogger(level: string): Log {
  const paths = confidential.flatMap((field) => [field, `*.${field}`]).filter((path) => !allowed.has(path));
  return pino({ level, base: null, redact: { paths, censor: "[redacted]" } });
}

/** Our own sentences: reasons have a message and traces a name, both free of secrets and personal data. */
const allowed = new Set(["*.message", "*.name"]);
