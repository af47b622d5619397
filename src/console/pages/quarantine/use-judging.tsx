import { Text } from "@mantine/core";
import { answer, api } from "../../api/client.ts";
import { keys } from "../../api/keys.ts";
import { quarantineLead } from "../../api/spam.ts";
import { useAct } from "../../api/use-act.ts";
import { askToConfirm, confirmByTyping } from "../../components/confirm.tsx";
import { useNotify } from "../../components/notify.tsx";
import { quarantineWords } from "../../i18n/quarantine.ts";
import { useWords } from "../../i18n/words.ts";

/** The API takes so many ids at once. */
const atOnce = 500;
type Judged = { count: number; refused: number };

/**
 * Letting quarantined leads go on, which can be taken back for some seconds, and deleting them, which cannot: many are asked about,
 * deleting many by typing.
 */
export function useJudging(onJudged: () => void) {
  const t = useWords(quarantineWords);
  const notify = useNotify();
  const changes = [keys.leads, keys.overview, keys.forms];

  function told(words: "released" | "deleted", undo?: (ids: readonly string[]) => void) {
    return ({ count, refused }: Judged, ids: readonly string[]): void => {
      if (count > 0) notify.done(t(words, { count }), undo && (() => undo(ids)));
      if (refused > 0) notify.done(t("refused", { count: refused }));
      onJudged();
    };
  }
  /** Held back again; what has left meanwhile is removed where it arrived. */
  const holding = useAct((ids: readonly string[]) => Promise.all(ids.map((id) => quarantineLead(id, true))), {
    changes,
  });
  const releasing = useAct(
    (ids: readonly string[]) =>
      inParts(ids, async (some) => {
        const { released, refused } = await answer(api.leads.release.$post({ json: { ids: some } }));
        return { count: released, refused: refused.length };
      }),
    { changes, onDone: told("released", holding.mutate) },
  );
  const deleting = useAct(
    (ids: readonly string[]) =>
      inParts(ids, async (some) => {
        const { deleted, refused } = await answer(api.leads.delete.$post({ json: { ids: some } }));
        return { count: deleted, refused: refused.length };
      }),
    { changes, onDone: told("deleted") },
  );

  return {
    busy: releasing.isPending || deleting.isPending,
    release(ids: readonly string[]): void {
      const count = ids.length;
      if (count === 1) releasing.mutate(ids);
      else
        askToConfirm({
          title: t("releaseTitle", { count }),
          children: <Text size="sm">{t("releaseHint")}</Text>,
          act: t("releaseCount", { count }),
          onConfirm: () => releasing.mutateAsync(ids),
        });
    },
    remove(ids: readonly string[]): void {
      const count = ids.length;
      const question = {
        title: t("deleteTitle", { count }),
        children: <Text size="sm">{t("deleteHint", { count })}</Text>,
        act: t("deleteForGood", { count }),
        danger: true,
        onConfirm: () => deleting.mutateAsync(ids),
      };
      if (count === 1) askToConfirm(question);
      else confirmByTyping({ ...question, word: String(count) });
    },
  };
}

async function inParts(ids: readonly string[], judge: (some: string[]) => Promise<Judged>): Promise<Judged> {
  const sum: Judged = { count: 0, refused: 0 };
  for (let at = 0; at < ids.length; at += atOnce) {
    const { count, refused } = await judge(ids.slice(at, at + atOnce));
    sum.count += count;
    sum.refused += refused;
  }
  return sum;
}
