import type { DatabaseSync } from "node:sqlite";
import type { ConsentEvent } from "../../model/consent.ts";
import { LeadkeepError } from "../../model/errors.ts";
import type { LeadId } from "../../model/id.ts";
import type { Accounts } from "../accounts.ts";
import { toDocument } from "../lead-document.ts";
import type { Actor, ConsentConsequences, Interests, LeadFilter, LeadRecord, Ledger } from "../ledger.ts";
import type { MasterKeys } from "../sealing/master-keys.ts";
import type { Sealing } from "../sealing/sealing.ts";
import { createTogether } from "../together.ts";
import { prepareAccounts } from "./accounts.ts";
import { prepareActs } from "./acts.ts";
import { arrivalOf } from "./arrival.ts";
import { prepareCaptchaChecks } from "./captcha-checks.ts";
import { prepareClaims } from "./claims.ts";
import { type CommitQueueOptions, createCommitQueue } from "./commit-queue.ts";
import { prepareConsents } from "./consents.ts";
import { prepareErasures } from "./erasures.ts";
import { prepareExpiries } from "./expiries.ts";
import { prepareFollowUps } from "./follow-ups.ts";
import { prepareInterests } from "./interests.ts";
import { createKeeper } from "./keeper.ts";
import { prepareLeads } from "./leads.ts";
import { openDatabase } from "./open-database.ts";
import { prepareOverview } from "./overview.ts";
import { ownFilesOf } from "./own-file.ts";
import { preparePages } from "./pages.ts";
import { preparePauses } from "./pauses.ts";
import { preparePlans } from "./plans.ts";
import { prepareQuarantines } from "./quarantines.ts";
import { prepareRedeliveries } from "./redeliveries.ts";
import { prepareReleases } from "./releases.ts";
import { prepareReplays } from "./replays.ts";
import { prepareResync } from "./resync.ts";
import { scrub } from "./scrub.ts";
import { openSealing, type SqliteSealing, unsealed } from "./sealing.ts";
import { prepareSources } from "./sources.ts";
import { asUnavailable } from "./sqlite-error.ts";
import { prepareStops } from "./stops.ts";
import { prepareTallies } from "./tallies.ts";
import { prepareNotes } from "./together.ts";
import { prepareVerifications } from "./verifications.ts";
import { prepareWork } from "./work.ts";

export type SqliteLedgerOptions = {
  /** The database file; its folder is made when absent, readable by this user only. */
  path: string;
  /** How long a write waits for another process's lock. @default 2_000 */
  patienceMs?: number;
  /** What to note for destinations that need it. @default nothing */
  interests?: Interests;
  /** Told after each commit how many writes shared it. @default nobody is told */
  committed?(writes: number): void;
  /** How often to look for another process's commits. @default 250 */
  foreignCommitPollMs?: number;
  /** By which leads are sealed. @default null: they are kept in clear */
  masterKeys?: MasterKeys | null;
  /** How many leads at once make a thread of its own record new ones from then on. @default null: none does; nor of sealed ones */
  threadAt?: number | null;
};

/**
 * Opens the embedded ledger: one SQLite file in WAL mode with `synchronous=FULL`, so that a commit is on disk when it
 * returns (https://www.sqlite.org/pragma.html#pragma_synchronous, read 2026-11). Other processes may open it meanwhile.
 * @throws {LedgerUnavailable} with the cause and the cure, {MigrationFailed}
 */
