import { Card, Text, Title } from "@mantine/core";
import type { Verification } from "../../api/types.ts";
import { Moment } from "../../components/time-ago.tsx";
import { completenessWords } from "../../i18n/completeness.ts";
import { useWords } from "../../i18n/words.ts";

/** The one sentence: so many of so many leads accounted for, read back then. */
export function Summary({ run, nightlyAt }: { run: Verification; nightlyAt: string | null }) {
  const t = useWords(completenessWords);
  const { leads, accounted, ended_at, started_at } = run;
  const whole = accounted === leads;
  return (
    <Card>
      <Title order={2} c={whole ? "var(--good)" : "var(--bad)"} className="numbers">
        {t("accounted", { accounted, count: leads })}
      </Title>
      <Text size="sm">
        {t("readBack")} <Moment at={ended_at ?? started_at} />
      </Text>
      <Text size="sm" c="dimmed">
        {nightlyAt === null ? t("noNightly") : t("nightly", { time: nightlyAt })}
      </Text>
    </Card>
  );
}
