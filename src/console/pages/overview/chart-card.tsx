import { Card, Group, SegmentedControl, Skeleton, Table, Text, Title } from "@mantine/core";
import { lazy, Suspense, useMemo, useState } from "react";
import { Link, useNavigate } from "react-router";
import type { FormInfo, Overview } from "../../api/types.ts";
import { useFormat } from "../../i18n/format.ts";
import { overviewWords } from "../../i18n/overview.ts";
import { useWords } from "../../i18n/words.ts";
import { type Chosen, dayOf, leadsPath } from "../leads/filter.ts";
import { type Bar, chartData, type Series, type Split } from "./chart-data.ts";
import classes from "./overview.module.css";

const LeadsChart = lazy(async () => ({ default: (await import("./leads-chart.tsx")).LeadsChart }));

/** Leads over time, each bar a way into the list; the legend and the table lead there too, without a mouse. */
export function ChartCard({ overview, forms }: { overview: Overview; forms: readonly FormInfo[] }) {
  const t = useWords(overviewWords);
  const format = useFormat();
  const navigate = useNavigate();
  const [split, setSplit] = useState<Split>("form");
  const { series, bars } = useMemo(() => chartData(overview, split), [overview, split]);
  const nameOf = ({ value }: Series): string => {
    if (value === null) return t("others");
    if (split === "source") return value === "" ? t("noSource") : value;
    return forms.find(({ id }) => id === value)?.name ?? value;
  };
  const filterOf = ({ value }: Series): Chosen => (value ? { [split]: value } : {});
  const since = dayOf(new Date(overview.since));
  const total = series.reduce((sum, each) => sum + each.total, 0);
  const label = t("chartLabel", { count: total, since: format.day(overview.since), until: format.day(overview.until) });

  return (
    <Card component="section" aria-labelledby="chart">
      <Group justify="space-between" mb="md">
        <Title order={2} id="chart">
          {t("chart")}
        </Title>
        <SegmentedControl
          size="xs"
          aria-label={t("by")}
          value={split}
          onChange={(value) => setSplit(value === "source" ? "source" : "form")}
          data={[
            { value: "form", label: t("form") },
            { value: "source", label: t("source") },
          ]}
        />
      </Group>
      <div role="img" aria-label={label}>
        <Suspense fallback={<Skeleton h={260} />}>
          <LeadsChart
            bars={bars}
            series={series}
            nameOf={nameOf}
            open={(day, each) => navigate(leadsPath({ ...filterOf(each), since: day, until: day }))}
          />
        </Suspense>
      </div>
      <ul className={classes.legend}>
        {series.map((each, index) => (
          <li key={each.key}>
            <span className={classes.dot} style={{ background: `var(--series-${index})` }} aria-hidden />
            {each.value === null ? (
              <bdi>{nameOf(each)}</bdi>
            ) : (
              <Link to={leadsPath({ ...filterOf(each), since })} className={classes.quiet}>
                <bdi>{nameOf(each)}</bdi>
              </Link>
            )}{" "}
            <Text span size="sm" c="dimmed" className="numbers">
              {format.number(each.total)}
            </Text>
          </li>
        ))}
      </ul>
      <details className={classes.numbers}>
        <summary>{t("asNumbers")}</summary>
        <Numbers bars={bars} series={series} nameOf={nameOf} />
      </details>
    </Card>
  );
}

function Numbers({ bars, series, nameOf }: { bars: Bar[]; series: Series[]; nameOf: (series: Series) => string }) {
  const t = useWords(overviewWords);
  const format = useFormat();
  return (
    <Table.ScrollContainer minWidth={300} maxHeight={320}>
      <Table stickyHeader fz="sm" verticalSpacing={4}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("day")}</Table.Th>
            {series.map((each) => (
              <Table.Th key={each.key} ta="right">
                {nameOf(each)}
              </Table.Th>
            ))}
            <Table.Th ta="right">{t("total")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {bars.toReversed().map((bar) => (
            <Table.Tr key={bar.day}>
              <Table.Th scope="row" fw={400}>
                <Link to={leadsPath({ since: bar.day, until: bar.day })}>{format.day(`${bar.day}T12:00:00`)}</Link>
              </Table.Th>
              {series.map(({ key }) => (
                <Table.Td key={key} ta="right" className="numbers">
                  {format.number(bar[key as `s${number}`] ?? 0)}
                </Table.Td>
              ))}
              <Table.Td ta="right" className="numbers">
                {format.number(bar.total)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
