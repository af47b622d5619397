import { Anchor, SimpleGrid, Text, Tooltip } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "react-router";
import type { DestinationSummary } from "../../api/types.ts";
import { TimeAgo } from "../../components/time-ago.tsx";
import { common } from "../../i18n/common.ts";
import { destinationsWords } from "../../i18n/destinations.ts";
import { useFormat } from "../../i18n/format.ts";
import { useWords } from "../../i18n/words.ts";
import { leadsPath } from "../leads/filter.ts";
import classes from "./figures.module.css";

/** What arrives, how fast, and what does not; each number leads to its leads. */
export function Figures({ destination, wide = false }: { destination: DestinationSummary; wide?: boolean }) {
  const t = useWords(destinationsWords);
  const tCommon = useWords(common);
  const format = useFormat();
  const { id, counts, oldest_waiting_at: oldest, last_delivered_at: last } = destination;
  const waiting = counts.pending + counts.claimed;
  const leads = (delivery: "pending" | "withheld"): string => leadsPath({ destination: id, delivery });
  return (
    <SimpleGrid component="dl" cols={{ base: 2, sm: 3, ...(wide ? { lg: 6 } : {}) }} spacing="md" m={0}>
      <Figure name={t("share")} hint={t("shareHint")}>
        {destination.delivered_share === null ? "–" : format.share(destination.delivered_share)}
      </Figure>
      <Figure name={t("wait")} hint={t("waitHint")}>
        {destination.median_wait_ms === null ? "–" : t("within", { span: format.span(destination.median_wait_ms) })}
      </Figure>
      <Figure name={t("last")}>{last === null ? tCommon("never") : <TimeAgo at={last} />}</Figure>
      <Figure
        name={t("waiting")}
        below={
          oldest !== null && (
            <>
              {t("oldest")} <TimeAgo at={oldest} />
            </>
          )
        }
      >
        <Count count={waiting} to={leads("pending")} />
      </Figure>
      <Figure name={t("dead")} bad={counts.dead > 0}>
        <Count count={counts.dead} to={`/dead-letters?destination=${encodeURIComponent(id)}`} />
      </Figure>
      <Figure name={t("withheld")}>
        <Count count={counts.withheld} to={leads("withheld")} />
      </Figure>
    </SimpleGrid>
  );
}

type FigureProps = { name: string; hint?: string; below?: ReactNode; bad?: boolean; children: ReactNode };

function Figure({ name, hint, below, bad = false, children }: FigureProps) {
  return (
    <div>
      <Text component="dt" size="xs" c="dimmed">
        <Tooltip label={hint} disabled={hint === undefined} multiline maw={260}>
          <span>{name}</span>
        </Tooltip>
      </Text>
      <dd className={`${classes.value} numbers`} style={bad ? { color: "var(--bad)" } : {}}>
        {children}
        {below && (
          <Text size="xs" c="dimmed">
            {below}
          </Text>
        )}
      </dd>
    </div>
  );
}

function Count({ count, to }: { count: number; to: string }) {
  const format = useFormat();
  if (count === 0) return "0";
  return (
    <Anchor component={Link} to={to} inherit underline="always" c="inherit">
      {format.number(count)}
    </Anchor>
  );
}
