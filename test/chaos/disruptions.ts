import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import type { PostgresServer } from "../support/postgres-server.ts";
import { until } from "../support/until.ts";
import type { Machine } from "./machine.ts";

export type DisruptionKind = (typeof disruptionKinds)[number];
export const disruptionKinds = [
  "gateway killed",
  "gateway frozen",
  "gateway told to stop",
  "clock set anew",
  "Postgres killed",
  "Postgres backend killed",
  "connections cut",
  "connections cut after COMMIT",
  "connections half open",
] as const;

export type DisruptionOptions = {
  machines: readonly Machine[];
  postgres: PostgresServer;
  random(): number;
  /** How long a frozen gateway stands still. */
  freezeMs: number;
};

/** What fells machines, the database and the ways between them. */
export type Disruptions = {
  /** How often each has been done. */
  done: ReadonlyMap<DisruptionKind, number>;
  /** Starts one; resolves when the next may be started. Frozen machines and half open connections stay so meanwhile. */
  begin(kind: DisruptionKind): Promise<void>;
  /** Resolves when everything is as it was. */
  over(): Promise<void>;
};

/** So many gateways stay up, that there is somebody to go on. */
const fewestWell = 2;
const longestDownMs = 2_500;
const longestHalfOpenMs = 8_000;

export function createDisruptions({ machines, postgres, random, freezeMs }: DisruptionOptions): Disruptions {
  const done = new Map<DisruptionKind, number>();
  const lasting = new Set<Promise<void>>();

  function meanwhile(work: Promise<void>): void {
    const noted = work.finally(() => lasting.delete(noted));
    lasting.add(noted);
  }

  async function aWellMachine(): Promise<Machine> {
    return until(() => {
      const well = machines.filter((machine) => machine.isWell());
      return well.length > fewestWell ? (well[Math.floor(random() * well.length)] ?? null) : null;
    }, 120_000);
  }

  /** The next start may find the port lent out for a moment. */
  async function startPostgres(): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        return await postgres.start();
      } catch (error) {
        if (tries === 10) throw error;
        for (const { proxy } of machines) proxy.cut();
        await pause(300);
      }
    }
  }

  async function killABackend(): Promise<void> {
    const client = new pg.Client(postgres.url);
    client.on("error", () => {});
    await client.connect();
    const { rows } = await client.query<{ pid: number }>(
      "SELECT pid FROM pg_stat_activity WHERE application_name = 'leadkeep' ORDER BY random() LIMIT 1",
    );
    if (rows[0]) process.kill(rows[0].pid, "SIGKILL");
    await client.end().catch(() => {});
  }

  async function halfOpen({ proxy }: Machine): Promise<void> {
    proxy.freeze();
    await pause((0.3 + 0.7 * random()) * longestHalfOpenMs);
    proxy.thaw();
    // What has stood half open is found out by the gateway; at the database's end it is a keepalive that ends it in the end.
    await pause(2_000);
    proxy.cut();
  }

  const acts: Record<DisruptionKind, () => Promise<void>> = {
    "gateway killed": async () => (await aWellMachine()).kill(),
    "gateway frozen": async () => meanwhile((await aWellMachine()).freeze(freezeMs)),
    // With what exit code is looked at when the storm is over: without its database a gateway cannot end in order.
    "gateway told to stop": async () => void (await (await aWellMachine()).stop()),
    "clock set anew": async () => (await aWellMachine()).stepClock(),
    "Postgres killed": async () => {
      await postgres.kill();
      await pause(random() * longestDownMs);
      await startPostgres();
    },
    "Postgres backend killed": killABackend,
    "connections cut": async () => (await aWellMachine()).proxy.cut(),
    "connections cut after COMMIT": async () => (await aWellMachine()).proxy.cutAfter("COMMIT"),
    "connections half open": async () => meanwhile(halfOpen(await aWellMachine())),
  };

  return {
    done,
    async begin(kind) {
      await acts[kind]();
      done.set(kind, (done.get(kind) ?? 0) + 1);
    },
    async over() {
      await Promise.all(lasting);
    },
  };
}