export function openSqliteLedger(options: SqliteLedgerOptions): Ledger & { accounts: Accounts; sealing: Sealing } {
  const {
    path,
    patienceMs,
    interests = noInterests,
    foreignCommitPollMs = 250,
    masterKeys = null,
    threadAt = null,
  } = options;
  const { db, statements } = openDatabase(path, (opened) => {
    const sealed = openSealing(opened, path, masterKeys);
    try {
      return prepareAll(opened, interests, sealed);
    } catch (error) {
      sealed.close();
      throw error;
    }
  });
  const { sealed } = statements;
  const { consents, leads, claims, replays, pauses, noted, followUps, stops, erasures, expiries } = statements;
  const { tallies, acts, pages, work, overview, resync } = statements;
  const rolledBack = () => {
    statements.plans.forget();
    tallies.forget();
  };
  const files = ownFilesOf(db, path);
  const beforeCommit = () => {
    tallies.write();
    files.assertThere();
  };
  const isThreaded = threadAt !== null && sealed === unsealed;
  const keeper = isThreaded ? createKeeper({ ...options, threadAt }) : null;
  const queueOptions: CommitQueueOptions = {
    path,
    beforeCommit,
    rolledBack,
    turnstile: () => keeper?.turnstile() ?? null,
    ...(patienceMs === undefined ? {} : { patienceMs }),
    ...(options.committed ? { committed: options.committed } : {}),
  };
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

  /** After a commit by which leads have gone. What cannot be destroyed now is when the files are scrubbed, or something else goes. */
  async function destroyKeys(): Promise<boolean> {
    if (!sealed.hasKeysToDestroy()) return true;
    return write(sealed.destroyKeys).then(
      () => true,
      () => false,
    );
  }

  /** Reads run at once, outside the queue; SQLite's trouble becomes `LedgerUnavailable` here too. */
  async function read<T>(work: () => T | Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw asUnavailable(error, path);
    }
  }

  async function* list(filter: LeadFilter): AsyncGenerator<LeadRecord> {
    try {
      yield* pages.list(filter);
    } catch (error) {
      throw asUnavailable(error, path);
    }
  }

  function recordConsent(leadId: LeadId, event: ConsentEvent, actor: Actor, consequences: ConsentConsequences) {
    const lead = leads.findRow(leadId);
    if (!lead) throw new LeadkeepError("unknown_lead", `There is no lead ${leadId}.`);
    if (lead.state === "erased")
      throw new LeadkeepError("erased", `Lead ${leadId} belongs to a person who was erased.`);
    const { purpose, action, at } = event;
    consents.append(leadId, event);
    acts.record(at, actor, `consent ${action}: ${purpose}`, leadId);
    const { spare = [], followUps: toFollow } = consequences;
    const released = action === "granted" ? consents.releaseFor(leadId, purpose, at) : [];
    if (action === "withdrawn") statements.plans.writeAll(lead);
    const stopped = action === "withdrawn" ? consents.stopFor(leadId, purpose, spare) : [];
    return { released, stopped, followUps: followUps.addAll(lead, toFollow?.(leads.recordOf(lead)) ?? [], at) };
  }

  async function giveWhatLacks(request: Parameters<Ledger["resync"]>[0]): Promise<number> {
    let [looked, given] = [0, 0];
    if (!request.dryRun) await write(() => resync.begin(request));
    for await (const chunk of resync.chunks(request)) {
      const lacking = resync.lackingOf(chunk, request);
      if (lacking.length > 0) given += request.dryRun ? lacking.length : await act(() => resync.give(lacking, request));
      looked += chunk.length;
      request.progress?.(looked, given);
    }
    return given;
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
    accept: (entry) => {
      if (!keeper) return write(() => leads.accept(entry));
      const arrival = arrivalOf(entry, toDocument(entry.lead));
      return keeper.accept(arrival) ?? write(() => leads.record(arrival));
    },
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
    nextDue: (destination, by) => read(() => claims.nextDue(destination, by)),
    recordConsent: (leadId, event, actor, consequences = {}) =>
      act(() => recordConsent(leadId, event, actor, consequences)),
    addFollowUp: (leadId, followUp, { now, most }) =>
      act(() => {
        const lead = leads.findRow(leadId);
        if (lead?.state !== "active" || followUps.countOf(leadId, followUp) >= most) return null;
        return followUps.add(lead, followUp, now);
      }),
    erase: async (ids, request) => {
      const erased = await act(() => erasures.erase(ids, request));
      await destroyKeys();
      return erased;
    },
    erasedAt: (person) => read(() => erasures.erasedAt(person)),
    scrub: async () => {
      if (!(await destroyKeys()) || !sealed.scrub()) return false;
      const traces = erasures.traces();
      const clean = await scrub(db, path, traces);
      if (clean) erasures.scrubbed(traces);
      return clean;
    },
    countExpired: (expiry) => expiries.count(expiry),
    expire: async (expiry, { limit, ...request }) => {
      const due = await expiries.next(expiry, limit);
      const ended = due.length === 0 ? 0 : await write(() => expiries.end(expiry, due, request));
      await destroyKeys();
      return ended;
    },
    releaseLeads: (ids, request) => act(() => statements.releaseLeads(ids, request)),
    quarantineLeads: (ids, request) => act(() => statements.quarantineLeads(ids, request)),
    takeCaptchaChecks: (request) => write(() => statements.checks.take(request)),
    putOffCaptchaCheck: (lead, dueAt) => write(() => statements.checks.putOff(lead, dueAt)),
    settleCaptchaCheck: (lead, verdict, request) =>
      act(() => statements.checks.settle(lead, verdict, request, statements.releaseLeads)),
    resync: (request) => read(() => giveWhatLacks(request)),
    noteWork: (lead, change, request) => write(() => work.note(lead, change, request)),
    cancel: (ids, request) => act(() => stops.cancel(ids, request)),
    replay: (selection, request) => act(() => replays.replay(selection, request)),
    redeliver: (ids, request) => act(() => statements.redeliveries.redeliver(ids, request)),
    findLead: (id) => read(() => leads.findRecord(id)),
    listLeads: list,
    pageOfLeads: (filter, request) => read(() => pages.page(filter, request)),
    deadLetters: () => read(overview.deadLetters),
    forms: () => read(overview.forms),
    counts: () => read(overview.counts),
    leadCounts: () => read(overview.leadCounts),
    leadTallies: (since) => read(() => tallies.leadTallies(since)),
    attemptTallies: (since) => read(() => tallies.attemptTallies(since)),
    acts: (request) => read(() => acts.list(request)),
    recordAct: ({ at, actor, act, subject }) => write(() => acts.record(at, actor, act, subject)),
    backlog: () => read(overview.backlog),
    pause: (pause, actor) => act(() => pauses.pause(pause, actor)),
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
    accounts: statements.accounts({ write, read }),
    sealing: sealed.sealing(write),
    together: createTogether("one", (name, decide) => write(() => statements.notes.change(name, decide))),
    verifications: statements.verifications({ write, read }),
    checkWritable: () => write(() => void statements.touch.run()),
    close: async () => {
      for (const timer of timers) clearInterval(timer);
      await Promise.all([queue.close(), keeper?.close()]);
      if (db.isOpen) db.close();
      sealed.close();
    },
  };
}

