import type { Options } from "../../config/config.ts";
import type { Variables } from "../../config/environment.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Sealing } from "../../ledger/sealing/sealing.ts";
import type { CheckResult, ToolContext } from "../../model/destination.ts";
import type { ClockWatch } from "./clock.ts";
import type { Running } from "./running-gateway.ts";

/** What was looked at. `destination` is null for what concerns the gateway itself; `topic` is stable, for scripts. */
export type Finding = CheckResult & { topic: string; destination: string | null };

/** What checks of the gateway itself have to look at. */
export type DoctorContext = {
  /** The folder the command runs in. */
  folder: string;
  options: Options;
  /** The process's over those of `.env`. */
  variables: Variables;
  /** Null when there is none yet, or it cannot be opened. */
  ledger: (Ledger & { sealing?: Sealing }) | null;
  /** A gateway that answers at `HOST` and `PORT`. */
  running: Running;
  /** What answers have told of the time so far. */
  clock: ClockWatch;
  /** The network, private addresses included: the gateway's own address may be one. */
  own: ToolContext;
  now(): number;
};

/** One thing to look at. Changes nothing. */
export type Check = { topic: string; look(context: DoctorContext): Promise<CheckResult[]> | CheckResult[] };
