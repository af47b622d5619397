import { Group, SegmentedControl, Text, TextInput, Title } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import type { SetupInfo } from "../../api/types.ts";
import { CompactList } from "../../components/compact-list.tsx";
import { type Column, DataTable, useNarrow } from "../../components/data-table.tsx";
import { StateBadge } from "../../components/state-badge.tsx";
import { setupWords } from "../../i18n/setup.ts";
import { useWords } from "../../i18n/words.ts";

type Variable = SetupInfo["variables"][number];
const shows = ["all", "set", "unset"] as const;

/** Every variable, whether it is set, and what to set it to. Never a value. */
export function VariablesSection({ variables }: { variables: readonly Variable[] }) {
  const t = useWords(setupWords);
  const narrow = useNarrow();
  const [sought, setSought] = useState("");
  const [show, setShow] = useState<(typeof shows)[number]>("all");
  const needle = sought.trim().toLowerCase();
  const shown = variables.filter(
    ({ name, what, set }) =>
      (show === "all" || set === (show === "set")) && `${name} ${what}`.toLowerCase().includes(needle),
  );
  const columns: Column<Variable>[] = [
    { key: "name", title: t("variable"), cell: ({ name }) => <code style={{ overflowWrap: "anywhere" }}>{name}</code> },
    { key: "state", title: t("state"), cell: (variable) => <SetBadge variable={variable} /> },
    { key: "what", title: t("what"), cell: ({ what }) => <span lang="en">{what}</span> },
  ];
  return (
    <section aria-labelledby="variables">
      <Title order={2} id="variables">
        {t("variables")}
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        {t("variablesHint")}
      </Text>
      <Group mb="sm" gap="sm">
        <TextInput
          flex="1 1 14rem"
          type="search"
          aria-label={t("search")}
          placeholder={t("searchPlaceholder")}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={sought}
          onChange={(event) => setSought(event.currentTarget.value)}
        />
        <SegmentedControl
          aria-label={t("show")}
          value={show}
          onChange={(value) => setShow(shows.find((one) => one === value) ?? "all")}
          data={shows.map((value) => ({ value, label: t(value) }))}
        />
      </Group>
      <div role="status">{shown.length === 0 && <Text>{t("nothing")}</Text>}</div>
      {shown.length > 0 &&
        (narrow ? (
          <CompactList label={t("variables")}>
            {shown.map((variable) => (
              <li key={variable.name}>
                <Group justify="space-between" gap="xs">
                  <code style={{ overflowWrap: "anywhere" }}>{variable.name}</code>
                  <SetBadge variable={variable} />
                </Group>
                <Text size="xs" c="dimmed" lang="en">
                  {variable.what}
                </Text>
              </li>
            ))}
          </CompactList>
        ) : (
          <DataTable caption={t("variables")} columns={columns} rows={shown} rowKey={({ name }) => name} />
        ))}
    </section>
  );
}

function SetBadge({ variable: { source } }: { variable: Variable }) {
  const t = useWords(setupWords);
  const label = t(`source-${source ?? "none"}`);
  if (source === "environment" || source === "file") return <StateBadge state="ok" label={label} />;
  return (
    <Text span size="sm" c="dimmed">
      {label}
    </Text>
  );
}
