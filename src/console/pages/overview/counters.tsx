import { SimpleGrid, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "react-router";
import type { Overview } from "../../api/types.ts";
import { TimeAgo } from "../../components/time-ago.tsx";
import { useFormat } from "../../i18n/format.ts";
import { overviewWords } from "../../i18n/overview.ts";
import { useWords } from "../../i18n/words.ts";
import { dayOf, leadsPath } from "../leads/filter.ts";
import classes from "./overview.module.css";

/** How much came, waits, and wants a person; each number leads to what it counts. */
export function Counters({ overview, days }: { overview: Overview; days: string }) {
  const t = useWords(overviewWords);
  const { leads_by_day, destinations, leads, since } = overview;
  const sum = (state: "pending" | "claimed" | "dead" | "withheld"): number =>
    destinations.reduce((total, { counts }) => total + counts[state], 0);
  const oldest = destinations.flatMap(({ oldest_waiting_at }) => oldest_waiting_at ?? []).sort()[0];
  const dead = sum("dead");
  return (
    <SimpleGrid cols={{ base: 2, sm: 3, lg: 5 }} spacing="sm">
      <Counter
        wide
        to={leadsPath({ since: dayOf(new Date(since)) })}
        name={t("leads")}
        count={leads_by_day.form.reduce((total, { count }) => total + count, 0)}
        hint={t("leadsHint", { days })}
      />
      <Counter
        to={leadsPath({ delivery: "pending" })}
        name={t("waiting")}
        count={sum("pending") + sum("claimed")}
        hint={
          oldest ? (
            <>
              {t("oldest")} <TimeAgo at={oldest} />
            </>
          ) : (
            t("nothingWaits")
          )
        }
      />
      <Counter
        to="/dead-letters"
        name={t("dead")}
        count={dead}
        hint={dead > 0 ? t("deadHint") : t("none")}
        bad={dead > 0}
      />
      <Counter
        to={leadsPath({ delivery: "withheld" })}
        name={t("withheld")}
        count={sum("withheld")}
        hint={t("withheldHint")}
      />
      <Counter to="/quarantine" name={t("quarantined")} count={leads.quarantined} hint={t("quarantinedHint")} />
    </SimpleGrid>
  );
}

type CounterProps = { to: string; name: string; count: number; hint: ReactNode; bad?: boolean; wide?: boolean };

function Counter({ to, name, count, hint, bad = false, wide = false }: CounterProps) {
  const format = useFormat();
  return (
    <Link to={to} className={`${classes.counter} ${wide ? classes.wide : ""}`}>
      <Text span size="sm" fw={500}>
        {name}
      </Text>
      <span className={`${classes.count} numbers`} style={bad ? { color: "var(--bad)" } : {}}>
        {format.number(count)}
      </span>
      <Text span size="xs" c="dimmed">
        {hint}
      </Text>
    </Link>
  );
}
