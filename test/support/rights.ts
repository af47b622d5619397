import { join } from "node:path";
import { onTestFinished } from "vitest";
import { createKeyedHash } from "../../src/intake/keyed-hash.ts";
import type { Actor, Entry, Ledger } from "../../src/ledger/ledger.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import type { Outcome } from "../../src/model/outcome.ts";
import { createRights, type Rights, type RightsOptions } from "../../src/privacy/rights.ts";
import type { Identifier, Subject } from "../../src/privacy/subject.ts";
import { aMoment, anEntry } from "./a-lead.ts";
import { aFolder } from "./sqlite-file.ts";

export const anActor: Actor = { type: "command", name: "leadkeep" };

/** A ledger of its own, closed when the test is over. */
export function aLedger(path = join(aFolder(), "ledger.db")): Ledger {
  const ledger = openSqliteLedger({ path });
  onTestFinished(() => ledger.close());
  return ledger;
}

/** A destination as rights see it: one that can erase unless told otherwise. */
export function aRecipient(overrides: Partial<RightsOptions["destinations"][number]> = {}) {
  return {
    id: "crm",
    kind: "webhook",
    label: "Webhook",
    role: "processor" as const,
    need: { purpose: "enquiry", basis: "consent" as const },
    erase: async (): Promise<Outcome> => ({ type: "delivered" }),
    byHand: null,
    ...overrides,
  };
}

/** Rights on a ledger, at a moment, under a secret. */
export function theRights(
  ledger: Ledger,
  options: Partial<RightsOptions> & { secrets?: [string, ...string[]] } = {},
): Rights {
  const { secrets = ["a secret of the test"], ...rest } = options;
  return createRights({
    ledger,
    destinations: [aRecipient()],
    ...createKeyedHash(secrets),
    countryOf: () => "GB",
    now: () => aMoment + 60_000,
    wait: async () => {},
    ...rest,
  });
}

/** Who an address or number stands for. @throws when it is neither */
export async function subjectOf(rights: Rights, text: string): Promise<Subject> {
  const identifier = await rights.parse(text);
  if ("problem" in identifier) throw new Error(identifier.problem);
  return rights.find(identifier satisfies Identifier);
}

/** Keeps a lead whose delivery to `crm` comes to this outcome on its first attempt. */
export async function aLeadWithOutcome(ledger: Ledger, entry: Partial<Entry>, outcome: Outcome): Promise<Entry> {
  const kept = anEntry(entry);
  await ledger.accept(kept);
  const [claim] = await ledger.claim({
    destination: "crm",
    limit: 1,
    now: aMoment,
    leaseUntil: aMoment + 60_000,
    worker: "w",
    gate: () => ({ type: "open", basis: "consent" }),
  });
  if (!claim) throw new Error("nothing was claimed");
  const { id: deliveryId, attempts: n } = claim.delivery;
  const next =
    outcome.type === "delivered"
      ? { state: "delivered" as const, ref: outcome.ref ?? null, warnings: [] }
      : { state: "dead" as const, tries: 1, reason: outcome.reason };
  await ledger.settle({ deliveryId, n, durationMs: 5, outcome, next });
  return kept;
}
