import type { Ledger } from "../../src/ledger/ledger.ts";

/** A ledger as the conformance suite takes it, from what opens one on the same place each time and what removes that in the end. */
export async function opened(open: () => Promise<Ledger>, remove: () => Promise<void>) {
  const ledger = await open();
  const all = [ledger];
  async function another(): Promise<Ledger> {
    const next = await open();
    all.push(next);
    return next;
  }
  return {
    ledger,
    reopen: async () => {
      await ledger.close();
      return another();
    },
    openSecond: another,
    cleanup: async () => {
      for (const each of all) await each.close();
      await remove();
    },
  };
}
