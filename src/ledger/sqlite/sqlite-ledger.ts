import type { DatabaseSync } from "node:sqlite";
import { LeadkeepError } from "../../model/errors.ts";
import type { Interests, LeadFilter, LeadRecord, Ledger } from "../ledger.ts";
import { prepareClaims } from "./claims.ts";
import { type CommitQueueOptions, createCommitQueue } from "./commit-queue.ts";
import { prepareConsents } from "./consents.ts";
import { prepareInterests } from "./interests.ts";
import { prepareLeads } from "./leads.ts";
import { openDatabase } from "./open-database.ts";
import { preparePauses } from "./pauses.ts";
import { preparePlans } from "./plans.ts";
import { prepareReplays } from "./replays.ts";
import { asUnavailable } from "./sqlite-error.ts";

export type SqliteLedgerOptions = {
  /** The database file; its folder is made when absent, readable by this user only. */
  path: string;
  /** How long a write waits for another process's lock. @default 2_000 */
  patienceMs?: number;
  /** What to note for destinations that need it. @default nothing */
  interests?: Interests;
  /** How often to look for another process's commits. @default 250 */
  foreignCommitPollMs?: number;
};

/**
 * Opens the embedded ledger: one SQLite file in WAL mode with `synchronous=FULL`, so that a commit is on disk when it
 * returns (https://www.sqlite.org/pragma.html#pragma_synchronous, read 2026-11). Other processes may open it meanwhile.
 * @throws {LedgerUnavailable} with the cause and the cure, {MigrationFailed}
 */
export function openSqliteLedger(options: SqliteLedgerOptions): Ledger {
  const { path, patienceMs, interests = noInterests, foreignCommitPollMs = 250 } = options;
  const { db, statements } = openDatabase(path, (opened) => prepareAll(opened, interests));
  const { consents, leads, claims, replays, pauses, noted } = statements;
  const rolledBack = statements.plans.forget;
  const queueOptions: CommitQueueOptions = { path, rolledBack, ...(patienceMs === undefined ? {} : { patienceMs }) };
  const queue = createCommitQueue(db, queueOptions);
  const { write } = queue;
  const timers = new Set<NodeJS.Timeout>();
  const listeners = new Set<() => void>();

  /** A person's act: whoever sleeps until something is due has to hear of it. */
  async function act<T>(work: () => T): Promise<T> {
    const result = await write(work);
    for (const listener of listeners) listener();
    return result;
  }

  /** Reads run at once, outside the queue; SQLite's trouble becomes `LedgerUnavailable` here too. */
  async function read<T>(work: () => T): Promise<T> {
    try {
      return work();
    } catch (error) {
      throw asUnavailable(error, path);
    }
  }

  async function* list(filter: LeadFilter): AsyncGenerator<LeadRecord> {
    try {
      yield* leads.list(filter);
    } catch (error) {
      throw asUnavailable(error, path);
    }
  }

  /** Changes when another connection has committed; null when it cannot be told just now. */
  function dataVersion(): number | null {
    try {
      return statements.dataVersion.get()?.data_version as number;
    } catch {
      return null;
    }
  }

  return {
    accept: (entry) => write(() => leads.accept(entry)),
    claim: (request) => write(() => claims.claim(request)),
    saveProgress: (attempt, progress) => write(() => claims.saveProgress(attempt, progress)),
    settle: (settlement) => write(() => claims.settle(settlement)),
    recover: (request) => write(() => claims.recover(request)),
    statusMarks: (destination, limit) =>
      read(() =>
        noted.marks(destination, limit).flatMap(({ mark, lead_id }) => {
          const record = leads.findRecord(lead_id);
          return record ? [{ record, mark }] : [];
        }),
      ),
    clearStatusMarks: (destination, marks) => write(() => noted.clear(destination, marks)),
    nextDue: (destination) => read(() => claims.nextDue(destination)),
    recordConsent: (leadId, event, actor) =>
      act(() => {
        if (!leads.findLead(leadId)) throw new LeadkeepError("unknown_lead", `There is no lead ${leadId}.`);
        replays.recordAct(event.at, actor, `consent ${event.action}: ${event.purpose}`, leadId);
        return { released: consents.record(leadId, event) };
      }),
    replay: (selection, request) => act(() => replays.replay(selection, request)),
    findLead: (id) => read(() => leads.findRecord(id)),
    listLeads: list,
    backlog: () => read(() => statements.backlog.all() as Awaited<ReturnType<Ledger["backlog"]>>),
    pause: (pause) => act(() => pauses.pause(pause)),
    resume: (destination, request) => act(() => pauses.resume(destination, request)),
    pauses: () => read(() => pauses.list()),
    onWake: (listener) => {
      let seen = dataVersion();
      const timer = setInterval(() => {
        const current = dataVersion() ?? seen;
        if (current !== seen) listener();
        seen = current;
      }, foreignCommitPollMs).unref();
      timers.add(timer);
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
        timers.delete(timer);
        clearInterval(timer);
      };
    },
    checkWritable: () => write(() => void statements.touch.run()),
    close: async () => {
      for (const timer of timers) clearInterval(timer);
      await queue.close();
      if (db.isOpen) db.close();
    },
  };
}

const noInterests: Interests = { statusAt: [], oncePerPerson: [] };

function prepareAll(db: DatabaseSync, interests: Interests) {
  const noted = prepareInterests(db, interests);
  const consents = prepareConsents(db, noted);
  const plans = preparePlans(db);
  const leads = prepareLeads(db, consents, plans);
  const replays = prepareReplays(db, noted);
  return {
    noted,
    consents,
    plans,
    leads,
    claims: prepareClaims(db, leads, plans, noted),
    replays,
    pauses: preparePauses(db, replays.recordAct),
    dataVersion: db.prepare("PRAGMA data_version"),
    backlog: db.prepare(
      `SELECT destination, 'pending' AS state, SUM(count) AS count FROM (
         SELECT destination, COUNT(*) AS count FROM deliveries WHERE state = 'pending' GROUP BY destination
         UNION ALL SELECT planned.destination, COUNT(*) FROM planned
           LEFT JOIN lanes ON lanes.destination = planned.destination
           JOIN leads ON leads.plan = planned.plan AND leads.seq > COALESCE(lanes.taken, 0)
             AND NOT EXISTS (SELECT 1 FROM deliveries WHERE lead_id = leads.id AND destination = planned.destination)
           GROUP BY planned.destination)
       GROUP BY destination
       UNION ALL SELECT destination, state, COUNT(*) FROM deliveries WHERE state = 'claimed' GROUP BY destination
       UNION ALL SELECT destination, state, COUNT(*) FROM deliveries WHERE state IN ('dead', 'withheld', 'cancelled')
         GROUP BY state, destination`,
    ),
    /** Writes a page and changes nothing: an empty transaction would succeed on a full disk. */
    touch: db.prepare("PRAGMA application_id = 0"),
  };
}
