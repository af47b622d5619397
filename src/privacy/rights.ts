import type { KeyedHash } from "../intake/keyed-hash.ts";
import type { Act, Actor, Ledger } from "../ledger/ledger.ts";
import type { LeadId } from "../model/id.ts";
import {
  type ErasingDestination,
  type ErasurePlan,
  type ErasureTask,
  entombed,
  erasureFollowUps,
  erasureTasks,
  planErasure,
} from "./erasure.ts";
import { findSubject, type Identifier, identifierText, parseIdentifier, type Subject } from "./subject.ts";
import type { PersonJson, Recipient } from "./subject-export.ts";

export type RightsOptions = Pick<KeyedHash, "personKey" | "personKeys"> & {
  ledger: Ledger;
  destinations: readonly (Recipient & ErasingDestination)[];
  /** The country of phone numbers without a prefix, by form; of the gateway when no form is named. */
  countryOf(form: string | null): string;
  /** Epoch milliseconds. */
  now(): number;
  /** Resolves after so many milliseconds. */
  wait(ms: number): Promise<void>;
};

/** What was erased. */
export type Erased = {
  erased: LeadId[];
  /** What follows at the destinations, with what has to be done by hand (reason `by_hand`). */
  tasks: ErasureTask[];
  /** False when traces may remain in the database's files until the gateway's next daily clean-up. */
  scrubbed: boolean;
};

/** How the last erasure of a person stands. */
export type ErasureStatus = { erasedAt: number; tasks: ErasureTask[] };

const scrubWaitsMs = [100, 300, 1_000, 3_000];
const actsAtOnce = 500;

/** What people may ask of their own data (GDPR articles 15, 17 and 20), for the command line, the API and the console. */
export type Rights = ReturnType<typeof createRights>;

export function createRights(options: RightsOptions) {
  const { ledger, destinations, personKey, personKeys, countryOf, now, wait } = options;

  function find(identifier: Identifier): Promise<Subject> {
    return findSubject(ledger, identifier, countryOf);
  }

  async function partsFor(subject: Subject, actor: Actor) {
    const at = now();
    const acts = await actsAbout(subject);
    for (const { lead } of subject.leads) await ledger.recordAct({ at, actor, act: "export", subject: lead.id });
    return { subject, acts, destinations, now: at };
  }

  /** Acts are looked through back to the person's first lead. */
  async function actsAbout({ leads }: Subject): Promise<Act[]> {
    const own = new Set<string>(leads.flatMap(({ lead, deliveries }) => [lead.id, ...deliveries.map(({ id }) => id)]));
    const since = Math.min(...leads.map(({ lead }) => lead.receivedAt));
    const found: Act[] = [];
    for await (const act of actsSince(since)) if (own.has(act.subject)) found.push(act);
    return found.reverse();
  }

  async function* actsSince(since: number): AsyncGenerator<Act> {
    let before: number | undefined;
    for (;;) {
      const page = await ledger.acts({ limit: actsAtOnce, ...(before === undefined ? {} : { before }) });
      yield* page;
      before = page.at(-1)?.n;
      // Some acts bear the time of what they put on record, which may be long ago.
      if (page.length < actsAtOnce || page.every(({ at }) => at < since)) return;
    }
  }

  async function erase(subject: Subject, actor: Actor): Promise<Erased> {
    const { erased } = await ledger.erase(
      subject.leads.map(({ lead }) => lead.id),
      {
        tombstones: entombed(subject).map(personKey),
        now: now(),
        actor,
        followUps: (record) => erasureFollowUps(record, destinations),
      },
    );
    const tasks = await tasksOf(erased);
    return { erased, tasks, scrubbed: await scrub() };
  }

  async function tasksOf(leads: readonly LeadId[]): Promise<ErasureTask[]> {
    const records = await Promise.all(leads.map((id) => ledger.findLead(id)));
    return records.flatMap((record) => (record ? erasureTasks(record) : []));
  }

  /** Another process may hold a read on the files; it is asked for a few times. */
  async function scrub(): Promise<boolean> {
    for (const waitMs of scrubWaitsMs) {
      if (await ledger.scrub()) return true;
      await wait(waitMs);
    }
    return ledger.scrub();
  }

  async function lastErased(contact: string): Promise<number | null> {
    const moments = await Promise.all(personKeys(contact).map((key) => ledger.erasedAt(key)));
    return moments.reduce((latest, at) => (at !== null && (latest === null || at > latest) ? at : latest), null);
  }

  return {
    /** Reads an e-mail address or a phone number as intake does. */
    parse: (text: string): Promise<Identifier | { problem: string }> => parseIdentifier(text, countryOf(null)),
    /** Everything on record of a person; the leads are empty when there is nobody of that name. */
    find,
    /** Everything about a person as a zip. That it was handed out is put on record, lead by lead. */
    export: async (subject: Subject, actor: Actor): Promise<Uint8Array> => {
      const { exportSubject } = await import("./subject-export.ts");
      return exportSubject(await partsFor(subject, actor));
    },
    /** The same as JSON. */
    exportJson: async (subject: Subject, actor: Actor): Promise<PersonJson> => {
      const { personJson } = await import("./subject-export.ts");
      return personJson(await partsFor(subject, actor));
    },
    /** What an erasure would do. Changes nothing. */
    planErasure: (subject: Subject): ErasurePlan => planErasure(subject, destinations),
    /** Erases a person here, and sets the erasures at the destinations to work. */
    erase,
    /** How the person's last erasure stands at the destinations; null when they never were erased. */
    erasureStatus: async (identifier: Identifier): Promise<ErasureStatus | null> => {
      const erasedAt = await lastErased(identifierText(identifier));
      if (erasedAt === null) return null;
      const leads: LeadId[] = [];
      for await (const { at, act, subject } of actsSince(erasedAt)) {
        if (at === erasedAt && act === "erase") leads.push(subject as LeadId);
      }
      return { erasedAt, tasks: await tasksOf(leads.reverse()) };
    },
    /**
     * True when a lead of this date must not be brought back, as an import might: its person was erased since. Who writes again
     * later is a new lead. `at`: when it was received, epoch milliseconds.
     */
    isErased: async (
      { email, phone }: { email: string | null; phone: string | null },
      at: number,
    ): Promise<boolean> => {
      for (const contact of [email, phone]) {
        const erasedAt = contact === null ? null : await lastErased(contact);
        if (erasedAt !== null && at <= erasedAt) return true;
      }
      return false;
    },
  };
}
