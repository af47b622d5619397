import { Anchor, Text, Title, Tooltip } from "@mantine/core";
import { IconPlugConnected } from "@tabler/icons-react";
import { Link } from "react-router";
import type { DestinationSummary } from "../../api/types.ts";
import { ButtonLink } from "../../components/button-link.tsx";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { StateBadge } from "../../components/state-badge.tsx";
import { TimeAgo } from "../../components/time-ago.tsx";
import { common } from "../../i18n/common.ts";
import { useFormat } from "../../i18n/format.ts";
import { overviewWords } from "../../i18n/overview.ts";
import { useWords } from "../../i18n/words.ts";
import { leadsPath } from "../leads/filter.ts";

/** Each destination in a line: does it work, how much arrives, how fast, what waits. */
export function DestinationsCard({ destinations }: { destinations: DestinationSummary[] }) {
  const t = useWords(overviewWords);
  const tCommon = useWords(common);
  const format = useFormat();
  if (destinations.length === 0)
    return (
      <EmptyState
        Icon={IconPlugConnected}
        title={t("noDestinations")}
        action={<ButtonLink to="/setup">{t("toSetup")}</ButtonLink>}
      >
        {t("noDestinationsHint")}
      </EmptyState>
    );
  const columns: Column<DestinationSummary>[] = [
    {
      key: "destination",
      title: t("destination"),
      cell: ({ id, label }) => (
        <Anchor component={Link} to={`/destinations/${encodeURIComponent(id)}`} fw={600}>
          {label}
        </Anchor>
      ),
    },
    { key: "state", title: t("state"), cell: ({ state }) => <StateBadge state={state} /> },
    {
      key: "share",
      title: <Hinted text={t("share")} hint={t("shareHint")} />,
      align: "right",
      cell: ({ delivered_share }) => (delivered_share === null ? "–" : format.share(delivered_share)),
    },
    {
      key: "wait",
      title: <Hinted text={t("wait")} hint={t("waitHint")} />,
      align: "right",
      cell: ({ median_wait_ms }) =>
        median_wait_ms === null ? "–" : t("within", { span: format.span(median_wait_ms) }),
    },
    {
      key: "waits",
      title: t("waits"),
      align: "right",
      cell: ({ id, counts }) =>
        counts.pending + counts.claimed > 0 ? (
          <Anchor component={Link} to={leadsPath({ destination: id, delivery: "pending" })}>
            {format.number(counts.pending + counts.claimed)}
          </Anchor>
        ) : (
          "0"
        ),
    },
    {
      key: "last",
      title: t("last"),
      align: "right",
      cell: ({ last_delivered_at }) =>
        last_delivered_at === null ? (
          <Text span size="sm" c="dimmed">
            {tCommon("never")}
          </Text>
        ) : (
          <TimeAgo at={last_delivered_at} />
        ),
    },
  ];
  return (
    <section aria-labelledby="destinations">
      <Title order={2} id="destinations" mb="sm">
        {t("destinations")}
      </Title>
      <DataTable caption={t("destinations")} columns={columns} rows={destinations} rowKey={({ id }) => id} />
    </section>
  );
}

function Hinted({ text, hint }: { text: string; hint: string }) {
  return (
    <Tooltip label={hint} multiline maw={260}>
      <span>{text}</span>
    </Tooltip>
  );
}
