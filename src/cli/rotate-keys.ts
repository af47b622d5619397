import { loadConfig } from "../config/load-config.ts";
import { openLedger } from "../gateway.ts";
import type { Progress } from "../ledger/sealing/sealing.ts";
import { ConfigError } from "../model/errors.ts";
import { counted, jsonText, print, printAside } from "./output.ts";
import { createProgressLine } from "./progress-line.ts";

/**
 * `leadkeep rotate-keys`: wraps the keys of all leads by the master key in use, and with `sealOld` seals leads that were kept in clear.
 * Broken off, it is run again; a gateway may go on working. 1 when an old master key is still needed.
 */
export async function rotateKeys({ sealOld, json }: { sealOld: boolean; json: boolean }): Promise<number> {
  const options = await loadConfig(process.cwd(), process.env);
  if (options.masterKeys === null) throw new ConfigError([noKey]);
  const ledger = await openLedger(options);
  const progress = createProgressLine(process.stderr);
  try {
    const { sealing } = ledger;
    const of = await sealing.counts();
    const rewrapped = await walk(sealing.rewrap, (done) => progress.show("wrapping keys anew", part(done, of.keys)));
    const sealed = sealOld
      ? await walk(sealing.sealOld, (done) => progress.show("sealing leads", part(done, of.leads)))
      : null;
    // What was in clear, and keys as they were wrapped before, is not to be found in the files any more.
    const clean = await ledger.scrub();
    const needed = (await sealing.forgetMasters()).filter((id) => id !== options.masterKeys?.current.id);
    progress.end();
    const holdsClear = await sealing.holdsClear();
    if (json) print(jsonText({ keys: rewrapped, leads: sealed, old_keys_needed: needed, clear: holdsClear, clean }, 2));
    else tell({ rewrapped, sealed, needed, holdsClear, clean });
    return needed.length > 0 ? 1 : 0;
  } finally {
    progress.end();
    await ledger.close();
  }
}

const noKey = {
  path: "LEADKEEP_ENCRYPTION_KEY",
  message: "is not set: by what are leads to be sealed?",
  cure: "Set it to what this prints: openssl rand -base64 32",
};

async function walk<Place>(
  step: (after: Place | null) => Promise<Progress<Place>>,
  tell: (done: number) => void,
): Promise<number> {
  let done = 0;
  for (let after: Place | null = null; ; ) {
    const { done: more, next }: Progress<Place> = await step(after);
    if (next === null) return done;
    done += more;
    after = next;
    tell(done);
  }
}

function part(done: number, of: number): number {
  return of === 0 ? 1 : Math.min(1, done / of);
}

function tell(came: {
  rewrapped: number;
  sealed: number | null;
  needed: readonly string[];
  holdsClear: boolean;
  clean: boolean;
}): void {
  print(`${counted(came.rewrapped, "key is", "keys are")} wrapped by LEADKEEP_ENCRYPTION_KEY.`);
  if (came.sealed !== null)
    print(`${counted(came.sealed, "lead was", "leads were")} looked at, and those in clear are sealed.`);
  if (came.needed.length > 0) {
    printAside(
      `Still needed in LEADKEEP_OLD_ENCRYPTION_KEYS: ${came.needed.join(", ")}. A gateway with the old key goes on making keys: restart it, and run this again.`,
    );
  } else {
    print(
      "LEADKEEP_OLD_ENCRYPTION_KEYS can be emptied. Destroy an old key, and what it wrapped in old backups of keys is shut.",
    );
  }
  if (came.holdsClear) printAside("Leads from before are in clear. To seal them: leadkeep rotate-keys --seal-old");
  if (!came.clean)
    printAside("Traces could not be taken out of the files now: another process was in the way. Run this again.");
}
