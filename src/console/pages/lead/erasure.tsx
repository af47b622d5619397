import { Alert, Button, Group, List, Loader, Stack, Text, TextInput } from "@mantine/core";
import { modals } from "@mantine/modals";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { eraseSubject, planErasure } from "../../api/subjects.ts";
import type { Erased, ErasurePlan } from "../../api/types.ts";
import { ErrorState } from "../../components/error-state.tsx";
import { useDestinationName } from "../../components/use-destination-name.ts";
import { common } from "../../i18n/common.ts";
import { useFormat } from "../../i18n/format.ts";
import { leadWords } from "../../i18n/lead.ts";
import { useWords } from "../../i18n/words.ts";

type Erasing = { identifier: string; title: string };

/** Shows what erasing a person would do, and does it once their e-mail or phone has been typed. */
export function openErasure({ identifier, title }: Erasing & { leadId: string }): void {
  const modalId = modals.open({
    title,
    size: "lg",
    children: <Erasure identifier={identifier} close={() => modals.close(modalId)} />,
  });
}

function Erasure({ identifier, close }: { identifier: string; close: () => void }) {
  const t = useWords(leadWords);
  const tCommon = useWords(common);
  const queries = useQueryClient();
  const [typed, setTyped] = useState("");
  const plan = useQuery({
    queryKey: ["erasure", identifier],
    queryFn: () => planErasure(identifier),
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const erasing = useMutation({
    mutationFn: () => eraseSubject(identifier),
    // Whatever is in memory may say something of the person: all of it is asked for again.
    onSuccess: () =>
      void queries.resetQueries({
        predicate: ({ queryKey }) => queryKey[0] !== "session" && queryKey[0] !== "erasure",
      }),
  });

  if (erasing.data) return <Done {...erasing.data} close={close} />;
  if (plan.error) return <ErrorState error={plan.error} retry={() => void plan.refetch()} />;
  if (!plan.data)
    return (
      <Group role="status">
        <Loader size="sm" />
        <Text>{t("planLoading")}</Text>
      </Group>
    );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (typed.trim() === identifier) erasing.mutate();
      }}
    >
      <Stack>
        <Plan plan={plan.data} />
        <Text size="sm" fw={600} c="var(--bad)">
          {tCommon("cannotUndo")}
        </Text>
        <TextInput
          label={tCommon("typeToConfirm", { word: identifier })}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          autoComplete="off"
          data-autofocus
        />
        {erasing.error && <ErrorState error={erasing.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {tCommon("cancel")}
          </Button>
          <Button type="submit" color="red" disabled={typed.trim() !== identifier} loading={erasing.isPending}>
            {t("erase")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Plan({ plan: { leads, mentions, others } }: { plan: ErasurePlan }) {
  const t = useWords(leadWords);
  const nameOf = useDestinationName();
  const format = useFormat();
  return (
    <Stack gap="xs" mah="40vh" style={{ overflowY: "auto" }} tabIndex={0}>
      <Text>{t("erasePlan", { count: leads.length })}</Text>
      <List size="sm" spacing="xs">
        {leads.map((lead) => (
          <List.Item key={lead.lead_id}>
            {lead.form}, {format.short(lead.received_at)}
            <List size="sm" listStyleType="none" withPadding>
              {lead.destinations.map(({ destination, what, detail }) => (
                <List.Item key={destination}>
                  {t(`plan-${what}`, { destination: nameOf(destination) })}
                  {detail && (
                    <Text size="xs" c="dimmed">
                      {detail}
                    </Text>
                  )}
                </List.Item>
              ))}
            </List>
          </List.Item>
        ))}
      </List>
      {others.length > 0 && <Text size="sm">{t("others", { others: others.join(", ") })}</Text>}
      {mentions.length > 0 && <Text size="sm">{t("mentions", { count: mentions.length })}</Text>}
    </Stack>
  );
}

function Done({ erased, tasks, scrubbed, close }: Erased & { close: () => void }) {
  const t = useWords(leadWords);
  const tCommon = useWords(common);
  const nameOf = useDestinationName();
  const byHand = tasks.filter((task) => task.by_hand);
  return (
    <Stack role="status">
      <Text fw={600}>{t("erasedDone", { count: erased })}</Text>
      {byHand.length > 0 && (
        <Alert variant="default" title={t("toDo")}>
          <List size="sm">
            {byHand.map(({ delivery_id, destination, message, ref }) => (
              <List.Item key={delivery_id}>{[nameOf(destination), ref, message].filter(Boolean).join(" · ")}</List.Item>
            ))}
          </List>
        </Alert>
      )}
      {!scrubbed && <Text size="sm">{t("notScrubbed")}</Text>}
      <Group justify="flex-end">
        <Button onClick={close}>{tCommon("close")}</Button>
      </Group>
    </Stack>
  );
}
