import { setTimeout as wait } from "node:timers/promises";
import type { LeadId } from "../../model/id.ts";
import type { Accounts } from "../accounts.ts";
import { type DueTimes, nextDueOf } from "../due.ts";
import type { Backend, EngineName } from "../engines.ts";
import type { Accepted, Entry, Interests, Ledger, Settlement } from "../ledger.ts";
import type { MasterKeys } from "../sealing/master-keys.ts";
import type { Sealing } from "../sealing/sealing.ts";
import { createTogether } from "../together.ts";
import { createAccounts } from "./accounts.ts";
import { listActs, recordAct } from "./acts.ts";
import { putOffCheck, takeChecks } from "./captcha-checks.ts";
import { claim, dueTimes } from "./claims.ts";
import { type Clock, createClock } from "./clock.ts";
import { createCommitQueue } from "./commit-queue.ts";
import { recordConsent } from "./consents.ts";
import { CommitUnknown, connectDatabase, type Database, type DatabaseOptions } from "./database.ts";
import type { Engine } from "./engine.ts";
import { ledgerEngine } from "./engine-ledger.ts";
import { erase, erasedAt } from "./erasures.ts";
import { createExpiries } from "./expiries.ts";
import { addFollowUp } from "./follow-ups.ts";
import { createInterests } from "./interests.ts";
import { acceptAll, onRecord } from "./leads.ts";
import { migrate } from "./migrate.ts";
import { backlog, counts, deadLetters, forms, leadCounts } from "./overview.ts";
import { createPages } from "./pages.ts";
import { listPauses, pause, resume } from "./pauses.ts";
import { quarantineLeads } from "./quarantines.ts";
import { findRecords } from "./records.ts";
import { recover } from "./recoveries.ts";
import { redeliver } from "./redeliveries.ts";
import { releaseLeads, settleCheck } from "./releases.ts";
import { replay } from "./replays.ts";
import { chunksOf, give, lackingOf } from "./resync.ts";
import { scrub } from "./scrub.ts";
import { agreeOnSealing, createFreshSeals, createSealing } from "./sealing.ts";
import { saveProgress, settleAll } from "./settlements.ts";
import { cancel } from "./stops.ts";
import { inStoreTime } from "./store-time.ts";
import { attemptTallies, leadTallies } from "./tallies.ts";
import { createNotes } from "./together.ts";
import { refuseDuringTransfer } from "./unfinished-transfer.ts";
import { createVerifications } from "./verifications.ts";
import { createWake } from "./wake.ts";
import { noteWork } from "./work.ts";

export type PostgresLedgerOptions = Omit<DatabaseOptions, "schema"> & {
  /** The schema the tables are in; it is made when it is missing. @default "leadkeep" */
  schema?: string;
  /** What to note for destinations that need it. @default nothing */
  interests?: Interests;
  /** How often to look for other machines' commits. @default 400 */
  wakePollMs?: number;
  /** Told after each commit of accepts or settlements how many of them shared it. @default nobody is told */
  committed?(writes: number): void;
  /** What brings due deliveries to workers: claims look into the ledger, or pg-boss carries them. @default "ledger" */
  engine?: EngineName;
  /** The kind of database pg-boss is told it is on. @default "postgres" */
  backend?: Backend;
  /** This machine's clock, in epoch milliseconds. @default Date.now */
  now?(): number;
};

const timeNow = "SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now";

/** How often, and after which wait each time, a commit that was not answered is looked for. */
const lookUps = 15;
const lookUpMs = 200;

/** A name Postgres takes as it is, quoted or not. */
const schemaName = /^[a-z_][a-z0-9_]{0,62}$/;

/**
 * Opens the ledger in a Postgres database (14 or later). Any number of machines may open the same one at the same time; the
 * first one brings the schema up to date and the others wait for it.
 * @throws {LedgerUnavailable} with the cause and the cure, {MigrationFailed}, {RangeError} for a schema name of other than
 * lower-case letters, digits and `_`
 */
