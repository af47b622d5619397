import "@mantine/charts/styles.css";
import { BarChart, LineChart } from "@mantine/charts";
import { useReducedMotion } from "@mantine/hooks";
import { destinationWords } from "../../i18n/destination.ts";
import { useFormat } from "../../i18n/format.ts";
import { useWords } from "../../i18n/words.ts";
import type { Day, Hour, Outcome } from "./attempt-data.ts";

const colours: Record<Outcome, string> = {
  delivered: "var(--series-1)",
  retry: "var(--series-2)",
  uncertain: "var(--series-4)",
  rejected: "var(--bad)",
  blocked: "var(--series-5)",
};

/** Stacked bars, a day each. For the eye and the mouse; the table beside it says the same to everybody else. */
export function AttemptsChart({ days, outcomes }: { days: Day[]; outcomes: readonly Outcome[] }) {
  const t = useWords(destinationWords);
  const format = useFormat();
  const still = useReducedMotion();
  const dayName = (day: string): string => format.day(`${day}T12:00:00`);
  return (
    <BarChart
      h={200}
      data={days}
      dataKey="day"
      type="stacked"
      series={outcomes.map((name) => ({ name, label: t(`outcome-${name}`), color: colours[name] }))}
      gridAxis="x"
      tickLine="none"
      maxBarWidth={44}
      valueFormatter={format.number}
      xAxisProps={{ tickFormatter: dayName, minTickGap: 24 }}
      yAxisProps={{ allowDecimals: false, width: 44 }}
      tooltipProps={{ labelFormatter: (day) => (typeof day === "string" ? dayName(day) : day) }}
      tooltipAnimationDuration={still ? 0 : 120}
      barChartProps={{ accessibilityLayer: false }}
      barProps={{ isAnimationActive: false }}
    />
  );
}

/** Average duration hour by hour; hours without attempts are gaps bridged by the line. */
export function LatencyChart({ hours }: { hours: Hour[] }) {
  const t = useWords(destinationWords);
  const format = useFormat();
  const still = useReducedMotion();
  return (
    <LineChart
      h={200}
      data={hours}
      dataKey="hour"
      series={[{ name: "averageMs", label: t("average"), color: "var(--series-0)" }]}
      curveType="linear"
      connectNulls
      withDots={hours.length < 30}
      gridAxis="x"
      tickLine="none"
      valueFormatter={format.span}
      xAxisProps={{ tickFormatter: format.day, minTickGap: 40 }}
      yAxisProps={{ width: 64 }}
      tooltipProps={{ labelFormatter: (hour) => (typeof hour === "string" ? format.short(hour) : hour) }}
      tooltipAnimationDuration={still ? 0 : 120}
      lineChartProps={{ accessibilityLayer: false }}
      lineProps={{ isAnimationActive: false }}
    />
  );
}
