import type { Consent } from "../../api/types.ts";
import { type AnyState, StateBadge } from "../../components/state-badge.tsx";
import { leadWords } from "../../i18n/lead.ts";
import { useWords } from "../../i18n/words.ts";

const looks: Record<Consent["action"], AnyState> = {
  granted: "ok",
  refused: "cancelled",
  withdrawn: "withheld",
  requested: "pending",
};

export function ConsentBadge({ action }: { action: Consent["action"] }) {
  const t = useWords(leadWords);
  return <StateBadge state={looks[action]} label={t(action)} />;
}
