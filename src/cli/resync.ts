import { resyncOf } from "../completeness.ts";
import type { Lacking, Ledger } from "../ledger/ledger.ts";
import { jsonText, plain, print, printAside } from "./output.ts";
import { createProgressLine } from "./progress-line.ts";
import { commandActor, withLedger } from "./with-ledger.ts";

export type ResyncOptions = {
  form?: string;
  since?: number;
  until?: number;
  state?: Lacking;
  dryRun: boolean;
  json: boolean;
};

/**
 * `leadkeep resync <destination>`: gives a destination the leads it lacks, or those of one state only. Consent is asked for as ever.
 * They are counted before any is given; with `dryRun` only counted. Broken off, the same command gives the rest. 1 when there is no
 * such destination.
 */
export function resync(id: string, { dryRun, json, ...which }: ResyncOptions): Promise<number> {
  return withLedger(async (ledger, options) => {
    const destination = options.destinations.find((one) => one.id === id);
    if (!destination) {
      const known = options.destinations.map((one) => one.id).join(", ") || "none";
      printAside(`There is no destination ${plain(id)}. Configured: ${known}.`);
      return 1;
    }
    const request = { ...resyncOf(options, destination, Date.now()), actor: commandActor, ...which };
    const line = createProgressLine(process.stderr);
    const lacking = await ledger.resync({
      ...request,
      dryRun: true,
      progress: (looked) => show(`${looked} leads looked at`),
    });
    const count = dryRun ? lacking : await ledger.resync({ ...request, dryRun: false, progress: given });
    line.end();
    if (json) print(jsonText({ destination: id, count, dry_run: dryRun }, 2));
    else print(dryRun ? `${leads(count)} would be sent to ${id}.` : await told(count, id, ledger));
    return 0;

    function given(_: number, so: number): void {
      show(`${so} of ${leads(lacking)}`, lacking === 0 ? 1 : so / lacking);
    }
    /** Only to somebody who watches: a log needs no count of counts. */
    function show(text: string, part?: number): void {
      if (process.stderr.isTTY) line.show(text, part);
    }
  });
}

async function told(count: number, id: string, ledger: Ledger): Promise<string> {
  const pause = (await ledger.pauses()).find(({ destination }) => destination === id);
  const then = pause ? `; it is paused (${plain(pause.reason.message)}), so they wait: leadkeep resume ${id}` : "";
  return `${leads(count)} ${count === 1 ? "is" : "are"} on the way to ${id}${then}.`;
}

function leads(count: number): string {
  return count === 1 ? "1 lead" : `${count} leads`;
}