export async function openPostgresLedger(
  options: PostgresLedgerOptions,
): Promise<Ledger & { accounts: Accounts; sealing: Sealing }> {
  const { schema = "leadkeep", interests = { statusAt: [], oncePerPerson: [] }, wakePollMs = 400 } = options;
  if (!schemaName.test(schema)) throw new RangeError(`not a name for a schema: ${schema}`);
  const db = connectDatabase({ ...options, schema });
  const clock = createClock({
    now: options.now ?? Date.now,
    monotonic: () => performance.now(),
    ask: async () => Number((await db.run(timeNow)).rows[0]?.now),
  });
  try {
    await migrate(db);
    await refuseDuringTransfer(db);
    const { masterKeys = null } = options;
    await agreeOnSealing(db, masterKeys);
    const wake = await createWake(db, wakePollMs);
    const engine = await startEngine(db, options);
    const { committed } = options;
    const hooks = committed ? { committed } : {};
    return inStoreTime(
      ledgerOn(db, { noted: createInterests(interests), wake, engine, clock, masterKeys, hooks }),
      clock,
    );
  } catch (error) {
    await db.close();
    throw error;
  }
}

/** The package pg-boss is loaded only when it is asked for. */
async function startEngine(
  db: Database,
  { engine = "ledger", backend = "postgres" }: Pick<PostgresLedgerOptions, "engine" | "backend">,
): Promise<Engine> {
  if (engine === "ledger") return ledgerEngine;
  const { startPgBoss } = await import("./engine-pg-boss.ts");
  return startPgBoss(db, backend);
}

type Parts = {
  noted: ReturnType<typeof createInterests>;
  wake: Awaited<ReturnType<typeof createWake>>;
  engine: Engine;
  clock: Clock;
  masterKeys: MasterKeys | null;
  hooks: Pick<PostgresLedgerOptions, "committed">;
};

