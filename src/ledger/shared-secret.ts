import { ConfigError } from "../model/errors.ts";
import type { Together } from "./together.ts";

/**
 * Sees to it that all machines of a ledger go by one secret: with another, a machine would not know the people that others have on
 * record, nor the links they sent. `fingerprints`: of the secret in use and of older ones, that one first.
 * @throws {ConfigError} when another machine's secret is none of these
 */
export async function agreeOnSecret(together: Together, fingerprints: readonly [string, ...string[]]): Promise<void> {
  const [mine] = fingerprints;
  const agreed = await together.change("secret", "gateway", (note) => {
    if (note === null || (note.fingerprint !== mine && fingerprints.includes(note.fingerprint))) {
      return { note: { fingerprint: mine }, answer: true };
    }
    return { answer: note.fingerprint === mine };
  });
  if (agreed) return;
  const message = "is not the secret under which people are on record in this database.";
  const cure =
    "Set it to the same on every machine; a machine where it was never set has it in the file secret of its data folder. To change it, keep the one used before in LEADKEEP_OLD_SECRETS.";
  throw new ConfigError([{ path: "LEADKEEP_SECRET", message, cure }]);
}
