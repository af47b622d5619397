import { type InfiniteData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { answer, api, until } from "./client.ts";
import { onChanged } from "./events.ts";
import { keys } from "./keys.ts";
import type { LeadRow, LeadsFilter, LeadsPage } from "./types.ts";

type Pages = InfiniteData<LeadsPage, string | null>;
const pageSize = "50";

export type LeadList = {
  rows: LeadRow[];
  /** Null while the first page is on its way. */
  error: Error | null;
  loading: boolean;
  /** The search stopped early at this time; going on is up to the viewer. */
  searchedBack: string | null;
  hasMore: boolean;
  loadingMore: boolean;
  /** Why the next page could not be had; `more` tries again. */
  moreError: Error | null;
  more(): void;
  retry(): void;
  /** Leads that came since the list was loaded and are not in it yet. */
  arrived: number;
  /** Takes them in. */
  showArrived(): void;
};

/**
 * The leads of a filter, page after page. Rows stay where they are while leads arrive: what is shown is kept up to date in place,
 * and what is new is counted until the viewer wants to see it. `inView` names the row at the top of what is seen.
 */
export function useLeadList(filter: LeadsFilter, inView: () => number): LeadList {
  const queries = useQueryClient();
  const queryKey = keys.leadsOf(filter);
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => pageOfLeads(filter, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const [head, setHead] = useState<{ of: LeadsFilter; page: LeadsPage } | null>(null);
  const rows = query.data?.pages.flatMap((page) => page.leads) ?? [];
  const newest = rows[0]?.lead_id;
  const arrivedRows = head?.of === filter ? head.page.leads.filter((row) => isNewer(row.lead_id, newest)) : [];

  const refresh = useCallback(async () => {
    const loaded = queries.getQueryData<Pages>(keys.leadsOf(filter));
    if (!loaded) return;
    const seen = pageAt(loaded, inView());
    const wanted = [...new Set([null, loaded.pageParams[seen] ?? null])];
    const pages = await Promise.all(wanted.map((before) => pageOfLeads(filter, before)));
    const fresh = new Map(pages.flatMap((page) => page.leads).map((row) => [row.lead_id, row]));
    queries.setQueryData<Pages>(keys.leadsOf(filter), (now) => now && withFresh(now, fresh));
    if (pages[0]) setHead({ of: filter, page: pages[0] });
  }, [filter, inView, queries]);

  useRefreshes(refresh);
  // What was loaded some time ago is shown at once, and brought up to date behind it.
  useEffect(() => {
    if (queries.getQueryData(keys.leadsOf(filter))) void refresh().catch(() => {});
  }, [filter, queries, refresh]);

  return {
    rows,
    error: query.error,
    loading: query.isPending,
    searchedBack: query.data?.pages.at(-1)?.searched_back ?? null,
    hasMore: query.hasNextPage,
    loadingMore: query.isFetchingNextPage,
    moreError: query.isFetchNextPageError ? query.error : null,
    more: () => void query.fetchNextPage(),
    retry: () => void query.refetch(),
    arrived: arrivedRows.length,
    showArrived() {
      if (!head) return;
      queries.setQueryData<Pages>(queryKey, { pages: [head.page], pageParams: [null] });
      setHead(null);
    },
  };
}

/** Refreshes when something changed, one at a time; a change meanwhile is followed by another. */
function useRefreshes(refresh: () => Promise<void>): void {
  const running = useRef(false);
  const again = useRef(false);
  useEffect(() => {
    let stopped = false;
    async function run(): Promise<void> {
      again.current = true;
      if (running.current) return;
      running.current = true;
      while (again.current && !stopped) {
        again.current = false;
        await refresh().catch(() => {});
        await new Promise((resolve) => setTimeout(resolve, 1_000));
      }
      running.current = false;
    }
    const unsubscribe = onChanged(({ leads, deliveries }) => {
      if (leads || deliveries) void run();
    });
    return () => {
      stopped = true;
      running.current = false;
      unsubscribe();
    };
  }, [refresh]);
}

function pageOfLeads(filter: LeadsFilter, before: string | null, signal?: AbortSignal): Promise<LeadsPage> {
  const query = { ...filter, size: pageSize, ...(before === null ? {} : { before }) };
  return answer(api.leads.$get({ query }, signal && until(signal)));
}

/** Ids hold the time they were made at, so a newer one is the greater text. */
function isNewer(id: string, than: string | undefined): boolean {
  return than === undefined || id > than;
}

function pageAt({ pages }: Pages, row: number): number {
  let end = 0;
  const found = pages.findIndex((page) => {
    end += page.leads.length;
    return row < end;
  });
  return Math.max(found, 0);
}

function withFresh({ pages, pageParams }: Pages, fresh: ReadonlyMap<string, LeadRow>): Pages {
  return {
    pageParams,
    pages: pages.map((page) => ({ ...page, leads: page.leads.map((row) => fresh.get(row.lead_id) ?? row) })),
  };
}
