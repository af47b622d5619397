import { useHotkeys } from "@mantine/hooks";
import type { RefObject } from "react";

type KeysOf = {
  list: RefObject<HTMLElement | null>;
  /** Called with the row in which the focus is, null when it is in none. */
  select(index: number): void;
  release(index: number | null): void;
  remove(index: number | null): void;
};

/** The list by keyboard: j and k move, x selects, r releases, Delete deletes. Not while one types, or a dialog is open. */
export function useKeys({ list, select, release, remove }: KeysOf): void {
  const focused = (): number | null => {
    const row = document.activeElement?.closest("[data-index]");
    return row && list.current?.contains(row) ? Number(row.getAttribute("data-index")) : null;
  };
  const move = (step: 1 | -1) => {
    const rows = list.current?.querySelectorAll<HTMLElement>("[data-lead-link]") ?? [];
    const index = focused();
    const next = index === null ? (step === 1 ? 0 : rows.length - 1) : index + step;
    rows[Math.min(Math.max(next, 0), rows.length - 1)]?.focus();
  };
  const at = (act: (index: number) => void) => () => {
    const index = focused();
    if (index !== null) act(index);
  };
  const unlessBusy = (act: () => void) => (event: KeyboardEvent) => {
    const target = event.target instanceof Element ? event.target : null;
    const typing = target?.matches("input:not([type=checkbox])");
    if (!typing && document.querySelector('[role="dialog"]') === null) act();
  };
  useHotkeys(
    [
      ["j", unlessBusy(() => move(1))],
      ["k", unlessBusy(() => move(-1))],
      ["x", unlessBusy(at(select))],
      ["r", unlessBusy(() => release(focused()))],
      ["Delete", unlessBusy(() => remove(focused()))],
    ],
    ["TEXTAREA", "SELECT"],
  );
}
