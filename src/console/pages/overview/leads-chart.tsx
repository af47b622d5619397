import "@mantine/charts/styles.css";
import { BarChart } from "@mantine/charts";
import { useReducedMotion } from "@mantine/hooks";
import { useFormat } from "../../i18n/format.ts";
import type { Bar, Series } from "./chart-data.ts";

type LeadsChartProps = {
  bars: Bar[];
  series: Series[];
  nameOf: (series: Series) => string;
  /** A bar's part was clicked. */
  open(day: string, series: Series): void;
};

/** Stacked bars, a day each. For the eye and the mouse; the table beside it says the same to everybody else. */
export function LeadsChart({ bars, series, nameOf, open }: LeadsChartProps) {
  const format = useFormat();
  const still = useReducedMotion();
  return (
    <BarChart
      h={260}
      data={bars}
      dataKey="day"
      type="stacked"
      series={series.map((each, index) => ({ name: each.key, label: nameOf(each), color: `var(--series-${index})` }))}
      gridAxis="x"
      tickLine="none"
      maxBarWidth={44}
      valueFormatter={format.number}
      xAxisProps={{ tickFormatter: (day: string) => format.day(noonOf(day)), minTickGap: 28 }}
      yAxisProps={{ allowDecimals: false, width: 36 }}
      tooltipProps={{ labelFormatter: (day) => (typeof day === "string" ? format.day(noonOf(day)) : day) }}
      tooltipAnimationDuration={still ? 0 : 120}
      barChartProps={{ accessibilityLayer: false }}
      barProps={({ name }) => ({
        cursor: "pointer",
        isAnimationActive: false,
        onClick: (bar: { payload?: unknown }) => {
          const clicked = series.find(({ key }) => key === name);
          const day = (bar.payload as Bar | undefined)?.day;
          if (clicked && day !== undefined) open(day, clicked);
        },
      })}
    />
  );
}

function noonOf(day: string): string {
  return `${day}T12:00:00`;
}