const noInterests: Interests = { statusAt: [], oncePerPerson: [] };

function prepareAll(db: DatabaseSync, interests: Interests, sealed: SqliteSealing) {
  const { documents } = sealed;
  const noted = prepareInterests(db, interests);
  const consents = prepareConsents(db, noted);
  const plans = preparePlans(db);
  const acts = prepareActs(db);
  const work = prepareWork(db, acts.record, documents);
  const tallies = prepareTallies(db);
  const checks = prepareCaptchaChecks(db, documents);
  const leads = prepareLeads(db, { consents, plans, work, tallies, sealed });
  const recordAct = acts.record;
  const replays = prepareReplays(db, noted, recordAct);
  const sources = prepareSources(db);
  const followUps = prepareFollowUps(db);
  const redeliveries = prepareRedeliveries(db, { interests: noted, tallies, recordAct });
  return {
    sealed,
    followUps,
    stops: prepareStops(db, { leads, plans, interests: noted, recordAct }),
    erasures: prepareErasures(db, { leads, plans, consents, followUps, recordAct }),
    expiries: prepareExpiries(db, recordAct),
    noted,
    consents,
    plans,
    leads,
    claims: prepareClaims(db, leads, plans, { interests: noted, tallies }),
    acts,
    work,
    tallies,
    pages: preparePages(db, { leads, sources, documents }),
    overview: prepareOverview(db, { plans, sources }),
    resync: prepareResync(db, { leads, interests: noted, redeliveries, recordAct }),
    redeliveries,
    verifications: prepareVerifications(db, consents, documents),
    checks,
    releaseLeads: prepareReleases(db, { checks, redeliveries, interests: noted, recordAct }),
    quarantineLeads: prepareQuarantines(db, { leads, plans, followUps, checks, interests: noted, recordAct }),
    accounts: prepareAccounts(db),
    replays,
    notes: prepareNotes(db),
    pauses: preparePauses(db, recordAct),
    dataVersion: db.prepare("PRAGMA data_version"),
    /** Writes a page and changes nothing: an empty transaction would succeed on a full disk. */
    touch: db.prepare("PRAGMA application_id = 0"),
  };
}
