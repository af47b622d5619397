import type { AttemptRef, Claim, ClaimRequest } from "../ledger.ts";
import type { DeliveryRow, LeadRow } from "../rows.ts";
import type { Transaction } from "./database.ts";

/** A delivery a claim looks at, with its lead. `retry`: 0 among the new ones, 1 behind them. */
export type Due = DeliveryRow &
  Pick<LeadRow, "form" | "received_at" | "document"> & { lead_state: LeadRow["state"]; retry: 0 | 1 };

/** What one claim looks at, in its transaction. */
export type Candidates = {
  /**
   * The next ones, in the order they are to go: pending, due, locked, and none of people who are `busy` or of whom one is on its
   * way already. Empty: there are no more for now.
   */
  next(busy: ReadonlySet<string>): Promise<Due[]>;
  /** Told, before the commit, which of them were leased. */
  end(leased: readonly DeliveryRow[]): Promise<void>;
};

/**
 * What brings due deliveries before the workers that claim them. It decides nothing: a claim locks each candidate in the ledger
 * and looks at it as it stands there, so an engine that forgets, repeats or mixes up can cost time and nothing else.
 */
export interface Engine {
  /** A commit of this process may have made something due. */
  woken(): void;
  /** `lease` runs a claim's transaction, anew when another one was in the way, over the candidates it is given. */
  claim(
    request: ClaimRequest,
    lease: (candidatesIn: (tx: Transaction) => Candidates) => Promise<Claim[]>,
  ): Promise<Claim[]>;
  /** Told of attempts that have ended, in the transaction that records how. */
  ended(tx: Transaction, attempts: readonly AttemptRef[]): Promise<void>;
  close(): Promise<void>;
}

/** New ones before retries, of both the longest due first. */
export function inOrder(one: Due, other: Due): number {
  if (one.retry !== other.retry) return one.retry - other.retry;
  if (one.due_at !== other.due_at) return Number(one.due_at) - Number(other.due_at);
  if (one.lead_id !== other.lead_id) return one.lead_id < other.lead_id ? -1 : 1;
  return one.tag < other.tag ? -1 : 1;
}
