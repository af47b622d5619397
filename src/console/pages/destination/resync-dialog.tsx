import { Button, Group, Modal, Select, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api } from "../../api/client.ts";
import { useDrain } from "../../api/drains.ts";
import { formsQuery } from "../../api/queries.ts";
import type { DestinationDetail } from "../../api/types.ts";
import { ErrorState } from "../../components/error-state.tsx";
import { common } from "../../i18n/common.ts";
import { destinationWords } from "../../i18n/destination.ts";
import { useWords } from "../../i18n/words.ts";
import { filterFor } from "../leads/filter.ts";

type ResyncDialogProps = { destination: DestinationDetail; opened: boolean; close: () => void };

/** Gives the destination the leads it lacks: says how many before, and shows how they drain. */
export function ResyncDialog({ destination, opened, close }: ResyncDialogProps) {
  const t = useWords(destinationWords);
  const tCommon = useWords(common);
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={t("resyncTitle", { destination: destination.label })}
      closeButtonProps={{ "aria-label": tCommon("close") }}
    >
      <Body id={destination.id} close={close} />
    </Modal>
  );
}

type Range = { form: string; since: string; until: string; state: Lacking | null };

const lackings = ["never", "dead", "withheld", "missing"] as const;
type Lacking = (typeof lackings)[number];

function Body({ id, close }: { id: string; close: () => void }) {
  const t = useWords(destinationWords);
  const tCommon = useWords(common);
  const drain = useDrain();
  const forms = useQuery(formsQuery).data ?? [];
  const [range, setRange] = useState<Range>({ form: "", since: "", until: "", state: null });
  const [settled] = useDebouncedValue(range, 300);
  const resync = (dry_run: boolean, state = settled.state) => {
    const { state: _, ...filter } = settled;
    const { form, since, until } = filterFor(filter);
    const dates = { ...(since ? { since } : {}), ...(until ? { until } : {}) };
    const json = { dry_run, ...dates, ...(form ? { form } : {}), ...(state ? { state } : {}) };
    return answer(api.destinations[":id"].resync.$post({ param: { id }, json })).then(({ count }) => count);
  };
  const counting = useQuery({
    queryKey: ["lacks", id, settled],
    queryFn: () => resync(true),
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
  const current = settled === range && !counting.isPlaceholderData;
  const count = counting.data ?? 0;
  /** What is missing counts as delivered until it is sent, so how much of it there is has to be known for the progress. */
  async function send(): Promise<void> {
    const delivered = settled.state === null ? await resync(true, "missing").catch(() => 0) : 0;
    const part = { destination: id, total: count, delivered: settled.state === "missing" ? count : delivered };
    await drain({ parts: [part], ofDead: false, start: () => resync(false) });
  }
  const choose = (change: Partial<Range>) => setRange((before) => ({ ...before, ...change }));

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void send();
        close();
      }}
    >
      <Stack>
        <Text size="sm">{t("resyncHint")}</Text>
        <Select
          label={t("form")}
          placeholder={t("anyForm")}
          data={forms.map(({ id: value, name }) => ({ value, label: name }))}
          value={range.form || null}
          onChange={(form) => choose({ form: form ?? "" })}
          clearable
        />
        <Select
          label={t("lacking")}
          placeholder={t("lacking-any")}
          data={lackings.map((value) => ({ value, label: t(`lacking-${value}`) }))}
          value={range.state}
          onChange={(value) => choose({ state: lackings.find((one) => one === value) ?? null })}
          clearable
        />
        <SimpleGrid cols={2}>
          <TextInput
            type="date"
            label={t("since")}
            value={range.since}
            onChange={(event) => choose({ since: event.currentTarget.value })}
          />
          <TextInput
            type="date"
            label={t("until")}
            value={range.until}
            onChange={(event) => choose({ until: event.currentTarget.value })}
          />
        </SimpleGrid>
        {counting.error ? (
          <ErrorState error={counting.error} retry={() => void counting.refetch()} />
        ) : (
          <Text fw={600} role="status">
            {!current || counting.data === undefined
              ? t("counting")
              : count === 0
                ? t("lacksNone")
                : t("lacks", { count })}
          </Text>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {tCommon("cancel")}
          </Button>
          <Button type="submit" disabled={!current || count === 0}>
            {current && count > 0 ? t("resyncAct", { count }) : t("resyncStart")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
