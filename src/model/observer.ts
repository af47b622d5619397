import type { DeliveryEvent } from "./delivery.ts";
import type { DeliveryId, LeadId } from "./id.ts";
import type { LeadState } from "./lead.ts";
import type { OutcomeType } from "./outcome.ts";

/** Something that happened in this process, for metrics and traces. Free of secrets and personal data. Times are epoch milliseconds. */
export type Happening =
  /** A lead and its deliveries are on disk. `durationMs`: from when it was put together until then. */
  | { type: "accepted"; lead: LeadId; form: string; state: LeadState; startedAt: number; durationMs: number }
  | { type: "refused"; code: string }
  /** `waitMs`: from when the lead was kept until it had arrived; null for everything but a lead that did. */
  | {
      type: "attempted";
      delivery: DeliveryId;
      lead: LeadId;
      event: DeliveryEvent;
      destination: string;
      n: number;
      outcome: OutcomeType;
      startedAt: number;
      durationMs: number;
      waitMs: number | null;
    }
  /** An attempt was over only after another worker had been given its delivery. */
  | { type: "lease_lost"; destination: string }
  /** So many writes shared one commit of the ledger. */
  | { type: "committed"; writes: number };

/** Told of everything that happens, in the middle of the work: it has to be quick, and must not throw. */
export type Observer = (happening: Happening) => void;

/** Nobody looks. */
export const unobserved: Observer = () => {};
