import type { Ledger } from "../ledger/ledger.ts";
import { type Alert, emptyBook } from "../model/alert.ts";
import { acknowledge } from "./alert-book.ts";
import { type AlertWords, alertWords, type Surroundings } from "./notice-words.ts";
import { bookName } from "./notices.ts";

/** An alert, and what to tell people of it. */
export type ToldAlert = Alert & { words: AlertWords };

/** Where people look at alerts. */
export type AlertDesk = {
  /** Those that are open, the gravest and newest first, and the last 50 that are over. */
  list(): Promise<{ open: ToldAlert[]; over: ToldAlert[] }>;
  /** Notes who has seen an open alert: no reminders until it gets worse. Null when there is no such open alert. */
  acknowledge(id: string, by: string): Promise<ToldAlert | null>;
};

/** What alerts are shown with. */
export type DeskOptions = Omit<Surroundings, "now"> & { now(): number };

/** The alerts of a ledger, for whoever looks; nothing has to run for it. */
export function createAlertDesk({ together }: Pick<Ledger, "together">, { now, ...rest }: DeskOptions): AlertDesk {
  const told = (alert: Alert): ToldAlert => ({ ...alert, words: alertWords(alert, { ...rest, now: now() }) });
  return {
    async list() {
      const book = await together.change("alerts", bookName, (note) => ({ answer: note ?? emptyBook }));
      const open = book.open.toSorted((one, other) => weight(other) - weight(one) || other.since - one.since);
      return { open: open.map(told), over: book.over.map(told) };
    },
    async acknowledge(id, by) {
      const alert = await together.change("alerts", bookName, (note, { now: at }) => {
        const acknowledged = acknowledge(note ?? emptyBook, id, { by, at });
        return acknowledged ? { note: acknowledged.book, answer: acknowledged.alert } : { answer: null };
      });
      return alert && told(alert);
    },
  };
}

function weight({ severity }: Alert): number {
  return severity === "problem" ? 1 : 0;
}
