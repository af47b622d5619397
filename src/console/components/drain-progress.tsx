import { Button, Card, Group, Progress, Text, Title, VisuallyHidden } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { type Drain, finishDrain, forgetDrain, standingOf, useDrains } from "../api/drains.ts";
import { destinationsQuery } from "../api/queries.ts";
import { common } from "../i18n/common.ts";
import { drainWords } from "../i18n/drain.ts";
import { useWords } from "../i18n/words.ts";

/** What a person has set going in bulk, while it drains and until they put it away. */
export function DrainProgress({ destination }: { destination?: string }) {
  return useDrains(destination).map((drain) => <OneDrain key={drain.destination} drain={drain} />);
}

const watchEveryMs = 1_000;

function OneDrain({ drain }: { drain: Drain }) {
  const t = useWords(drainWords);
  const tCommon = useWords(common);
  const { destination, phase, total } = drain;
  const { data } = useQuery({ ...destinationsQuery, refetchInterval: phase === "done" ? false : watchEveryMs });
  const at = data?.find(({ id }) => id === destination);
  const standing = drain.standing ?? standingOf(drain, at?.counts ?? drain.before);
  const over = phase === "sending" && at !== undefined && standing.waiting === 0;
  useEffect(() => {
    if (over) finishDrain(destination, standing);
  });

  const label = at?.label ?? destination;
  const settled = total - standing.waiting;
  const share = total === 0 ? 100 : (settled / total) * 100;
  const done = phase === "done";
  const parts = [
    standing.waiting > 0 ? t("waiting", { count: standing.waiting }) : null,
    t("delivered", { count: standing.delivered }),
    standing.dead > 0 ? t("dead", { count: standing.dead }) : null,
    standing.other > 0 ? t("other", { count: standing.other }) : null,
  ].filter((part) => part !== null);
  return (
    <Card component="section" aria-label={t(done ? "done" : "title", { destination: label })} mb="md">
      <Group justify="space-between" wrap="nowrap" align="flex-start" mb="xs">
        <Title order={2} fz="md">
          {t(done ? "done" : "title", { destination: label })}
        </Title>
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => forgetDrain(destination)}
          title={done ? undefined : t("stopWatchingHint")}
        >
          {done ? tCommon("close") : t("stopWatching")}
        </Button>
      </Group>
      <Progress.Root size="lg">
        <Progress.Section
          value={share}
          color={standing.dead > 0 ? "var(--warn)" : "var(--mantine-primary-color-filled)"}
          aria-label={t("progress", { settled, total })}
        />
      </Progress.Root>
      <Text size="sm" mt="xs" className="numbers">
        {phase === "queueing"
          ? t("queueing", { count: total })
          : `${t("progress", { settled, total })}: ${parts.join(", ")}`}
      </Text>
      {at?.state === "paused" && !done && (
        <Text size="sm" c="var(--warn)">
          {t("paused")}
        </Text>
      )}
      <VisuallyHidden role="status">
        {done ? `${t("done", { destination: label })}: ${parts.join(", ")}` : ""}
      </VisuallyHidden>
    </Card>
  );
}
