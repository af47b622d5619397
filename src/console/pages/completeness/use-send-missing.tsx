import { Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { sendMissing } from "../../api/completeness.ts";
import { useDrain } from "../../api/drains.ts";
import { keys } from "../../api/keys.ts";
import { askToConfirm } from "../../components/confirm.tsx";
import { useNotify } from "../../components/notify.tsx";
import { useDestinationName } from "../../components/use-destination-name.ts";
import { completenessWords } from "../../i18n/completeness.ts";
import { useWords } from "../../i18n/words.ts";

/** Sends a destination again what is missing there: counts it first, asks, and has it watched while it drains. */
export function useSendMissing() {
  const t = useWords(completenessWords);
  const notify = useNotify();
  const drain = useDrain();
  const queries = useQueryClient();
  const nameOf = useDestinationName();
  const refresh = () => void queries.invalidateQueries({ queryKey: keys.completeness });

  async function start(destination: string): Promise<number> {
    const count = await sendMissing(destination, false);
    refresh();
    void queries.invalidateQueries({ queryKey: keys.overview });
    return count;
  }

  return useMutation({
    mutationFn: (destination: string) => sendMissing(destination, true),
    onError: notify.failed,
    onSuccess(count, destination) {
      if (count === 0) {
        refresh();
        return notify.done(t("sendNothing"));
      }
      askToConfirm({
        title: t("sendTitle", { count, destination: nameOf(destination) }),
        children: <Text size="sm">{t("sendHint")}</Text>,
        act: t("sendAct", { count }),
        // The dialog closes at once: what is sent is watched on the page.
        onConfirm: () =>
          void drain({
            parts: [{ destination, total: count, delivered: count }],
            ofDead: false,
            start: () => start(destination),
          }),
      });
    },
  });
}
