import { Indicator } from "@mantine/core";
import { IconBell } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { NavLink } from "react-router";
import { alertsQuery } from "../api/queries.ts";
import { useFormat } from "../i18n/format.ts";
import { shellWords } from "../i18n/shell.ts";
import { useWords } from "../i18n/words.ts";
import classes from "./shell.module.css";

/** How many alerts nobody has seen yet, on every page; leads to all of them. */
export function Bell() {
  const t = useWords(shellWords);
  const format = useFormat();
  const { data } = useQuery(alertsQuery);
  const unseen = data?.open.filter(({ acknowledged }) => acknowledged === null) ?? [];
  const count = unseen.length;
  const grave = unseen.some(({ severity }) => severity === "problem");
  return (
    <Indicator
      disabled={count === 0}
      label={<span aria-hidden>{format.number(count)}</span>}
      size={18}
      offset={6}
      color={grave ? "red" : "gray.6"}
    >
      <NavLink
        to="/alerts"
        className={classes.bell ?? ""}
        aria-label={count === 0 ? t("alertsNone") : t("alertsOpen", { count })}
      >
        <IconBell size={20} stroke={1.7} aria-hidden />
      </NavLink>
    </Indicator>
  );
}
