import { Card, Grid, Skeleton, Table, Text, Title } from "@mantine/core";
import { lazy, Suspense, useMemo } from "react";
import type { DestinationDetail } from "../../api/types.ts";
import { useNow } from "../../components/now.ts";
import { destinationWords } from "../../i18n/destination.ts";
import { useFormat } from "../../i18n/format.ts";
import { useWords } from "../../i18n/words.ts";
import { type AttemptData, attemptData, outcomes } from "./attempt-data.ts";
import classes from "./attempts.module.css";

const AttemptsChart = lazy(async () => ({ default: (await import("./attempts-charts.tsx")).AttemptsChart }));
const LatencyChart = lazy(async () => ({ default: (await import("./attempts-charts.tsx")).LatencyChart }));

/** What attempts came to, and how long they took. */
export function AttemptsCard({ hours }: { hours: DestinationDetail["hours"] }) {
  const t = useWords(destinationWords);
  const format = useFormat();
  const now = useNow();
  const data = useMemo(() => attemptData(hours, now), [hours, now]);
  if (data.total === 0)
    return (
      <Card>
        <Title order={2}>{t("noAttempts")}</Title>
        <Text size="sm" c="dimmed">
          {t("noAttemptsHint")}
        </Text>
      </Card>
    );
  const seen = outcomes.filter((outcome) => data.days.some((day) => day[outcome] > 0));
  return (
    <Card component="section" aria-label={t("attempts")}>
      <Grid gap="xl">
        <Grid.Col span={{ base: 12, md: 6 }}>
          <Title order={2}>{t("attempts")}</Title>
          <Text size="sm" c="dimmed" mb="md">
            {t("attemptsHint")}
          </Text>
          <div role="img" aria-label={t("attemptsLabel", { count: data.total, delivered: data.delivered })}>
            <Suspense fallback={<Skeleton h={200} />}>
              <AttemptsChart days={data.days} outcomes={seen} />
            </Suspense>
          </div>
          <ul className={classes.legend}>
            {seen.map((outcome) => (
              <li key={outcome}>
                <span className={`${classes.dot} ${classes[outcome]}`} aria-hidden />
                {t(`outcome-${outcome}`)}{" "}
                <Text span size="sm" c="dimmed" className="numbers">
                  {format.number(data.days.reduce((sum, day) => sum + day[outcome], 0))}
                </Text>
              </li>
            ))}
          </ul>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 6 }}>
          <Title order={2}>{t("latency")}</Title>
          <Text size="sm" c="dimmed" mb="md">
            {t("latencyHint")}
          </Text>
          <div role="img" aria-label={t("latencyLabel", { span: format.span(data.averageMs ?? 0) })}>
            <Suspense fallback={<Skeleton h={200} />}>
              <LatencyChart hours={data.hours} />
            </Suspense>
          </div>
        </Grid.Col>
      </Grid>
      <details className={classes.numbers}>
        <summary>{t("asNumbers")}</summary>
        <Numbers data={data} seen={seen} />
      </details>
    </Card>
  );
}

function Numbers({ data, seen }: { data: AttemptData; seen: readonly (typeof outcomes)[number][] }) {
  const t = useWords(destinationWords);
  const format = useFormat();
  return (
    <Table.ScrollContainer minWidth={420}>
      <Table fz="sm" verticalSpacing={4}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("day")}</Table.Th>
            {seen.map((outcome) => (
              <Table.Th key={outcome} ta="right">
                {t(`outcome-${outcome}`)}
              </Table.Th>
            ))}
            <Table.Th ta="right">{t("average")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {data.days.toReversed().map((day) => (
            <Table.Tr key={day.day}>
              <Table.Th scope="row" fw={400}>
                {format.day(`${day.day}T12:00:00`)}
              </Table.Th>
              {seen.map((outcome) => (
                <Table.Td key={outcome} ta="right" className="numbers">
                  {format.number(day[outcome])}
                </Table.Td>
              ))}
              <Table.Td ta="right" className="numbers">
                {day.averageMs === null ? "–" : format.span(day.averageMs)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
