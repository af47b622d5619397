import { Card, Title } from "@mantine/core";
import type { Verification } from "../../api/types.ts";
import { Facts } from "../../components/facts.tsx";
import { Moment } from "../../components/time-ago.tsx";
import { useDestinationName } from "../../components/use-destination-name.ts";
import { completenessWords } from "../../i18n/completeness.ts";
import { useFormat } from "../../i18n/format.ts";
import { useWords } from "../../i18n/words.ts";
import { useByWords } from "./use-by-words.ts";

/** Which leads a look was about, and who had it taken. */
export function RunFacts({ run }: { run: Verification }) {
  const t = useWords(completenessWords);
  const format = useFormat();
  const nameOf = useDestinationName();
  const by = useByWords();
  const { destination, since, until, ended_at, repaired } = run;
  return (
    <Card component="section" aria-labelledby="facts">
      <Title order={2} id="facts" mb="sm">
        {t("facts")}
      </Title>
      <Facts
        facts={[
          { key: "scope", name: t("scope"), value: destination === null ? t("allOf") : nameOf(destination) },
          {
            key: "period",
            name: t("period"),
            value: t("range", {
              since: since === null ? t("fromFirst") : format.short(since),
              until: format.short(until),
            }),
          },
          { key: "by", name: t("by"), value: <bdi>{by(run)}</bdi> },
          { key: "ended", name: t("ended"), value: ended_at === null ? null : <Moment at={ended_at} /> },
          { key: "repaired", name: t("repaired"), value: repaired === 0 ? null : format.number(repaired) },
        ]}
      />
    </Card>
  );
}
