import { Button, Group, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconCheck, IconX } from "@tabler/icons-react";
import { useMemo } from "react";
import { common } from "../i18n/common.ts";
import { useWords } from "../i18n/words.ts";
import { useProblemWords } from "./use-problem-words.ts";

export type Notify = {
  /** Says that something was done; with `undo`, offers for ten seconds to take it back. */
  done(message: string, undo?: () => Promise<unknown> | unknown): void;
  failed(error: unknown): void;
};

/** Short messages at the page's edge, which a screen reader reads too. */
export function useNotify(): Notify {
  const t = useWords(common);
  const problemWords = useProblemWords();
  return useMemo(() => {
    const notify: Notify = {
      done(message, undo) {
        const id = notifications.show({
          icon: <IconCheck size={18} aria-hidden />,
          color: "teal",
          autoClose: undo ? 10_000 : 5_000,
          closeButtonProps: { "aria-label": t("close") },
          message: undo ? (
            <Group justify="space-between" gap="sm" wrap="nowrap">
              <Text size="sm">{message}</Text>
              <Button size="compact-sm" variant="default" onClick={takeBack}>
                {t("undo")}
              </Button>
            </Group>
          ) : (
            message
          ),
        });
        async function takeBack(): Promise<void> {
          notifications.hide(id);
          try {
            await undo?.();
          } catch (error) {
            notify.failed(error);
          }
        }
      },
      failed(error) {
        const { title, cure } = problemWords(error);
        notifications.show({
          icon: <IconX size={18} aria-hidden />,
          color: "red",
          autoClose: 10_000,
          role: "alert",
          closeButtonProps: { "aria-label": t("close") },
          title,
          message: cure ?? "",
        });
      },
    };
    return notify;
  }, [t, problemWords]);
}
