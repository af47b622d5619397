import { Anchor, Button, Center, Stack, Text } from "@mantine/core";
import { IconHistory } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { actsQuery, destinationsQuery } from "../api/queries.ts";
import type { Act } from "../api/types.ts";
import { CompactList } from "../components/compact-list.tsx";
import { type Column, DataTable, useNarrow } from "../components/data-table.tsx";
import { EmptyState } from "../components/empty-state.tsx";
import { ErrorState } from "../components/error-state.tsx";
import { LoadingRows } from "../components/loading.tsx";
import { PageTitle } from "../components/page-title.tsx";
import { TimeAgo } from "../components/time-ago.tsx";
import { activityWords } from "../i18n/activity.ts";
import { useWords } from "../i18n/words.ts";
import { type Deed, deedsOf } from "./activity/deeds.ts";
import { useDeedWords } from "./activity/use-deed-words.ts";

export function Activity() {
  const t = useWords(activityWords);
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(actsQuery);
  const acts = data?.pages.flatMap((page) => page.acts) ?? [];
  return (
    <>
      <PageTitle title={t("title")} hint={t("hint")} />
      {!data && error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : !data ? (
        <LoadingRows rows={8} />
      ) : acts.length === 0 ? (
        <EmptyState Icon={IconHistory} title={t("empty")}>
          {t("emptyHint")}
        </EmptyState>
      ) : (
        <Stack gap="sm">
          <Deeds acts={acts} />
          {error && <ErrorState error={error} retry={() => void fetchNextPage()} />}
          <Center>
            {hasNextPage ? (
              <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
                {t("older")}
              </Button>
            ) : (
              <Text size="sm" c="dimmed">
                {t("end")}
              </Text>
            )}
          </Center>
        </Stack>
      )}
    </>
  );
}

function Deeds({ acts }: { acts: readonly Act[] }) {
  const t = useWords(activityWords);
  const narrow = useNarrow();
  const destinations = useQuery(destinationsQuery).data ?? [];
  const say = useDeedWords((id) => destinations.find((one) => one.id === id)?.label ?? id);
  const deeds = deedsOf(acts);
  const what = (deed: Deed) => (
    <>
      <bdi>{say(deed)}</bdi>
      {deed.lead !== null && (
        <>
          {" · "}
          <Anchor component={Link} to={`/leads/${deed.lead}`} size="sm" underline="always">
            {t("lead")}
          </Anchor>
        </>
      )}
    </>
  );
  if (narrow)
    return (
      <CompactList label={t("list")}>
        {deeds.map((deed) => (
          <li key={deed.n}>
            <Text size="sm">{what(deed)}</Text>
            <Text size="xs" c="dimmed">
              <Who actor={deed.actor} /> · <TimeAgo at={deed.at} />
            </Text>
          </li>
        ))}
      </CompactList>
    );
  const columns: Column<Deed>[] = [
    { key: "who", title: t("who"), width: "26%", cell: ({ actor }) => <Who actor={actor} /> },
    { key: "what", title: t("what"), cell: what },
    { key: "when", title: t("when"), width: "18%", align: "right", cell: ({ at }) => <TimeAgo at={at} /> },
  ];
  return <DataTable caption={t("list")} columns={columns} rows={deeds} rowKey={({ n }) => String(n)} />;
}

function Who({ actor: { type, name } }: { actor: Act["actor"] }) {
  const t = useWords(activityWords);
  if (type === "console") return <bdi>{name}</bdi>;
  return <bdi>{type === "api" ? t("actor-api", { name }) : t(`actor-${type}`)}</bdi>;
}