function ledgerOn(db: Database, parts: Parts): Ledger & { accounts: Accounts; sealing: Sealing } {
  const { noted, wake, engine, clock, masterKeys, hooks } = parts;
  const sealFresh = createFreshSeals(db, masterKeys);
  const { write, read, place } = db;
  const pages = createPages(db);
  const expiries = createExpiries(db);
  const accepts = createCommitQueue<Entry, Accepted>({ place, write: accept, ...hooks });
  const settlements = createCommitQueue<Settlement, boolean>({
    place,
    ...hooks,
    write: (batch) => write((tx) => settleAll(tx, batch, noted, engine)),
  });

  async function accept(batch: readonly Entry[]): Promise<readonly Accepted[]> {
    const [ahead, textOf] = await Promise.all([clock.ahead(), sealFresh(batch.map(({ lead }) => lead))]);
    try {
      return await wake.changing((tx) => acceptAll(tx, batch, ahead, textOf));
    } catch (error) {
      if (!(error instanceof CommitUnknown)) throw error;
      return acceptedAfterAll(batch, error, ahead, textOf);
    } finally {
      engine.woken();
    }
  }

  /** A commit was not answered: the ids tell whether it was done. With any of them on record it was. */
  async function acceptedAfterAll(
    batch: readonly Entry[],
    unknown: CommitUnknown,
    ahead: number,
    textOf: (lead: Entry["lead"]) => string,
  ): Promise<readonly Accepted[]> {
    const there = await foundSoon(batch.map(({ lead }) => lead.id));
    if (there.size === 0) throw unknown;
    // Those that are not there themselves were repeats: done once more, they write nothing and say of which lead.
    const repeats = batch.filter(({ lead }) => !there.has(lead.id));
    const answers = new Map(
      (await write((tx) => acceptAll(tx, repeats, ahead, textOf))).map((answer, i) => [repeats[i]?.lead.id, answer]),
    );
    return batch.map(({ lead }) => answers.get(lead.id) ?? { leadId: lead.id, repeated: false });
  }

  /** Which leads are on record, as soon as the database can be asked again; none when that takes too long. */
  async function foundSoon(ids: readonly LeadId[]): Promise<ReadonlySet<LeadId>> {
    for (let i = 0; i < lookUps; i++) {
      await wait(lookUpMs);
      const found = await read((tx) => onRecord(tx, ids)).catch(() => null);
      if (found) return found;
    }
    return new Set();
  }

  /** A person's act: whoever sleeps until something is due has to hear of it. */
  async function act<T>(work: Parameters<typeof wake.changing<T>>[0], how: { long?: boolean } = {}): Promise<T> {
    const result = await wake.changing(work, how);
    engine.woken();
    wake.tell();
    return result;
  }

  async function resync(request: Parameters<Ledger["resync"]>[0]): Promise<number> {
    let [looked, given] = [0, 0];
    const { now: at, actor, destination: subject } = request;
    if (!request.dryRun) await write((tx) => recordAct(tx, { at, actor, act: "resync", subject }));
    for await (const chunk of chunksOf(db, request)) {
      const lacking = await read((tx) => lackingOf(tx, chunk, request));
      if (lacking.length > 0)
        given += request.dryRun ? lacking.length : await act((tx) => give(tx, lacking, request, noted));
      looked += chunk.length;
      request.progress?.(looked, given);
    }
    return given;
  }

  const long = { long: true };
  return {
    accept: accepts.add,
    claim: (request) =>
      engine.claim(request, (candidatesIn) => write((tx) => claim(tx, request, candidatesIn(tx), noted))),
    saveProgress: (attempt, progress) => write((tx) => saveProgress(tx, attempt, progress)),
    settle: settlements.add,
    recover: (request) => write((tx) => recover(tx, request, noted, engine)),
    statusMarks: (destination, limit) =>
      read(async (tx) => {
        const marks = await noted.marks(tx, destination, limit);
        const records = await findRecords(
          tx,
          marks.map(({ lead_id }) => lead_id),
        );
        const byLead = new Map(records.map((record) => [record.lead.id, record]));
        return marks.flatMap(({ mark, lead_id }) => {
          const record = byLead.get(lead_id);
          return record ? [{ record, mark }] : [];
        });
      }),
    clearStatusMarks: (destination, marks) => write((tx) => noted.clear(tx, destination, marks)),
    nextDue: async (destination, by) => {
      const [times] = (await db.run(dueTimes, [destination])).rows as [DueTimes];
      return nextDueOf(times, by);
    },
    recordConsent: async (leadId, event, actor, consequences = {}) => {
      const ahead = await clock.ahead();
      return act((tx) => recordConsent(tx, leadId, event, actor, consequences, noted, ahead));
    },
    addFollowUp: (leadId, followUp, request) => act((tx) => addFollowUp(tx, leadId, followUp, request)),
    erase: (ids, request) => act((tx) => erase(tx, ids, request), long),
    erasedAt: (person) => read((tx) => erasedAt(tx, person)),
    scrub: () => scrub(db),
    countExpired: (expiry) => expiries.count(expiry),
    expire: (expiry, request) => expiries.expire(expiry, request),
    releaseLeads: (ids, request) => act((tx) => releaseLeads(tx, ids, request, noted), long),
    quarantineLeads: (ids, request) => act((tx) => quarantineLeads(tx, ids, request, noted), long),
    takeCaptchaChecks: (request) => write((tx) => takeChecks(tx, request)),
    putOffCaptchaCheck: (lead, dueAt) => write((tx) => putOffCheck(tx, lead, dueAt)),
    settleCaptchaCheck: (lead, verdict, request) => act((tx) => settleCheck(tx, lead, verdict, request, noted)),
    resync,
    noteWork: (lead, change, request) => write((tx) => noteWork(tx, lead, change, request)),
    cancel: (ids, request) => act((tx) => cancel(tx, ids, request, noted), long),
    replay: (selection, request) => act((tx) => replay(tx, selection, request, noted), long),
    redeliver: (ids, request) => act((tx) => redeliver(tx, ids, request, noted), long),
    findLead: (id) => read(async (tx) => (await findRecords(tx, [id]))[0] ?? null),
    listLeads: pages.list,
    pageOfLeads: pages.page,
    deadLetters: () => read(deadLetters, long),
    forms: () => read(forms),
    counts: () => read(counts, long),
    leadCounts: () => read(leadCounts),
    leadTallies: (since) => read((tx) => leadTallies(tx, since)),
    attemptTallies: (since) => read((tx) => attemptTallies(tx, since)),
    acts: (request) => read((tx) => listActs(tx, request)),
    recordAct: (one) => write((tx) => recordAct(tx, one)),
    backlog: () => read(backlog, long),
    pause: (one, actor) => act((tx) => pause(tx, one, actor)),
    resume: (destination, request) => act((tx) => resume(tx, destination, request)),
    pauses: () => read(listPauses),
    onWake: wake.on,
    accounts: createAccounts(db),
    sealing: createSealing(db, masterKeys, sealFresh),
    together: createTogether("several", createNotes(db.run)),
    verifications: createVerifications(db),
    // A row that is there already is locked and let go: it is written, and nothing is changed.
    checkWritable: () => write(async (tx) => void (await tx.query("SELECT 1 FROM migrations LIMIT 1 FOR UPDATE"))),
    close: async () => {
      wake.close();
      await Promise.all([accepts.close(), settlements.close()]);
      await engine.close();
      await db.close();
    },
  };
}
