import type { Options } from "../../config/config.ts";
import type { CheckResult, ToolContext } from "../../model/destination.ts";
import { NetworkError } from "../../model/network-error.ts";

/** What answers at `HOST` and `PORT`: a gateway at work, one whose ledger takes no writes, another program, or nobody. */
export type Running = { url: string; state: "ready" | "unavailable" | "other" | "nobody" };

const patienceMs = 5_000;
/** Lanes take up what is due at once; longer than this nobody has. */
const longestDueMs = 5 * 60_000;

/** Asks whoever listens where this configuration would. */
export async function askGateway(
  { host, port }: Pick<Options, "host" | "port">,
  { fetch }: ToolContext,
): Promise<Running> {
  const reachable = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  const url = `http://${reachable.includes(":") ? `[${reachable}]` : reachable}:${port}`;
  if (port === 0) return { url, state: "nobody" };
  try {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(patienceMs) });
    const said = /"status"\s*:\s*"(ready|unavailable)"/.exec(await response.text())?.[1];
    return { url, state: said === "ready" || said === "unavailable" ? said : "other" };
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
    return { url, state: "nobody" };
  }
}

/**
 * Whether somebody brings leads to their destinations. `dueSince`: since when the longest due delivery that nothing holds back
 * waits; null when there is none. `worker`: this configuration delivers by itself.
 */
export function checkRunning(
  { url, state }: Running,
  { dueSince, worker, now }: { dueSince: number | null; worker: boolean; now: number },
): CheckResult {
  const what = "gateway";
  const overdue = dueSince !== null && now - dueSince > longestDueMs;
  const waiting = overdue ? `, and a delivery is due for ${Math.round((now - dueSince) / 60_000)} min` : "";
  switch (state) {
    case "ready":
      if (!overdue) return { what, result: "ok", detail: `is at work at ${url}` };
      return {
        what,
        result: "problem",
        detail: `answers at ${url}${waiting}: nobody delivers`,
        cure: worker ? "Restart it, and see its log." : "Start the process that delivers: leadkeep start",
      };
    case "unavailable":
      return {
        what,
        result: "problem",
        detail: `answers at ${url}, and its ledger takes no writes`,
        cure: "See what is said of data folder, disk space and ledger.",
      };
    case "other":
      return {
        what,
        result: "problem",
        detail: `another program answers at ${url}`,
        cure: "Stop it, or set PORT to another one.",
      };
    case "nobody": {
      const cure = "Start it: leadkeep start. In an app of your own, or on another machine, it is asked elsewhere.";
      return { what, result: overdue ? "problem" : "warning", detail: `nobody answers at ${url}${waiting}`, cure };
    }
  }
}
