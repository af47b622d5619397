import * as z from "zod";
import { type Delivered, type DestinationSpec, defineDestination, type Presence } from "../../src/model/destination.ts";
import type { LeadId } from "../../src/model/id.ts";

/** A CRM in memory that can be asked what it has, and in which people delete and merge. */
export type TestCrm = {
  spec: DestinationSpec;
  /** What is there: the lead of each record, by the record's id. */
  records: Map<string, LeadId>;
  /** Records that were merged into others. */
  merged: Map<string, string>;
  /** How many records were made in all. */
  made: number;
  /** Leads about which it says nothing. */
  mute: Set<LeadId>;
  /** Set: it answers nothing at all. `waitMs`: how long it asks to wait. */
  down: { waitMs?: number } | null;
  /** How many deliveries were asked for, call by call. */
  asked: number[];
  /** Called at the beginning of each call. */
  onAsk(deliveries: readonly Delivered[]): void | Promise<void>;
};

const troubled = { code: "server_error", message: "answered 503", status: 503 };

export function aCrm({ readBackSize = 10, kind = "test-crm" }: { readBackSize?: number; kind?: string } = {}): TestCrm {
  const crm: Omit<TestCrm, "spec"> = {
    records: new Map(),
    merged: new Map(),
    made: 0,
    mute: new Set(),
    down: null,
    asked: [],
    onAsk() {},
  };
  const recordOf = (lead: LeadId) => [...crm.records].find(([, one]) => one === lead)?.[0];
  const define = defineDestination({
    kind,
    label: "Test CRM",
    options: z.strictObject({}),
    basis: "legitimate-interest",
    readBackSize,
    async deliver({ id }) {
      crm.made += 1;
      const ref = `record-${crm.made}`;
      crm.records.set(ref, id);
      return { type: "delivered", ref };
    },
    async find({ id }) {
      const ref = recordOf(id);
      return ref === undefined ? { type: "missing" } : { type: "found", ref };
    },
    async readBack(deliveries) {
      crm.asked.push(deliveries.length);
      await crm.onAsk(deliveries);
      return new Map(deliveries.map((one) => [one.deliveryId, presenceOf(one)]));
    },
  });

  function presenceOf({ leadId, ref }: Delivered): Presence {
    if (crm.down) return { type: "unknown", reason: troubled, ...crm.down };
    if (crm.mute.has(leadId)) return { type: "unknown", reason: troubled };
    const into = crm.merged.get(ref ?? "");
    if (into !== undefined) return { type: "seen", as: into };
    return crm.records.get(ref ?? "") === leadId ? { type: "seen" } : { type: "missing" };
  }

  return Object.assign(crm, { spec: define({}) });
}
