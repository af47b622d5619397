import { Button } from "@mantine/core";
import { IconHandStop, IconPlayerStop, IconRefresh } from "@tabler/icons-react";
import { answer, api } from "../../api/client.ts";
import { keys } from "../../api/keys.ts";
import { useMay } from "../../api/session.ts";
import type { Delivery, Lead } from "../../api/types.ts";
import { useAct } from "../../api/use-act.ts";
import { askToConfirm } from "../../components/confirm.tsx";
import { useNotify } from "../../components/notify.tsx";
import { useDestinationName } from "../../components/use-destination-name.ts";
import { leadWords } from "../../i18n/lead.ts";
import { useWords } from "../../i18n/words.ts";
import { refusalIn } from "./refusal-in.ts";

/** What a person may do about one delivery where it stands. */
export function DeliveryActs({ lead, delivery }: { lead: Lead; delivery: Delivery }) {
  const t = useWords(leadWords);
  const notify = useNotify();
  const nameOf = useDestinationName();
  const mayOperate = useMay("operate");
  const { id, destination, state } = delivery;
  // Of an erased lead only word of the erasure still goes out, and nothing stops that.
  const erased = lead.state === "erased";
  const maySend = !erased || delivery.event === "lead.erased";
  const changes = [keys.lead(lead.lead_id), keys.overview, keys.destinations, keys.deadLetters];
  const replay = useAct(async () => refusalIn(await answer(api.deliveries.replay.$post({ json: { ids: [id] } }))), {
    changes,
    onDone: () => notify.done(t("replayed")),
  });
  const cancel = (handled: boolean) =>
    answer(api.deliveries.cancel.$post({ json: { ids: [id], handled } })).then(refusalIn);
  const stop = useAct(() => cancel(false), {
    changes,
    // What waited can wait again; what was dead would be sent, so that has no way back by one click.
    onDone: () => notify.done(t("stopped"), state === "pending" ? () => replay.mutateAsync() : undefined),
  });
  const byHand = useAct(() => cancel(true), { changes, onDone: () => notify.done(t("byHandDone")) });
  if (!mayOperate) return null;

  return (
    <>
      {maySend && (state === "dead" || state === "cancelled" || state === "pending") && (
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconRefresh size={14} aria-hidden />}
          loading={replay.isPending}
          onClick={() => replay.mutate()}
        >
          {state === "pending" ? t("retryNow") : t("replay")}
        </Button>
      )}
      {!erased && (state === "pending" || state === "withheld") && (
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconPlayerStop size={14} aria-hidden />}
          loading={stop.isPending}
          onClick={() => stop.mutate()}
        >
          {t("stop")}
        </Button>
      )}
      {state === "dead" && (
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconHandStop size={14} aria-hidden />}
          onClick={() =>
            askToConfirm({
              title: t("byHandTitle"),
              children: t("byHandHint", { destination: nameOf(destination) }),
              act: t("byHand"),
              onConfirm: () => byHand.mutateAsync(),
            })
          }
        >
          {t("byHand")}
        </Button>
      )}
    </>
  );
}
