import { Button, Loader, Text } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { IconArrowUp, IconSearch } from "@tabler/icons-react";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { LeadList } from "../../api/lead-list.ts";
import { useNarrow } from "../../components/data-table.tsx";
import { ErrorState } from "../../components/error-state.tsx";
import { useFormat } from "../../i18n/format.ts";
import { leadsWords } from "../../i18n/leads.ts";
import { useWords } from "../../i18n/words.ts";
import { LeadRowView } from "./lead-row.tsx";
import classes from "./leads.module.css";

const rowHeight = 64;
const cardHeight = 148;
/** So many rows before the end the next page is asked for. */
const ahead = 20;

type LeadListProps = {
  list: LeadList;
  /** Filled with how to learn which row is at the top of what is seen. */
  inView: RefObject<() => number>;
};

/** The rows that can be seen, of however many there are; j and k go from one to the next. */
export function LeadListView({ list, inView }: LeadListProps) {
  const t = useWords(leadsWords);
  const format = useFormat();
  const narrow = useNarrow();
  const { rows, hasMore, loadingMore, moreError, searchedBack, more, arrived } = list;
  const box = useRef<HTMLOListElement>(null);
  const [offset, setOffset] = useState(0);
  useLayoutEffect(() => setOffset(box.current?.offsetTop ?? 0), []);
  const virtualizer = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => (narrow ? cardHeight : rowHeight),
    getItemKey: (index) => rows[index]?.lead_id ?? index,
    overscan: 8,
    scrollMargin: offset,
  });
  const items = virtualizer.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    inView.current = () => virtualizer.range?.startIndex ?? 0;
  }, [inView, virtualizer]);

  // A search that stopped early goes on when the viewer says so, not by itself through the whole record.
  const goesOn = hasMore && !loadingMore && moreError === null && searchedBack === null && last >= rows.length - ahead;
  useEffect(() => {
    if (goesOn) more();
  }, [goesOn, more]);

  function showArrived(): void {
    list.showArrived();
    window.scrollTo({ top: 0 });
  }

  /** Where the focus goes with the next frame: a second press may come before it. */
  const goingTo = useRef<number | null>(null);
  const goTo = useCallback(
    (step: 1 | -1) => {
      const next = Math.min(Math.max((goingTo.current ?? focusedIndex(box.current)) + step, 0), rows.length - 1);
      virtualizer.scrollToIndex(next, { align: "auto" });
      goingTo.current = next;
      requestAnimationFrame(() => {
        if (goingTo.current !== next) return;
        goingTo.current = null;
        linkAt(box.current, next)?.focus({ preventScroll: true });
      });
    },
    [rows.length, virtualizer],
  );
  useHotkeys([
    ["j", () => goTo(1)],
    ["k", () => goTo(-1)],
    ["n", () => arrived > 0 && showArrived()],
  ]);

  return (
    <>
      <div className={classes.pill} role="status">
        {arrived > 0 && (
          <Button size="xs" radius="xl" leftSection={<IconArrowUp size={16} aria-hidden />} onClick={showArrived}>
            {arrived >= 50 ? t("manyNew") : t("newLeads", { count: arrived })}
          </Button>
        )}
      </div>
      <div className={classes.panel}>
        <ol ref={box} className={classes.list} aria-label={t("list")} style={{ height: virtualizer.getTotalSize() }}>
          {items.map(({ index, key, start }) => {
            const row = rows[index];
            return (
              row && (
                <li
                  key={key}
                  ref={narrow ? virtualizer.measureElement : undefined}
                  data-index={index}
                  className={classes.item}
                  style={{ transform: `translateY(${start - offset}px)` }}
                  aria-setsize={hasMore ? -1 : rows.length}
                  aria-posinset={index + 1}
                >
                  <LeadRowView row={row} narrow={narrow} />
                </li>
              )
            );
          })}
        </ol>
        <div className={classes.end}>
          {loadingMore && <Loader size="sm" />}
          {moreError !== null && <ErrorState error={moreError} retry={more} />}
          {!loadingMore && hasMore && moreError === null && searchedBack !== null && (
            <>
              <Text size="sm" c="dimmed" mb="xs">
                {t("searchedBack", { date: format.short(searchedBack) })}
              </Text>
              <Button variant="default" size="xs" leftSection={<IconSearch size={16} aria-hidden />} onClick={more}>
                {t("further")}
              </Button>
            </>
          )}
          {!hasMore && rows.length > 0 && (
            <Text size="sm" c="dimmed">
              {t("end", { count: rows.length })}
            </Text>
          )}
        </div>
      </div>
    </>
  );
}

function focusedIndex(list: HTMLElement | null): number {
  const item = document.activeElement?.closest("[data-index]");
  return item && list?.contains(item) ? Number(item.getAttribute("data-index")) : -1;
}

function linkAt(list: HTMLElement | null, index: number): HTMLElement | null {
  return list?.querySelector<HTMLElement>(`[data-index="${index}"] [data-lead-link]`) ?? null;
}
