import type { LeadId } from "../../model/id.ts";
import { deliveryIdOf, type FollowUpTag } from "../../model/id.ts";
import type { Ledger, Settlement } from "../ledger.ts";
import { deliveryOf } from "../rows.ts";
import { columnsOf } from "./columns.ts";
import type { Transaction } from "./database.ts";
import type { Engine } from "./engine.ts";
import type { InterestsNoted } from "./interests.ts";
import { hold, settleAll } from "./settlements.ts";

type UnderWay = {
  lead_id: LeadId;
  destination: string;
  tag: FollowUpTag | "";
  attempts: number;
  lease_until: number;
  worker: string | null;
};

/**
 * Completes attempts whose worker is gone, on whichever machine: by their lease, or where this machine knows better by
 * `isDead`. Lease and `now` are by the database's clock.
 */
export async function recover(
  tx: Transaction,
  { now, longestLeaseMs, isDead, settle }: Parameters<Ledger["recover"]>[0],
  interests: InterestsNoted,
  engine: Pick<Engine, "ended">,
): Promise<number> {
  const underWay = await tx.query<UnderWay>(
    "SELECT lead_id, destination, tag, attempts, lease_until, worker FROM deliveries WHERE state = 'claimed'",
  );
  await cutLeases(tx, underWay, now + (longestLeaseMs ?? Number.POSITIVE_INFINITY));
  const lost = underWay
    .filter(({ lease_until, worker }) => lease_until < now || (worker !== null && isDead(worker)))
    .map((row) => ({ deliveryId: deliveryIdOf(row.lead_id, row.destination, row.tag), n: row.attempts }));
  if (lost.length === 0) return 0;
  const held = await hold(tx, lost, true, true);
  const settlements = [...held.values()].map((row): Settlement => {
    const delivery = deliveryOf(row);
    const durationMs = Math.max(0, now - row.started_at);
    return { deliveryId: delivery.id, n: row.attempts, durationMs, ...settle(delivery) };
  });
  await settleAll(tx, settlements, interests, engine);
  return settlements.length;
}

/** Leases given while the clock was ahead end by then at the latest. */
async function cutLeases(tx: Transaction, underWay: readonly UnderWay[], latest: number): Promise<void> {
  const long = underWay.filter(({ lease_until }) => lease_until > latest);
  if (long.length === 0) return;
  await tx.query(
    `UPDATE deliveries SET lease_until = $1
     FROM unnest($2::text[], $3::text[], $4::text[], $5::integer[]) AS long (lead_id, destination, tag, attempts)
     WHERE deliveries.lead_id = long.lead_id AND deliveries.destination = long.destination AND deliveries.tag = long.tag
       AND deliveries.attempts = long.attempts AND state = 'claimed'`,
    [
      latest,
      ...columnsOf(
        long,
        ({ lead_id }) => lead_id,
        ({ destination }) => destination,
        ({ tag }) => tag,
        ({ attempts }) => attempts,
      ),
    ],
  );
}
