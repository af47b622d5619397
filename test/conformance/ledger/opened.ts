import { afterEach, beforeEach } from "vitest";
import type { Ledger } from "../../../src/ledger/ledger.ts";

/** A store under test. */
export type OpenedLedger = {
  ledger: Ledger;
  /** Closes the ledger and opens the same store again, as after a restart. */
  reopen(): Promise<Ledger>;
  /** Another, independent handle on the same store, as another process would have. */
  openSecond(): Promise<Ledger>;
  /** Closes every handle and removes the store. */
  cleanup(): Promise<void>;
};

/** Opens an empty store. */
export type OpenLedger = () => Promise<OpenedLedger>;

/** Opens an empty store before each test of the surrounding `describe` and cleans it up afterwards. */
export function useLedger(open: OpenLedger): Omit<OpenedLedger, "cleanup"> {
  let opened: OpenedLedger;
  beforeEach(async () => {
    opened = await open();
  });
  afterEach(() => opened.cleanup());
  return {
    get ledger() {
      return opened.ledger;
    },
    reopen: () => opened.reopen(),
    openSecond: () => opened.openSecond(),
  };
}
