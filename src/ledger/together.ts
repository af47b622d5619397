import * as z from "zod";
import { alertBook } from "../model/alert.ts";

/**
 * What several machines that deliver from one ledger have to know of each other. Times are epoch milliseconds by the store's
 * clock, never by a machine's own: those may be hours apart.
 */
export interface Together {
  /** `one`: only this process delivers from the store, and its lanes need to ask nobody. */
  readonly machines: "one" | "several";

  /**
   * Takes a role only one may have at a time, or keeps it when the holder has it already: from now on for `forMs`. Null while
   * another has it. Whoever was away for longer than `forMs` has to ask again before acting on it.
   */
  lease(role: string, request: { holder: string; forMs: number }): Promise<Lease | null>;

  /** Gives a role up before its time; nothing happens when another has it by now. */
  release(lease: Lease): Promise<void>;

  /**
   * Changes a note all machines share, as a whole and never over another's change. `decide` may be called again when another
   * was faster. It gets null when nothing was noted yet, or nothing that still counts. An answer without `note` leaves it.
   */
  change<Kind extends NoteKind, T>(
    kind: Kind,
    of: string,
    decide: (note: Notes[Kind] | null, at: NoteTime) => { note?: Notes[Kind]; answer: T },
  ): Promise<T>;
}

/** `n` fences: it is higher whenever the role has changed hands. */
export type Lease = { role: string; holder: string; n: number };

/** `now`: by the store's clock. `version`: how many times the note was written. */
export type NoteTime = { now: number; version: number };

const schemas = {
  /** Whose a role is. */
  lease: z.object({ holder: z.string(), n: z.number(), until: z.number() }),
  /** How many calls of a destination's pace are left; see `Bucket` in src/delivery/pace.ts. */
  pace: z.object({ tokens: z.number(), at: z.number() }),
  /** What holds the lanes of a destination back; see src/delivery/lane-health.ts. */
  health: z.object({
    breaker: z.object({
      failed: z.array(z.string()),
      failures: z.number(),
      probeAt: z.number().nullable(),
      waitMs: z.number(),
    }),
    holdUntil: z.number(),
    holds: z.number(),
    blocked: z.object({ probes: z.number(), probeAt: z.number() }),
    probe: z.object({ by: z.string(), until: z.number() }).nullable(),
  }),
  /** What tells the secret people are hashed with from another; see src/ledger/shared-secret.ts. */
  secret: z.object({ fingerprint: z.string() }),
  /** Open alerts, and notices on their way; see src/watch/watch.ts. */
  alerts: alertBook,
  /** Failed tries to sign in, by keyed hashes of addresses and accounts; see src/server/sign-in/throttle.ts. */
  sign_ins: z.object({
    keys: z.record(z.string(), z.object({ n: z.number(), since: z.number(), until: z.number() })),
  }),
  /** Somebody who delivers was at work. */
  heartbeat: z.object({ at: z.number() }),
};
export type NoteKind = keyof typeof schemas;
export type Notes = { [Kind in NoteKind]: z.infer<(typeof schemas)[Kind]> };

/** A note as a store keeps it. */
export type NoteRow = { note: string; version: number; changedAt: number };

/**
 * What a store has to offer: hands `decide` the note of a name and the store's time, and writes what it answers unless that is
 * null, under the next version and that time. It does so again when another has written the note meanwhile.
 */
export type ChangeNote = <T>(
  name: string,
  decide: (row: NoteRow | null, now: number) => { note: string | null; answer: T },
) => Promise<T>;

/** A note from so far ahead was written before the store's clock was set back: its times mean nothing any more. */
const setBackMs = 1_000;
/** Notes that are kept all the same: what they say does not hang on the time. */
const lasting: ReadonlySet<NoteKind> = new Set(["alerts"]);

/** Everything machines share, over a store's notes. */
export function createTogether(machines: Together["machines"], changeNote: ChangeNote): Together {
  const change: Together["change"] = (kind, of, decide) =>
    changeNote(`${kind}:${of}`, (row, now) => {
      const counts = row !== null && (lasting.has(kind) || row.changedAt <= now + setBackMs);
      const known = counts ? parsed(kind, row.note) : null;
      const { note, answer } = decide(known, { now, version: row?.version ?? 0 });
      return { note: note === undefined ? null : JSON.stringify(note), answer };
    });

  return {
    machines,
    change,
    lease: (role, { holder, forMs }) =>
      change("lease", role, (note, { now, version }) => {
        const others = note !== null && note.holder !== holder;
        if (others && note.until > now) return { answer: null };
        const n = note === null || others ? version + 1 : note.n;
        return { note: { holder, n, until: now + forMs }, answer: { role, holder, n } };
      }),
    release: ({ role, holder, n }) =>
      change("lease", role, (note) => {
        const mine = note?.holder === holder && note.n === n;
        return mine ? { note: { ...note, until: 0 }, answer: undefined } : { answer: undefined };
      }),
  };
}

/** Null for what a program of another version has noted in another form: it is soon noted anew. */
function parsed<Kind extends NoteKind>(kind: Kind, note: string): Notes[Kind] | null {
  const read = schemas[kind].safeParse(JSON.parse(note));
  return read.success ? (read.data as Notes[Kind]) : null;
}
