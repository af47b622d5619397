import { Anchor, Text } from "@mantine/core";
import { IconListCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { completenessQuery } from "../../api/completeness.ts";
import { Moment } from "../../components/time-ago.tsx";
import { overviewWords } from "../../i18n/overview.ts";
import { useWords } from "../../i18n/words.ts";
import classes from "./overview.module.css";

/** "12,431 of 12,431 leads accounted for, read back 24 Nov, 03:00": leads to how that is known. Nothing before the first look. */
export function CompletenessLine() {
  const t = useWords(overviewWords);
  const { data } = useQuery(completenessQuery);
  const whole = data?.whole;
  if (!whole) return null;
  const { leads, accounted, ended_at, started_at } = whole;
  return (
    <p className={classes.line}>
      <IconListCheck size={18} aria-hidden color={accounted === leads ? "var(--good)" : "var(--bad)"} />
      <Text span size="sm" c="dimmed">
        <Anchor component={Link} to="/completeness" size="sm" className="numbers">
          {t("accounted", { accounted, count: leads })}
        </Anchor>
        , {t("readBack")} <Moment at={ended_at ?? started_at} />
      </Text>
    </p>
  );
}
