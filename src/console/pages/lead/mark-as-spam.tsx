import { Button, Checkbox, Group, Stack, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { useState } from "react";
import { keys } from "../../api/keys.ts";
import { quarantineLead } from "../../api/spam.ts";
import { useAct } from "../../api/use-act.ts";
import { useNotify } from "../../components/notify.tsx";
import { common } from "../../i18n/common.ts";
import { spamWords } from "../../i18n/spam.ts";
import { useWords } from "../../i18n/words.ts";

/** Asks whether a lead is to be held back, and whether it is to go where it was delivered. */
export function openMarkAsSpam(id: string, title: string): void {
  const modalId = modals.open({ title, children: <MarkAsSpam id={id} close={() => modals.close(modalId)} /> });
}

function MarkAsSpam({ id, close }: { id: string; close: () => void }) {
  const t = useWords(spamWords);
  const tCommon = useWords(common);
  const notify = useNotify();
  const [undo, setUndo] = useState(false);
  const marking = useAct(() => quarantineLead(id, undo), {
    changes: [keys.lead(id), keys.leads, keys.overview],
    onDone({ removing, by_hand }) {
      const told = [t("marked")];
      if (removing > 0) told.push(t("removing", { count: removing }));
      if (by_hand.length > 0) told.push(t("byHand", { count: by_hand.length }));
      notify.done(told.join(" · "));
      close();
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        marking.mutate();
      }}
    >
      <Stack gap="md">
        <Text size="sm">{t("markHint")}</Text>
        <Checkbox
          label={t("undo")}
          description={t("undoHint")}
          checked={undo}
          onChange={(event) => setUndo(event.currentTarget.checked)}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {tCommon("cancel")}
          </Button>
          <Button type="submit" loading={marking.isPending}>
            {t("markAct")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
