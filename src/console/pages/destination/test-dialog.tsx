import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api } from "../../api/client.ts";
import { keys } from "../../api/keys.ts";
import type { DestinationDetail } from "../../api/types.ts";
import { ErrorState } from "../../components/error-state.tsx";
import { common } from "../../i18n/common.ts";
import { destinationWords } from "../../i18n/destination.ts";
import { useWords } from "../../i18n/words.ts";
import { TestWatched } from "./test-watched.tsx";

type TestDialogProps = { destination: DestinationDetail; opened: boolean; close: () => void };

/** Sends the destination a marked, invented lead, and watches it arrive. */
export function TestDialog({ destination, opened, close }: TestDialogProps) {
  const t = useWords(destinationWords);
  const tCommon = useWords(common);
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={t("testTitle", { destination: destination.label })}
      closeButtonProps={{ "aria-label": tCommon("close") }}
    >
      <Body destination={destination} close={close} />
    </Modal>
  );
}

function Body({ destination, close }: Omit<TestDialogProps, "opened">) {
  const t = useWords(destinationWords);
  const tCommon = useWords(common);
  const queries = useQueryClient();
  const [email, setEmail] = useState("");
  const { id, can, state } = destination;
  const sending = useMutation({
    mutationFn: () => {
      const given = email.trim();
      return answer(api.destinations[":id"].test.$post({ param: { id }, json: given ? { email: given } : {} }));
    },
    onSettled: () => queries.invalidateQueries({ queryKey: keys.destinations }),
  });

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        sending.mutate();
      }}
    >
      <Stack>
        {sending.data ? (
          <TestWatched lead={sending.data.lead_id} destination={destination} />
        ) : (
          <>
            <Text size="sm">{t("testHint")}</Text>
            {can.sample && (
              <TextInput
                type="email"
                label={t("testEmail")}
                description={t("testEmailHint")}
                value={email}
                maxLength={254}
                onChange={(event) => setEmail(event.currentTarget.value)}
              />
            )}
            {state === "paused" && (
              <Text size="sm" c="var(--warn)">
                {t("testPaused")}
              </Text>
            )}
          </>
        )}
        {sending.error && <ErrorState error={sending.error} />}
        <Group justify="flex-end">
          {sending.data ? (
            <>
              <Button variant="default" onClick={() => sending.reset()}>
                {t("again")}
              </Button>
              <Button onClick={close}>{tCommon("close")}</Button>
            </>
          ) : (
            <>
              <Button variant="default" onClick={close}>
                {tCommon("cancel")}
              </Button>
              <Button type="submit" loading={sending.isPending}>
                {t("send")}
              </Button>
            </>
          )}
        </Group>
      </Stack>
    </form>
  );
}
