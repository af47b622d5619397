import { Anchor, Text } from "@mantine/core";
import { Link } from "react-router";
import type { Alert } from "../../api/types.ts";
import { CompactList } from "../../components/compact-list.tsx";
import { useAlertWords } from "../../components/use-alert-words.ts";
import { alertsWords } from "../../i18n/alerts.ts";
import { useFormat } from "../../i18n/format.ts";
import { useWords } from "../../i18n/words.ts";

/** What was wrong and is over, a line each. */
export function OverList({ alerts }: { alerts: readonly Alert[] }) {
  const t = useWords(alertsWords);
  const format = useFormat();
  const wordsOf = useAlertWords();
  return (
    <CompactList label={t("over")}>
      {alerts.map((alert) => {
        const { id, since, over_at } = alert;
        const { what, leads, href } = wordsOf(alert);
        const until = over_at ?? since;
        const facts = [
          t("from", { since: format.short(since), until: format.short(until) }),
          t("lasted", { span: format.span(Date.parse(until) - Date.parse(since)) }),
          alert.reason?.message,
          leads,
        ];
        return (
          <li key={id}>
            <Anchor component={Link} to={href} size="sm" underline="always">
              {what}
            </Anchor>
            <Text size="xs" c="dimmed">
              {facts.filter(Boolean).join(" · ")}
            </Text>
          </li>
        );
      })}
    </CompactList>
  );
}
