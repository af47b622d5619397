import type { DatabaseSync } from "node:sqlite";
import { setImmediate as breathe } from "node:timers/promises";
import type { LeadId } from "../../model/id.ts";
import type { LeadState } from "../../model/lead.ts";
import type { Actor, Expiry } from "../ledger.ts";
import { oneActMs } from "../retention-act.ts";

/** Leads looked at between two turns of the event loop. */
const lookAt = 100;
/** Leads ended in one transaction at most. */
const endAtOnce = 25;
/** And no more once it has taken so long, as it may when the disk has to be read: submissions wait for its end. */
const longestEndMs = 4;
/** Leads are on record in the order they came, but for a clock that was set: so much later than the bound none is looked for. */
const clockSlackMs = 86_400_000;

type Row = { id: LeadId; state: LeadState; received_at: number; key: string | null };
/** `passed`: up to there nothing is due; `last`: up to there it was looked. */
type Page = { due: Row[]; passed: string; last: string; atEnd: boolean };

/** What retention ends: looked for in small pages, so that intake goes on meanwhile. */
export function prepareExpiries(
  db: DatabaseSync,
  recordAct: (at: number, actor: Actor, act: string, subject: string) => void,
) {
  const page = db.prepare(
    "SELECT id, state, received_at, key FROM leads WHERE form = ? AND id > ? ORDER BY id LIMIT ?",
  );
  const isUnderWay = db.prepare(
    "SELECT 1 FROM deliveries WHERE lead_id = ? AND (state = 'claimed' OR state = 'pending' AND tag LIKE 'erased-%')",
  );
  // What a person has put into quarantine is kept from then on.
  const heldSince = db.prepare("SELECT 1 FROM acts WHERE subject = ? AND act = 'quarantine' AND at >= ?");
  const over = `lead_id = ?1 AND started_at < ?2 AND EXISTS (SELECT 1 FROM deliveries
    WHERE lead_id = attempts.lead_id AND destination = attempts.destination AND tag = attempts.tag
      AND state IN ('delivered', 'cancelled'))`;
  const countAttempts = db.prepare(`SELECT COUNT(*) AS n FROM attempts WHERE ${over}`);
  const deleteAttempts = db.prepare(`DELETE FROM attempts WHERE ${over}`);
  const deleteKey = db.prepare("DELETE FROM submission_keys WHERE form = ? AND key = ?");
  const deletions = [
    "attempts",
    "deliveries",
    "consents",
    "status_marks",
    "lead_work",
    "missing",
    "captcha_checks",
  ].map((table) => db.prepare(`DELETE FROM ${table} WHERE lead_id = ?`));
  const deleteLead = db.prepare("DELETE FROM leads WHERE id = ?");
  // The place of the newest lead is given again once that is gone: a lane must not take it for one it has had.
  const stepBack = db.prepare("UPDATE lanes SET taken = MIN(taken, (SELECT COALESCE(MAX(seq), 0) FROM leads))");
  const addToLastAct = db.prepare(
    `UPDATE acts SET at = MAX(at, ?1), act = 'retention: ' || CAST(substr(act, 12) + ?2 AS INTEGER) || ' ' || ?3
     WHERE seq = (SELECT MAX(seq) FROM acts) AND act LIKE 'retention: % ' || ?3
       AND actor_type = ?4 AND actor_name = ?5 AND subject = ?6 AND at >= ?7`,
  );
  /** How far it has been looked through, since what stays would be looked at again and again. */
  const reached = new Map<string, string>();

  function look({ form, before, ...expiry }: Expiry, after: string, size: number): Page {
    const rows = page.all(form, after, size) as Row[];
    const last = rows.at(-1);
    const due = rows.filter(({ id, state, received_at }) => {
      if (received_at >= before) return false;
      if (expiry.what === "attempts") return attemptsOf(id, before) > 0;
      const isHeld = state === "quarantined" && heldSince.get(id, before) !== undefined;
      return state === expiry.state && !isHeld && !isUnderWay.get(id);
    });
    const atEnd = rows.length < size || !last || last.received_at >= before + clockSlackMs;
    const passed = due[0] ? rows[rows.indexOf(due[0]) - 1] : last;
    return { due, passed: passed?.id ?? after, last: last?.id ?? after, atEnd };
  }

  function attemptsOf(id: LeadId, before: number): number {
    return Number(countAttempts.get(id, before)?.n);
  }

  async function count(expiry: Expiry): Promise<number> {
    let counted = 0;
    for (let after = ""; ; await breathe()) {
      const { due, last, atEnd } = look(expiry, after, lookAt);
      counted +=
        expiry.what === "leads" ? due.length : due.reduce((sum, { id }) => sum + attemptsOf(id, expiry.before), 0);
      if (atEnd) return counted;
      after = last;
    }
  }

  /** The next leads something of which is due to end, at most `limit`; none when there are no more. */
  async function next(expiry: Expiry, limit: number): Promise<Row[]> {
    const place = JSON.stringify([expiry.what, expiry.form, expiry.what === "leads" ? expiry.state : null]);
    for (let after = reached.get(place) ?? ""; ; await breathe()) {
      const { due, passed, atEnd } = look(expiry, after, Math.min(limit, endAtOnce));
      after = passed;
      // Not further: what is due now may yet fail to end.
      reached.set(place, passed);
      if (due.length > 0) return due;
      if (atEnd) {
        reached.delete(place);
        return [];
      }
    }
  }

  /** Inside the commit queue's transaction. Resolves to how many leads or attempts it ended; what it left is due next time. */
  function end(expiry: Expiry, rows: readonly Row[], { now, actor }: { now: number; actor: Actor }): number {
    let ended = 0;
    const begun = performance.now();
    for (const { id, key } of rows) {
      if (ended > 0 && performance.now() - begun > longestEndMs) break;
      if (expiry.what === "attempts") {
        ended += Number(deleteAttempts.run(id, expiry.before).changes);
        continue;
      }
      if (isUnderWay.get(id)) continue;
      for (const deletion of deletions) deletion.run(id);
      if (key !== null) deleteKey.run(expiry.form, key);
      ended += Number(deleteLead.run(id).changes);
    }
    if (expiry.what === "leads") stepBack.run();
    if (ended > 0) note(expiry, ended, { now, actor });
    return ended;
  }

  function note({ what, form }: Expiry, ended: number, { now, actor }: { now: number; actor: Actor }): void {
    const { changes } = addToLastAct.run(now, ended, what, actor.type, actor.name, form, now - oneActMs);
    if (changes === 0) recordAct(now, actor, `retention: ${ended} ${what}`, form);
  }

  return { count, next, end };
}
