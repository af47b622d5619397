/** Where events for operators go; pino fits. Fields are free of secrets and personal data. */
export type Log = {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
};

/** Says nothing. */
export const silentLog: Log = { info() {}, warn() {}, error() {} };

/** An error for the log: its name, code and place, without its message, which may quote what a person typed. */
export function traceOf(error: unknown): { name: string; code?: string; at: string[] } {
  if (!(error instanceof Error)) return { name: typeof error, at: [] };
  const at = placesIn(error)
    .split("\n")
    .filter((line) => line.startsWith("    at "))
    .map((line) => line.trim());
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  return { name: error.name, ...(code === undefined ? {} : { code }), at };
}

/** The stack without the message before it, whose lines may look like places; nothing when it is not known where that ends. */
function placesIn({ stack = "", message }: Error): string {
  const begin = stack.indexOf(message);
  const isHeading = begin >= 0 && !stack.slice(0, begin).includes("\n");
  return isHeading ? stack.slice(begin + message.length) : "";
}
