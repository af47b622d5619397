import { setTimeout as wait } from "node:timers/promises";
import type { LeadId } from "../../model/id.ts";
import type { Accounts } from "../accounts.ts";
import type { Accepted, Entry, Interests, Ledger, Settlement } from "../ledger.ts";
import { createTogether } from "../together.ts";
import { createAccounts } from "./accounts.ts";
import { listActs, recordAct } from "./acts.ts";
import { claim, nextDue } from "./claims.ts";
import { createCommitQueue } from "./commit-queue.ts";
import { recordConsent } from "./consents.ts";
import { CommitUnknown, connectDatabase, type DatabaseOptions } from "./database.ts";
import { erase, erasedAt } from "./erasures.ts";
import { createExpiries } from "./expiries.ts";
import { addFollowUp } from "./follow-ups.ts";
import { createInterests } from "./interests.ts";
import { acceptAll, onRecord } from "./leads.ts";
import { migrate } from "./migrate.ts";
import { backlog, counts, deadLetters, forms, leadCounts } from "./overview.ts";
import { createPages } from "./pages.ts";
import { listPauses, pause, resume } from "./pauses.ts";
import { findRecords } from "./records.ts";
import { recover } from "./recoveries.ts";
import { releaseLeads } from "./releases.ts";
import { replay } from "./replays.ts";
import { chunksOf, give, lackingOf } from "./resync.ts";
import { scrub } from "./scrub.ts";
import { saveProgress, settleAll } from "./settlements.ts";
import { cancel } from "./stops.ts";
import { attemptTallies, leadTallies } from "./tallies.ts";
import { createNotes } from "./together.ts";
import { refuseDuringTransfer } from "./unfinished-transfer.ts";
import { createWake } from "./wake.ts";
import { noteWork } from "./work.ts";

export type PostgresLedgerOptions = Omit<DatabaseOptions, "schema"> & {
  /** The schema the tables are in; it is made when it is missing. @default "leadkeep" */
  schema?: string;
  /** What to note for destinations that need it. @default nothing */
  interests?: Interests;
  /** How often to look for other machines' commits. @default 400 */
  wakePollMs?: number;
};

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
export async function openPostgresLedger(options: PostgresLedgerOptions): Promise<Ledger & { accounts: Accounts }> {
  const { schema = "leadkeep", interests = { statusAt: [], oncePerPerson: [] }, wakePollMs = 400 } = options;
  if (!schemaName.test(schema)) throw new RangeError(`not a name for a schema: ${schema}`);
  const db = connectDatabase({ ...options, schema });
  try {
    await migrate(db);
    await refuseDuringTransfer(db);
    return ledgerOn(db, createInterests(interests), await createWake(db, wakePollMs));
  } catch (error) {
    await db.close();
    throw error;
  }
}

function ledgerOn(
  db: ReturnType<typeof connectDatabase>,
  noted: ReturnType<typeof createInterests>,
  wake: Awaited<ReturnType<typeof createWake>>,
): Ledger & { accounts: Accounts } {
  const { write, read, place } = db;
  const pages = createPages(db);
  const expiries = createExpiries(db);
  const accepts = createCommitQueue<Entry, Accepted>({ place, write: accept });
  const settlements = createCommitQueue<Settlement, boolean>({
    place,
    write: (batch) => write((tx) => settleAll(tx, batch, noted)),
  });

  async function accept(batch: readonly Entry[]): Promise<readonly Accepted[]> {
    try {
      return await wake.changing((tx) => acceptAll(tx, batch));
    } catch (error) {
      if (!(error instanceof CommitUnknown)) throw error;
      return acceptedAfterAll(batch, error);
    }
  }

  /** A commit was not answered: the ids tell whether it was done. With any of them on record it was. */
  async function acceptedAfterAll(batch: readonly Entry[], unknown: CommitUnknown): Promise<readonly Accepted[]> {
    const there = await foundSoon(batch.map(({ lead }) => lead.id));
    if (there.size === 0) throw unknown;
    // Those that are not there themselves were repeats: done once more, they write nothing and say of which lead.
    const repeats = batch.filter(({ lead }) => !there.has(lead.id));
    const answers = new Map(
      (await write((tx) => acceptAll(tx, repeats))).map((answer, i) => [repeats[i]?.lead.id, answer]),
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
    wake.tell();
    return result;
  }

  async function resync(request: Parameters<Ledger["resync"]>[0]): Promise<number> {
    let given = 0;
    const { now: at, actor, destination: subject } = request;
    if (!request.dryRun) await write((tx) => recordAct(tx, { at, actor, act: "resync", subject }));
    for await (const chunk of chunksOf(db, request)) {
      const lacking = await read((tx) => lackingOf(tx, chunk, request));
      if (lacking.length === 0) continue;
      given += request.dryRun ? lacking.length : await act((tx) => give(tx, lacking, request, noted));
    }
    return given;
  }

  const long = { long: true };
  return {
    accept: accepts.add,
    claim: (request) => write((tx) => claim(tx, request, noted)),
    saveProgress: (attempt, progress) => write((tx) => saveProgress(tx, attempt, progress)),
    settle: settlements.add,
    recover: (request) => write((tx) => recover(tx, request, noted)),
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
    nextDue: async (destination) => ((await db.run(nextDue, [destination])).rows[0]?.at as number | null) ?? null,
    recordConsent: (leadId, event, actor, consequences = {}) =>
      act((tx) => recordConsent(tx, leadId, event, actor, consequences, noted)),
    addFollowUp: (leadId, followUp, request) => act((tx) => addFollowUp(tx, leadId, followUp, request)),
    erase: (ids, request) => act((tx) => erase(tx, ids, request), long),
    erasedAt: (person) => read((tx) => erasedAt(tx, person)),
    scrub: () => scrub(db),
    countExpired: (expiry) => expiries.count(expiry),
    expire: (expiry, request) => expiries.expire(expiry, request),
    releaseLeads: (ids, request) => act((tx) => releaseLeads(tx, ids, request, noted), long),
    resync,
    noteWork: (lead, change, request) => write((tx) => noteWork(tx, lead, change, request)),
    cancel: (ids, request) => act((tx) => cancel(tx, ids, request, noted), long),
    replay: (selection, request) => act((tx) => replay(tx, selection, request, noted), long),
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
    together: createTogether("several", createNotes(db.run)),
    // A row that is there already is locked and let go: it is written, and nothing is changed.
    checkWritable: () => write(async (tx) => void (await tx.query("SELECT 1 FROM migrations LIMIT 1 FOR UPDATE"))),
    close: async () => {
      wake.close();
      await Promise.all([accepts.close(), settlements.close()]);
      await db.close();
    },
  };
}
