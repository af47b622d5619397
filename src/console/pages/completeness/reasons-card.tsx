import { Card, List, Title } from "@mantine/core";
import type { Standing } from "../../api/types.ts";
import { useDestinationName } from "../../components/use-destination-name.ts";
import { completenessWords } from "../../i18n/completeness.ts";
import { useFormat } from "../../i18n/format.ts";
import { useWords } from "../../i18n/words.ts";

/** Why leads stand as they do, where there is a reason on record. */
export function ReasonsCard({ standings }: { standings: readonly Standing[] }) {
  const t = useWords(completenessWords);
  const format = useFormat();
  const nameOf = useDestinationName();
  const reasons = standings.flatMap(({ destination, verdicts }) =>
    verdicts.flatMap(({ verdict, code, count }) => (code === null ? [] : [{ destination, verdict, code, count }])),
  );
  if (reasons.length === 0) return null;
  return (
    <Card component="section" aria-labelledby="reasons">
      <Title order={2} id="reasons" mb="sm">
        {t("reasons")}
      </Title>
      <List listStyleType="none" size="sm" spacing={4}>
        {reasons.map(({ destination, verdict, code, count }) => (
          <List.Item key={`${destination} ${verdict} ${code}`}>
            {nameOf(destination)} · {t(`verdict-${verdict}`)} · <code>{code}</code> · {format.number(count)}
          </List.Item>
        ))}
      </List>
    </Card>
  );
}
