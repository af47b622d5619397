import { Button, type ButtonProps } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { useMay } from "../../api/session.ts";
import type { DestinationSummary } from "../../api/types.ts";
import { destinationsWords } from "../../i18n/destinations.ts";
import { useWords } from "../../i18n/words.ts";
import { usePausing } from "./use-pausing.ts";

type PauseButtonProps = {
  destination: DestinationSummary;
  size?: ButtonProps["size"];
  /** Tells screen readers which destination, where there are several of these buttons. */
  named?: boolean;
};

/** Pauses a destination, or resumes it; both can be taken back. */
export function PauseButton({ destination: { id, label, state }, size, named = false }: PauseButtonProps) {
  const t = useWords(destinationsWords);
  const mayOperate = useMay("operate");
  const { pause, resume } = usePausing(id, label);
  if (!mayOperate) return null;
  const paused = state === "paused";
  const act = paused ? resume : pause;
  const Icon = paused ? IconPlayerPlay : IconPlayerPause;
  return (
    <Button
      variant={paused ? "filled" : "default"}
      {...(size ? { size } : {})}
      leftSection={<Icon size={16} aria-hidden />}
      loading={act.isPending}
      onClick={() => act.mutate()}
      {...(named ? { "aria-label": t(paused ? "resumeNamed" : "pauseNamed", { destination: label }) } : {})}
    >
      {t(paused ? "resume" : "pause")}
    </Button>
  );
}
