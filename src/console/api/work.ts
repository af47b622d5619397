import { type InfiniteData, type QueryClient, useMutation, useQueryClient } from "@tanstack/react-query";
import { useNotify } from "../components/notify.tsx";
import { answer, api } from "./client.ts";
import { keys } from "./keys.ts";
import type { Lead, LeadsPage, Work } from "./types.ts";

export type WorkChange = Partial<Pick<Work, "stage" | "assignee" | "note">>;
type Noting = { id: string; change: WorkChange; before: Work; told?: string };

/** Notes how far people have got with a lead: shown at once, taken back when the API refuses, and with a way to undo it. */
export function useNoteWork() {
  const queries = useQueryClient();
  const notify = useNotify();
  const noting = useMutation({
    mutationFn: ({ id, change }: Noting) => answer(api.leads[":id"].$patch({ param: { id }, json: change })),
    onMutate: ({ id, change, before }) => showWork(queries, id, { ...before, ...change }),
    onError(error, { id, before }) {
      showWork(queries, id, before);
      notify.failed(error);
    },
    onSuccess(work, { id, change, before, told }) {
      showWork(queries, id, work);
      if (told) notify.done(told, () => noting.mutate({ id, change: taken(change, before), before: work }));
      void queries.invalidateQueries({ queryKey: keys.lead(id) });
    },
  });
  return noting;
}

/** What takes a change back: the same things as they were. */
function taken(change: WorkChange, before: Work): WorkChange {
  return Object.fromEntries(Object.keys(change).map((name) => [name, before[name as keyof WorkChange]]));
}

function showWork(queries: QueryClient, id: string, work: Work): void {
  queries.setQueryData<Lead>(keys.lead(id), (lead) => lead && { ...lead, work });
  queries.setQueriesData<InfiniteData<LeadsPage>>(
    { queryKey: keys.leads },
    (list) =>
      list && {
        ...list,
        pages: list.pages.map((page) => ({
          ...page,
          leads: page.leads.map((row) => (row.lead_id === id ? { ...row, work } : row)),
        })),
      },
  );
}
