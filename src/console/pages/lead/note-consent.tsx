import { Stack, Text, Textarea } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { answer, api } from "../../api/client.ts";
import { keys } from "../../api/keys.ts";
import { askToConfirm } from "../../components/confirm.tsx";
import { useNotify } from "../../components/notify.tsx";
import { leadWords } from "../../i18n/lead.ts";
import { useWords } from "../../i18n/words.ts";

/** Notes a consent, or its withdrawal, that came another way than by the form; says first what follows from it. */
export function useNoteConsent(id: string): (purpose: string, action: "granted" | "withdrawn") => void {
  const t = useWords(leadWords);
  const notify = useNotify();
  const queries = useQueryClient();
  const typed = useRef("");

  return (purpose, action) => {
    const granting = action === "granted";
    typed.current = "";
    askToConfirm({
      title: granting ? t("grantTitle", { purpose }) : t("withdrawTitle", { purpose }),
      act: granting ? t("grant") : t("withdraw"),
      children: (
        <Stack>
          <Text size="sm">{granting ? t("grantHint") : t("withdrawHint")}</Text>
          <Textarea
            label={t("grantText")}
            autosize
            minRows={2}
            maxLength={5_000}
            onChange={(event) => {
              typed.current = event.currentTarget.value;
            }}
          />
        </Stack>
      ),
      async onConfirm() {
        const text = typed.current.trim();
        const json = { purpose, action, ...(text === "" ? {} : { text }) };
        const { released, stopped, follow_ups } = await answer(
          api.leads[":id"].consents.$post({ param: { id }, json }),
        );
        notify.done(t("consentNoted", { released, stopped, told: follow_ups }));
        await queries.invalidateQueries({ queryKey: keys.lead(id) });
      },
    });
  };
}
