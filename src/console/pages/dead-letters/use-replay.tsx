import { Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "../../api/client.ts";
import { useDrain } from "../../api/drains.ts";
import { keys } from "../../api/keys.ts";
import type { DestinationSummary } from "../../api/types.ts";
import { askToConfirm } from "../../components/confirm.tsx";
import { useNotify } from "../../components/notify.tsx";
import { deadLettersWords } from "../../i18n/dead-letters.ts";
import { useWords } from "../../i18n/words.ts";
import type { Cause } from "./causes.ts";

/** Which causes' dead letters to send again; with a code only that one's. */
export type Chosen = { destination?: string; code?: string };

/** Sends dead letters again: counts them first, asks, and has them watched while they drain. */
export function useReplay(causes: readonly Cause[], destinations: readonly DestinationSummary[]) {
  const t = useWords(deadLettersWords);
  const notify = useNotify();
  const drain = useDrain();
  const queries = useQueryClient();

  async function start(chosen: Chosen): Promise<number> {
    const { replayed } = await answer(api.deliveries.replay.$post({ json: { state: "dead", ...chosen } }));
    for (const queryKey of [keys.deadLetters, keys.overview]) void queries.invalidateQueries({ queryKey });
    return replayed;
  }

  return useMutation({
    mutationFn: (chosen: Chosen) =>
      answer(api.deliveries.replay.$post({ json: { state: "dead", ...chosen, dry_run: true } })),
    onError: notify.failed,
    onSuccess({ count }, chosen) {
      if (count === 0) {
        void queries.invalidateQueries({ queryKey: keys.deadLetters });
        return notify.done(t("replayGone"));
      }
      const parts = partsOf(causes, chosen, count);
      askToConfirm({
        title: t("replayTitle", { count }),
        children: <Warning parts={parts} destinations={destinations} />,
        act: t("replayAct", { count }),
        // The dialog closes at once: thousands take a while, and are watched on the page.
        onConfirm: () => void drain({ parts, ofDead: true, start: () => start(chosen) }),
      });
    },
  });
}

type Part = { destination: string; total: number };

function partsOf(causes: readonly Cause[], { destination, code }: Chosen, count: number): Part[] {
  if (destination !== undefined) return [{ destination, total: count }];
  const concerned = causes.filter((cause) => code === undefined || cause.code === code);
  const at = Map.groupBy(concerned, (cause) => cause.destination);
  return [...at].map(([id, some]) => ({ destination: id, total: some.reduce((sum, one) => sum + one.count, 0) }));
}

function Warning({ parts, destinations }: { parts: readonly Part[]; destinations: readonly DestinationSummary[] }) {
  const t = useWords(deadLettersWords);
  const labels = (some: readonly Part[]): string =>
    some.map((part) => destinations.find(({ id }) => id === part.destination)?.label ?? part.destination).join(", ");
  const found = (part: Part) => destinations.find(({ id }) => id === part.destination);
  const paused = parts.filter((part) => found(part)?.pause?.by === "person");
  const gone = parts.filter((part) => !found(part));
  return (
    <Stack gap="xs">
      <Text size="sm">{t("replayHint")}</Text>
      {paused.length > 0 && (
        <Text size="sm" c="var(--warn)">
          {t("replayPaused", { destinations: labels(paused) })}
        </Text>
      )}
      {gone.length > 0 && (
        <Text size="sm" c="var(--warn)">
          {t("notConfigured", { destinations: labels(gone) })}
        </Text>
      )}
    </Stack>
  );
}
