import { Text } from "@mantine/core";
import { answer, api } from "../../api/client.ts";
import { keys } from "../../api/keys.ts";
import { Problem } from "../../api/problem.ts";
import { useAct } from "../../api/use-act.ts";
import { askToConfirm } from "../../components/confirm.tsx";
import { useNotify } from "../../components/notify.tsx";
import { deadLettersWords } from "../../i18n/dead-letters.ts";
import { useWords } from "../../i18n/words.ts";
import type { Cause } from "./causes.ts";

type Told = Pick<Cause, "destination" | "code" | "count">;

/** Notes that a person has seen to all dead letters of a cause: the count they agreed to, or none. */
export function useHandled(label: (destination: string) => string) {
  const t = useWords(deadLettersWords);
  const notify = useNotify();
  const noting = useAct(
    ({ destination, code, count }: Told) =>
      answer(api.deliveries.cancel.$post({ json: { state: "dead", destination, code, count, handled: true } })).catch(
        (error: unknown) => {
          throw error instanceof Problem && error.code === "changed" ? new Error(t("handledChanged")) : error;
        },
      ),
    {
      changes: [keys.deadLetters, keys.overview, keys.destinations, keys.acts, keys.anyLead],
      onDone: ({ cancelled }) => notify.done(t("handledDone", { count: cancelled })),
    },
  );
  return (cause: Cause): void => {
    const { destination, count } = cause;
    askToConfirm({
      title: t("handledTitle", { count }),
      children: <Text size="sm">{t("handledHint", { count, destination: label(destination) })}</Text>,
      act: t("handledAct", { count }),
      onConfirm: () => noting.mutateAsync(cause),
    });
  };
}
