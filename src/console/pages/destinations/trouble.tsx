import { Alert, Text } from "@mantine/core";
import { IconPlayerPause, IconPlugConnectedX } from "@tabler/icons-react";
import type { DestinationSummary } from "../../api/types.ts";
import { Moment } from "../../components/time-ago.tsx";
import { destinationsWords } from "../../i18n/destinations.ts";
import { useWords } from "../../i18n/words.ts";

const cures = ["unauthorized", "payment_required", "gone", "redirected"] as const;

/** Why a destination gets no leads just now, and what to do about it; nothing when it works. */
export function Trouble({ destination: { state, pause } }: { destination: DestinationSummary }) {
  const t = useWords(destinationsWords);
  if (pause)
    return (
      <Alert
        variant="default"
        mb="md"
        icon={<IconPlayerPause color="var(--warn)" aria-hidden />}
        title={t(`pausedBy-${pause.by}`, { reason: pause.reason })}
      >
        <Text size="sm">
          {t(`cure-${pause.by === "person" ? "person" : (cures.find((code) => code === pause.code) ?? "other")}`)} (
          {t("since")} <Moment at={pause.since} />)
        </Text>
      </Alert>
    );
  if (state === "down")
    return (
      <Alert variant="default" mb="md" icon={<IconPlugConnectedX color="var(--bad)" aria-hidden />} title={t("down")}>
        {t("downHint")}
      </Alert>
    );
  return null;
}
