import type { Options } from "../config/config.ts";
import type { Destination } from "../model/destination.ts";
import { plain, printAside } from "./output.ts";

/** The destination of that id; null, once that was said, when none is configured by it. */
export function destinationNamed(id: string, { destinations }: Pick<Options, "destinations">): Destination | null {
  const found = destinations.find((one) => one.id === id);
  if (found) return found;
  const known = destinations.map((one) => one.id).join(", ") || "none";
  printAside(`There is no destination ${plain(id)}. Configured: ${known}.`);
  return null;
}
