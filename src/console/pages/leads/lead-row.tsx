import { Group, Text } from "@mantine/core";
import { IconUser } from "@tabler/icons-react";
import { Link, useLocation } from "react-router";
import type { LeadRow } from "../../api/types.ts";
import { StateBadge } from "../../components/state-badge.tsx";
import { TimeAgo } from "../../components/time-ago.tsx";
import { leadsWords } from "../../i18n/leads.ts";
import { useWords } from "../../i18n/words.ts";
import { DeliveriesBadge } from "./deliveries-badge.tsx";
import classes from "./leads.module.css";
import { WorkMenu } from "./work-menu.tsx";

/** One lead in the list: a line on a desk, a card on a phone. The whole of it is the link; the menu lies above. */
export function LeadRowView({ row, narrow }: { row: LeadRow; narrow: boolean }) {
  const t = useWords(leadsWords);
  const { search } = useLocation();
  const name = row.name ?? row.email ?? row.phone ?? (row.state === "erased" ? t("erasedRow") : t("nameless"));
  const contact = [row.company, row.name === null ? null : (row.email ?? row.phone)].filter(Boolean).join(" · ");
  const from = [row.form_name, row.source, row.campaign].filter(Boolean).join(" · ");
  const link = (
    <Link to={`/leads/${row.lead_id}`} state={{ list: search }} className={classes.link} data-lead-link>
      <bdi>{name}</bdi>
    </Link>
  );
  const way =
    row.state === "active" ? <DeliveriesBadge deliveries={row.deliveries} /> : <StateBadge state={row.state} />;
  const work = (
    <Group gap={6} wrap="nowrap" miw={0}>
      <span className={classes.above}>
        <WorkMenu id={row.lead_id} name={name} work={row.work} />
      </span>
      {row.work.assignee !== null && (
        <Text component="span" size="xs" c="dimmed" className={classes.assignee}>
          <IconUser size={13} aria-hidden /> <bdi className={classes.clip}>{row.work.assignee}</bdi>
        </Text>
      )}
    </Group>
  );
  const time = (
    <Text component="span" size="sm" c="dimmed" className={classes.above}>
      <TimeAgo at={row.received_at} />
    </Text>
  );

  if (narrow)
    return (
      <div className={classes.card}>
        <Group justify="space-between" wrap="nowrap" gap="xs">
          <span className={classes.clip}>{link}</span>
          {time}
        </Group>
        <Text size="sm" className={classes.two}>
          <bdi>{row.preview}</bdi>
        </Text>
        <Text size="xs" c="dimmed" className={classes.clip}>
          <bdi>{from}</bdi>
        </Text>
        <Group gap={6}>
          {way}
          {work}
        </Group>
      </div>
    );
  return (
    <div className={classes.row}>
      <div className={classes.who}>
        <span className={classes.clip}>{link}</span>
        <Text size="xs" c="dimmed" className={classes.clip}>
          <bdi>{contact}</bdi>
        </Text>
      </div>
      <div className={classes.what}>
        <Text size="sm" className={classes.clip}>
          <bdi>{row.preview}</bdi>
        </Text>
        <Text size="xs" c="dimmed" className={classes.clip}>
          <bdi>{from}</bdi>
        </Text>
      </div>
      <div>{way}</div>
      {work}
      <div className={classes.time}>{time}</div>
    </div>
  );
}
