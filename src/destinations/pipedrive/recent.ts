import type * as z from "zod";
import type { Api, Stop } from "./call.ts";
import { everyPage, listed } from "./fields.ts";

/** Pipedrive's clock and ours may differ by this much. */
const clockMarginMs = 60_000;

/**
 * What was written lately, oldest first, as far as the search may not know it: its index trails behind, this list does not.
 * After a lost answer, what was written by now; else what an earlier process may have written before this one began, which
 * is read once. Nothing when that is long enough ago: what this process wrote it remembers.
 */
export async function recentlyWritten<T>(
  api: Api,
  path: string,
  item: z.ZodType<T>,
  inDoubt: boolean,
): Promise<T[] | Stop> {
  const { account, options, now } = api;
  if (inDoubt) return everyPage(api, path, since(now() - options.searchLagMs), item);
  const isNew = now() - account.since < options.searchLagMs;
  return isNew ? listed(api, path, since(account.since - options.searchLagMs), item) : [];
}

function since(ms: number): Record<string, string | number> {
  const updated_since = new Date(ms - clockMarginMs).toISOString().replace(/\.\d+/, "");
  return { updated_since, sort_by: "id", sort_direction: "asc" };
}
