import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "../../api/client.ts";
import { keys } from "../../api/keys.ts";
import type { DestinationDetail, DestinationSummary } from "../../api/types.ts";
import { useAct } from "../../api/use-act.ts";
import { useNotify } from "../../components/notify.tsx";
import { destinationsWords } from "../../i18n/destinations.ts";
import { useWords } from "../../i18n/words.ts";

/** Pausing a destination and resuming it. What the API answers is shown at once; what follows comes by its events. */
export function usePausing(id: string, label: string) {
  const t = useWords(destinationsWords);
  const notify = useNotify();
  const queries = useQueryClient();
  const param = { id };
  const pause = useAct(() => answer(api.destinations[":id"].pause.$post({ param })), {
    changes: [keys.overview],
    onDone(summary) {
      show(queries, summary);
      notify.done(t("paused", { destination: label }), () => resume.mutate());
    },
  });
  const resume = useAct(() => answer(api.destinations[":id"].resume.$post({ param })), {
    changes: [keys.overview],
    onDone(summary) {
      show(queries, summary);
      notify.done(t("resumed", { destination: label }));
    },
  });
  return { pause, resume };
}

function show(queries: QueryClient, summary: DestinationSummary): void {
  queries.setQueryData<DestinationSummary[]>(keys.destinations, (all) =>
    all?.map((one) => (one.id === summary.id ? summary : one)),
  );
  queries.setQueryData<DestinationDetail>(keys.destination(summary.id), (one) => one && { ...one, ...summary });
}
