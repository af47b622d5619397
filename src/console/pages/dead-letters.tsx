import { Anchor, Button, Group, Stack, Text } from "@mantine/core";
import { IconMailCheck, IconRefresh } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";
import { deadLettersQuery, destinationsQuery } from "../api/queries.ts";
import { useMay } from "../api/session.ts";
import type { DeadLetterGroup } from "../api/types.ts";
import { DrainProgress } from "../components/drain-progress.tsx";
import { EmptyState } from "../components/empty-state.tsx";
import { ErrorState } from "../components/error-state.tsx";
import { LoadingRows } from "../components/loading.tsx";
import { PageTitle } from "../components/page-title.tsx";
import { deadLettersWords } from "../i18n/dead-letters.ts";
import { useWords } from "../i18n/words.ts";
import { CauseCard } from "./dead-letters/cause-card.tsx";
import { causesOf } from "./dead-letters/causes.ts";
import { useHandled } from "./dead-letters/use-handled.tsx";
import { useReplay } from "./dead-letters/use-replay.tsx";

export function DeadLetters() {
  const t = useWords(deadLettersWords);
  const { data, error, refetch } = useQuery(deadLettersQuery);
  if (data) return <Shown groups={data} />;
  return (
    <>
      <PageTitle title={t("title")} hint={t("hint")} />
      {error ? <ErrorState error={error} retry={() => void refetch()} /> : <LoadingRows rows={3} height={150} />}
    </>
  );
}

function Shown({ groups }: { groups: readonly DeadLetterGroup[] }) {
  const t = useWords(deadLettersWords);
  const mayOperate = useMay("operate");
  const [parameters] = useSearchParams();
  const only = parameters.get("destination");
  const destinations = useQuery(destinationsQuery).data ?? [];
  const causes = causesOf(groups).filter(({ destination }) => only === null || destination === only);
  const replay = useReplay(causes, destinations);
  const chosenAll = only === null ? {} : { destination: only };
  const label = (id: string): string => destinations.find((one) => one.id === id)?.label ?? id;
  const handled = useHandled(label);
  const busyWith = replay.isPending ? replay.variables : null;
  return (
    <>
      <PageTitle title={t("title")} hint={t("hint")}>
        {mayOperate && causes.length > 1 && (
          <Button
            leftSection={<IconRefresh size={16} aria-hidden />}
            loading={busyWith !== null && busyWith.code === undefined}
            onClick={() => replay.mutate(chosenAll)}
          >
            {t("replayAll")}
          </Button>
        )}
      </PageTitle>
      {only !== null && (
        <Group gap="sm" mb="md">
          <Text size="sm">{t("only", { destination: label(only) })}</Text>
          <Anchor component={Link} to="/dead-letters" size="sm">
            {t("showAll")}
          </Anchor>
        </Group>
      )}
      <DrainProgress {...(only === null ? {} : { destination: only })} />
      {causes.length === 0 ? (
        <EmptyState
          Icon={IconMailCheck}
          title={only === null ? t("empty") : t("emptyAt", { destination: label(only) })}
        >
          {t("emptyHint")}
        </EmptyState>
      ) : (
        <Stack>
          {causes.map((cause) => (
            <CauseCard
              key={`${cause.destination} ${cause.code}`}
              cause={cause}
              label={label(cause.destination)}
              busy={busyWith?.destination === cause.destination && busyWith.code === cause.code}
              replay={() => replay.mutate({ destination: cause.destination, code: cause.code })}
              handled={() => handled(cause)}
            />
          ))}
          <Text size="sm" c="dimmed">
            {t("byHand")}
          </Text>
        </Stack>
      )}
    </>
  );
}
