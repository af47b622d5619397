import { Badge, NavLink as MantineNavLink, Stack } from "@mantine/core";
import {
  IconForms,
  IconHistory,
  IconInbox,
  IconLayoutDashboard,
  IconListCheck,
  IconMailX,
  IconSend,
  IconSettings,
  IconShieldQuestion,
  IconUsers,
  type TablerIcon,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { NavLink } from "react-router";
import { overviewQuery } from "../api/queries.ts";
import { useMay } from "../api/session.ts";
import { useFormat } from "../i18n/format.ts";
import { shellWords } from "../i18n/shell.ts";
import { useWords } from "../i18n/words.ts";
import classes from "./shell.module.css";

type Name =
  | "overview"
  | "leads"
  | "quarantine"
  | "destinations"
  | "deadLetters"
  | "completeness"
  | "forms"
  | "activity"
  | "people"
  | "setup";

const pages: { name: Name; to: string; Icon: TablerIcon }[] = [
  { name: "overview", to: "/", Icon: IconLayoutDashboard },
  { name: "leads", to: "/leads", Icon: IconInbox },
  { name: "quarantine", to: "/quarantine", Icon: IconShieldQuestion },
  { name: "destinations", to: "/destinations", Icon: IconSend },
  { name: "deadLetters", to: "/dead-letters", Icon: IconMailX },
  { name: "completeness", to: "/completeness", Icon: IconListCheck },
  { name: "forms", to: "/forms", Icon: IconForms },
  { name: "activity", to: "/activity", Icon: IconHistory },
  { name: "people", to: "/people", Icon: IconUsers },
  { name: "setup", to: "/setup", Icon: IconSettings },
];

/** The list of pages, with how many things wait for a person on those where something may. */
export function Navigation({ onFollow }: { onFollow: () => void }) {
  const t = useWords(shellWords);
  const format = useFormat();
  const mayManage = useMay("manage");
  const { data } = useQuery(overviewQuery("30"));
  const waiting: Partial<Record<Name, number>> = {
    quarantine: data?.leads.quarantined ?? 0,
    deadLetters: data?.destinations.reduce((sum, { counts }) => sum + (counts.dead ?? 0), 0) ?? 0,
  };
  return (
    <Stack gap={2}>
      {pages
        .filter(({ name }) => name !== "people" || mayManage)
        .map(({ name, to, Icon }) => (
          <MantineNavLink
            key={to}
            component={NavLink}
            to={to}
            end={to === "/"}
            onClick={onFollow}
            className={classes.link}
            label={t(name)}
            leftSection={<Icon size={19} stroke={1.7} aria-hidden />}
            rightSection={
              waiting[name] ? (
                <Badge variant="default" size="sm">
                  {format.number(waiting[name])}
                </Badge>
              ) : undefined
            }
          />
        ))}
    </Stack>
  );
}
