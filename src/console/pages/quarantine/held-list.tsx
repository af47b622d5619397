import { Button, Checkbox, Group, Kbd, Text } from "@mantine/core";
import { useRef, useState } from "react";
import { useMay } from "../../api/session.ts";
import type { LeadRow } from "../../api/types.ts";
import { quarantineWords } from "../../i18n/quarantine.ts";
import { useWords } from "../../i18n/words.ts";
import { HeldRow } from "./held-row.tsx";
import classes from "./quarantine.module.css";
import { useJudging } from "./use-judging.tsx";
import { useKeys } from "./use-keys.ts";

/** What is held back, to be judged one by one or several together. */
export function HeldList({ rows }: { rows: readonly LeadRow[] }) {
  const t = useWords(quarantineWords);
  const mayRelease = useMay("operate");
  const mayDelete = useMay("erase");
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
  const { busy, release, remove } = useJudging(() => setMarked(new Set()));
  const list = useRef<HTMLOListElement>(null);
  // What somebody else has judged meanwhile is not in the list any more.
  const chosen = rows.filter(({ lead_id }) => marked.has(lead_id)).map(({ lead_id }) => lead_id);

  function toggle(id: string): void {
    setMarked((before) =>
      before.has(id) ? new Set([...before].filter((one) => one !== id)) : new Set([...before, id]),
    );
  }
  /** The chosen ones; when none is chosen, the one with the focus. */
  function concerned(index: number | null): string[] {
    const focused = index === null ? undefined : rows[index]?.lead_id;
    if (chosen.length > 0) return chosen;
    return focused === undefined ? [] : [focused];
  }
  function onSome(act: (ids: readonly string[]) => void, may: boolean) {
    return (index: number | null): void => {
      const ids = concerned(index);
      if (may && !busy && ids.length > 0) act(ids);
    };
  }
  useKeys({
    list,
    select: (index) => mayRelease && toggle(rows[index]?.lead_id ?? ""),
    release: onSome(release, mayRelease),
    remove: onSome(remove, mayDelete),
  });

  return (
    <>
      {mayRelease && (
        <Group className={classes.bar} justify="space-between" gap="sm">
          <Checkbox
            label={chosen.length > 0 ? t("selected", { count: chosen.length }) : t("selectAll")}
            aria-label={t("selectAll")}
            checked={chosen.length === rows.length}
            indeterminate={chosen.length > 0 && chosen.length < rows.length}
            onChange={() =>
              setMarked(chosen.length === rows.length ? new Set() : new Set(rows.map(({ lead_id }) => lead_id)))
            }
          />
          {chosen.length > 0 && (
            <Group gap="xs">
              <Button size="xs" loading={busy} onClick={() => release(chosen)}>
                {t("releaseCount", { count: chosen.length })}
              </Button>
              {mayDelete && (
                <Button size="xs" variant="default" disabled={busy} onClick={() => remove(chosen)}>
                  {t("deleteCount", { count: chosen.length })}
                </Button>
              )}
            </Group>
          )}
        </Group>
      )}
      <ol ref={list} className={classes.list} aria-label={t("list")}>
        {rows.map((row, index) => (
          <HeldRow
            key={row.lead_id}
            row={row}
            index={index}
            chosen={marked.has(row.lead_id)}
            busy={busy}
            toggle={mayRelease ? () => toggle(row.lead_id) : null}
            release={mayRelease ? () => release([row.lead_id]) : null}
            remove={mayDelete ? () => remove([row.lead_id]) : null}
          />
        ))}
      </ol>
      {mayRelease && (
        <Text size="xs" c="dimmed" visibleFrom="sm">
          {t("keys")}: <Kbd size="xs">j</Kbd> <Kbd size="xs">k</Kbd> {t("keyMove")} · <Kbd size="xs">Enter</Kbd>{" "}
          {t("keyOpen")} · <Kbd size="xs">x</Kbd> {t("keySelect")} · <Kbd size="xs">r</Kbd> {t("keyRelease")}
          {mayDelete && (
            <>
              {" "}
              · <Kbd size="xs">Delete</Kbd> {t("keyDelete")}
            </>
          )}
        </Text>
      )}
    </>
  );
}
