import type { Delivery } from "../../model/delivery.ts";
import type { Claim, Ledger, Next } from "../ledger.ts";
import type { Clock } from "./clock.ts";

type Timed = Pick<
  Ledger,
  | "claim"
  | "settle"
  | "recover"
  | "nextDue"
  | "addFollowUp"
  | "erase"
  | "releaseLeads"
  | "resync"
  | "replay"
  | "redeliver"
>;

/**
 * A ledger whose leases and due times are by the database's clock, for callers that have only their machine's: what they give is
 * turned into the database's time, and what comes back into theirs. What is on record to be read by people stays as it is.
 */
export function inStoreTime<L extends Timed>(ledger: L, clock: Clock): L {
  const at = async <R extends { now: number }>(request: R): Promise<R> => ({
    ...request,
    now: request.now + (await clock.ahead()),
  });

  const timed: Timed = {
    claim: async (request) => {
      const ahead = await clock.ahead();
      const claims = await ledger.claim({
        ...request,
        now: request.now + ahead,
        leaseUntil: request.leaseUntil + ahead,
        gate: (lead, last, delivery) => request.gate(lead, last === null ? null : last - ahead, delivery),
      });
      return claims.map(
        ({ delivery, about, ...claim }): Claim => ({
          ...claim,
          delivery: seenFrom(ahead, delivery),
          about: about && seenFrom(ahead, about),
        }),
      );
    },
    settle: async (settlement) => {
      const ahead = await clock.ahead();
      return ledger.settle({ ...settlement, next: keptAt(ahead, settlement.next) });
    },
    recover: async ({ now, settle, ...request }) => {
      const ahead = await clock.ahead();
      return ledger.recover({
        ...request,
        now: now + ahead,
        settle: (delivery) => {
          const { outcome, next } = settle(seenFrom(ahead, delivery));
          return { outcome, next: keptAt(ahead, next) };
        },
      });
    },
    nextDue: async (destination, by) => {
      const ahead = await clock.ahead();
      const due = await ledger.nextDue(destination, by && { ...by, now: by.now + ahead });
      return due === null ? null : due - ahead;
    },
    addFollowUp: async (lead, followUp, request) => ledger.addFollowUp(lead, followUp, await at(request)),
    erase: async (leads, request) => ledger.erase(leads, await at(request)),
    releaseLeads: async (ids, request) => ledger.releaseLeads(ids, await at(request)),
    resync: async (request) => ledger.resync(await at(request)),
    replay: async (selection, request) => ledger.replay(selection, await at(request)),
    redeliver: async (ids, request) => ledger.redeliver(ids, await at(request)),
  };
  return { ...ledger, ...timed };
}

function seenFrom(ahead: number, delivery: Delivery): Delivery {
  const { dueAt, firstTryAt } = delivery;
  return {
    ...delivery,
    dueAt: dueAt === null ? null : dueAt - ahead,
    firstTryAt: firstTryAt === null ? null : firstTryAt - ahead,
  };
}

function keptAt(ahead: number, next: Next): Next {
  return next.state === "pending" ? { ...next, dueAt: next.dueAt + ahead } : next;
}
