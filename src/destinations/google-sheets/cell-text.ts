/** A cell's value as text; "" for what is no value a cell can have, whatever it calls itself. */
export function cellText(value: unknown): string {
  return typeof value === "object" || value === undefined ? "" : String(value);
}
