import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { answer, api, until } from "./client.ts";
import { keys } from "./keys.ts";
import type { Verification } from "./types.ts";

/** How often what is under way is looked at. */
const watchEveryMs = 1_000;
const pageSize = "50";

/** Nothing announces a verification to pages: it is asked for, often while one is under way. */
export const completenessQuery = queryOptions({
  queryKey: keys.completeness,
  queryFn: ({ signal }) => answer(api.verifications.$get({}, until(signal))),
  refetchInterval: ({ state }) => (state.data?.under_way ? watchEveryMs : 60_000),
});

/** One verification, with what it found missing page by page. */
export const verificationQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: keys.verification(id),
    queryFn: ({ pageParam, signal }) =>
      answer(
        api.verifications[":id"].$get(
          { param: { id }, query: { size: pageSize, ...(pageParam === null ? {} : { after: pageParam }) } },
          until(signal),
        ),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    refetchInterval: ({ state }) => (isUnderWay(state.data?.pages[0]) ? watchEveryMs : false),
  });

export function isUnderWay(run: Pick<Verification, "ended_at"> | undefined): boolean {
  return run?.ended_at === null;
}

/** Looks whether leads are where they were brought, at one destination or all. */
export function readBack(destination: string | null): Promise<Verification> {
  return answer(api.verifications.$post({ json: destination === null ? {} : { destination } }));
}

/** Gives a destination again what is missing there; resolves to how many. `dryRun`: only counts them. */
export async function sendMissing(destination: string, dryRun: boolean): Promise<number> {
  const json = { state: "missing" as const, dry_run: dryRun };
  return (await answer(api.destinations[":id"].resync.$post({ param: { id: destination }, json }))).count;
}

/** Where a browser finds the signed report. */
export function reportPath(id: string, format: "html" | "json"): string {
  return `/api/v1/verifications/${id}/report?format=${format}`;
}
