import {
  IconAlertTriangle,
  IconArchive,
  IconBan,
  IconCheck,
  IconCircleDashed,
  IconClock,
  IconEraser,
  IconHandStop,
  IconMailX,
  IconPlayerPause,
  IconPlugConnectedX,
  IconProgress,
  IconSend,
  IconShieldQuestion,
  IconX,
  type TablerIcon,
} from "@tabler/icons-react";
import type { DeliveryState, DestinationState, LeadState, Stage } from "../api/types.ts";
import { states } from "../i18n/states.ts";
import { useWords } from "../i18n/words.ts";
import classes from "./state-badge.module.css";

export type AnyState = DeliveryState | DestinationState | LeadState | `stage-${Stage}` | "ok" | "warning" | "problem";
export type Tone = "good" | "bad" | "warn" | "busy" | "still";

const looks: Record<AnyState, { tone: Tone; Icon: TablerIcon }> = {
  pending: { tone: "busy", Icon: IconClock },
  claimed: { tone: "busy", Icon: IconSend },
  delivered: { tone: "good", Icon: IconCheck },
  dead: { tone: "bad", Icon: IconMailX },
  withheld: { tone: "warn", Icon: IconHandStop },
  cancelled: { tone: "still", Icon: IconBan },
  active: { tone: "good", Icon: IconCheck },
  quarantined: { tone: "warn", Icon: IconShieldQuestion },
  erased: { tone: "still", Icon: IconEraser },
  working: { tone: "good", Icon: IconCheck },
  paused: { tone: "warn", Icon: IconPlayerPause },
  down: { tone: "bad", Icon: IconPlugConnectedX },
  "stage-new": { tone: "busy", Icon: IconCircleDashed },
  "stage-working": { tone: "warn", Icon: IconProgress },
  "stage-done": { tone: "still", Icon: IconArchive },
  ok: { tone: "good", Icon: IconCheck },
  warning: { tone: "warn", Icon: IconAlertTriangle },
  problem: { tone: "bad", Icon: IconX },
};

/** A state as an icon and a word, so that nothing is told by colour alone. `label` says it otherwise. */
export function StateBadge({ state, label }: { state: AnyState; label?: string }) {
  const t = useWords(states);
  const { tone, Icon } = looks[state];
  return (
    <span className={`${classes.badge} ${classes[tone]}`}>
      <Icon size={14} stroke={2.2} aria-hidden />
      {label ?? t(state)}
    </span>
  );
}
