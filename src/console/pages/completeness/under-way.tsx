import { Card, Progress, Text, Title } from "@mantine/core";
import type { Verification } from "../../api/types.ts";
import { useDestinationName } from "../../components/use-destination-name.ts";
import { completenessWords } from "../../i18n/completeness.ts";
import { useWords } from "../../i18n/words.ts";

/** How far a look is that is under way. */
export function UnderWay({ run: { destination, state, leads, expected } }: { run: Verification }) {
  const t = useWords(completenessWords);
  const nameOf = useDestinationName();
  const title = t("underWay", { what: destination === null ? t("allOf") : nameOf(destination) });
  const progress = t("progress", { leads, expected: Math.max(leads, expected) });
  return (
    <Card component="section" aria-label={title}>
      <Title order={2} fz="md" mb="xs">
        {title}
      </Title>
      <Progress.Root size="lg">
        <Progress.Section
          value={expected === 0 ? 100 : Math.min(100, (leads / expected) * 100)}
          color="var(--mantine-primary-color-filled)"
          aria-label={progress}
        />
      </Progress.Root>
      <Text size="sm" mt="xs" className="numbers">
        {t(state === "repairing" ? "repairing" : "reading")}: {progress}. {t("goesOn")}
      </Text>
    </Card>
  );
}
