import { Text, VisuallyHidden } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { CSSProperties } from "react";
import { rhythmQuery } from "../../api/queries.ts";
import type { Rhythm as RhythmJson } from "../../api/types.ts";
import { ErrorState } from "../../components/error-state.tsx";
import { LoadingRows } from "../../components/loading.tsx";
import { useFormat } from "../../i18n/format.ts";
import { formsWords } from "../../i18n/forms.ts";
import { useWords } from "../../i18n/words.ts";
import classes from "./rhythm.module.css";
import { busiestOf, weekOf } from "./week.ts";

/** When a form's leads usually come, by hour and weekday: what its silence is judged by. */
export function Rhythm({ form }: { form: string }) {
  const t = useWords(formsWords);
  const { data, error, refetch } = useQuery(rhythmQuery(form));
  if (error && !data) return <ErrorState error={error} retry={() => void refetch()} />;
  if (!data) return <LoadingRows rows={1} height={130} />;
  if (data.rhythm === null) return <Text size="sm">{t("noRhythm")}</Text>;
  return <HeatMap rhythm={data.rhythm} />;
}

function HeatMap({ rhythm: { per_week, by_hour_of_week } }: { rhythm: RhythmJson }) {
  const t = useWords(formsWords);
  const format = useFormat();
  const busiest = busiestOf(by_hour_of_week);
  return (
    <>
      <Text size="sm" mb="xs">
        {t("perWeek", { count: Math.round(per_week) })}{" "}
        {t("busiest", {
          day: format.weekday(busiest.day, "long"),
          from: String(busiest.hour),
          to: String(busiest.hour + 1),
        })}{" "}
        {t("judged")}
      </Text>
      <table className={classes.map} aria-label={t("rhythm")}>
        <colgroup>
          <col className={classes.day} />
          <col span={24} />
        </colgroup>
        <thead>
          <tr>
            <td />
            {[0, 6, 12, 18].map((hour) => (
              <th key={hour} colSpan={6} scope="colgroup">
                {t("clock", { hour: String(hour) })}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {weekOf(by_hour_of_week).map((hours, day) => (
            <tr key={format.weekday(day, "long")}>
              <th scope="row">{format.weekday(day, "short")}</th>
              {hours.map(({ hour, leads, heat }) => {
                const figure = format.number(Math.round(leads * 100) / 100);
                const at = t("clock", { hour: String(hour) });
                return (
                  <td
                    key={hour}
                    title={`${format.weekday(day, "long")} ${at}: ${figure}`}
                    style={{ "--heat": heat } as CSSProperties}
                  >
                    <VisuallyHidden>{figure}</VisuallyHidden>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
