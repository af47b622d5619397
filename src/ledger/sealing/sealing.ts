import { ConfigError, LeadkeepError } from "../../model/errors.ts";
import type { LeadId } from "../../model/id.ts";
import type { MasterKeys } from "./master-keys.ts";

/** How far the change to another master key, or to sealed leads, has got. `next`: where it goes on; null when it is done. */
export type Progress<Place> = { done: number; next: Place | null };

/** What can be asked of, and done to, the keys of a ledger's leads. Each step is a transaction of its own. */
export type Sealing = {
  /** Ids of the master keys that wrap data keys; empty when the ledger seals nothing. */
  masters(): Promise<string[]>;
  /** How many keys and leads there are, for telling how far a walk through them is. */
  counts(): Promise<{ keys: number; leads: number }>;
  /** Wraps keys anew that another master key has wrapped. `after`: null to begin. */
  rewrap(after: string | null): Promise<Progress<string>>;
  /** Forgets master keys that wrap nothing any more, after all of `rewrap`. Resolves to the ids of those still needed. */
  forgetMasters(): Promise<string[]>;
  /** Seals leads, and notes on them, that were kept in clear. */
  sealOld(after: LeadId | null): Promise<Progress<LeadId>>;
  /** Whether the oldest lead that says anything of a person is in clear: those are the last ones before leads were sealed. */
  holdsClear(): Promise<boolean>;
};

/** Among so many newest leads a sealed one is looked for: before them everything was sealed, or nothing was. */
export const newestLeads = 1_000;

/** What a ledger and its keys say of each other when they are opened. */
export type SealingState = {
  /** By which keys the ledger is sealed; null: by none. */
  wanted: string | null;
  /** Which keys are there; null: none. */
  found: string | null;
  /** Ids of master keys that wrap data keys. */
  masters: readonly string[];
  /** Whether the key of the newest sealed lead is on record, destroyed or not. Keys come before leads: if it is, all are. */
  holdsNewest: boolean;
};

/**
 * Whether a ledger may be opened with these master keys. Where they are not the right ones it is not opened at all, so that nothing is
 * written in clear, or sealed by keys that do not belong to it. `place`: of the keys, for messages.
 * @throws {ConfigError} when master keys are missing, {LeadkeepError} `keys_missing` when data keys are
 */
export function checkSealing(
  { wanted, found, masters, holdsNewest }: SealingState,
  keys: MasterKeys | null,
  place: string,
) {
  if (wanted === null && keys === null) return;
  if (keys === null) {
    const message =
      "is not set, and this ledger holds sealed leads: nothing is opened, and nothing is written in clear.";
    throw new ConfigError([
      { path: "LEADKEEP_ENCRYPTION_KEY", message, cure: "Set it to the key they were sealed under." },
    ]);
  }
  if (wanted !== null && found !== wanted) {
    const what = found === null ? "are gone" : "belong to another ledger";
    throw new LeadkeepError("keys_missing", `The keys of this ledger's leads at ${place} ${what}. ${cure}`);
  }
  const unknown = masters.filter((id) => !keys.all.has(id));
  if (unknown.length > 0) {
    const message = `and LEADKEEP_OLD_ENCRYPTION_KEYS lack the key ${unknown.join(", ")}; the one in use is ${keys.current.id}.`;
    const put = "Put the key that was used before into LEADKEEP_OLD_ENCRYPTION_KEYS.";
    throw new ConfigError([{ path: "LEADKEEP_ENCRYPTION_KEY", message, cure: put }]);
  }
  if (!holdsNewest) {
    throw new LeadkeepError("keys_missing", `The keys at ${place} are older than the leads they are to open. ${cure}`);
  }
}

const cure = "Put the keys back that were there when the newest lead was kept: docs/encryption.md.";

/** For a ledger opened without master keys. */
export const noSealing: Sealing = {
  masters: async () => [],
  counts: async () => ({ keys: 0, leads: 0 }),
  rewrap: async () => ({ done: 0, next: null }),
  forgetMasters: async () => [],
  sealOld: async () => ({ done: 0, next: null }),
  holdsClear: async () => false,
};
