import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { answer, api, until } from "./client.ts";
import { keys } from "./keys.ts";

export type Days = "7" | "30" | "90";

/** Days are the viewer's own. */
const timezone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;

export const overviewQuery = (days: Days) =>
  queryOptions({
    queryKey: [...keys.overview, days],
    queryFn: ({ signal }) => answer(api.overview.$get({ query: { days, timezone: timezone() } }, until(signal))),
  });

export const leadQuery = (id: string) =>
  queryOptions({
    queryKey: keys.lead(id),
    queryFn: ({ signal }) => answer(api.leads[":id"].$get({ param: { id } }, until(signal))),
  });

export const destinationsQuery = queryOptions({
  queryKey: keys.destinations,
  queryFn: ({ signal }) => answer(api.destinations.$get({}, until(signal))),
});

export const destinationQuery = (id: string) =>
  queryOptions({
    queryKey: keys.destination(id),
    queryFn: ({ signal }) => answer(api.destinations[":id"].$get({ param: { id } }, until(signal))),
  });

export const deadLettersQuery = queryOptions({
  queryKey: keys.deadLetters,
  queryFn: ({ signal }) => answer(api["dead-letters"].$get({}, until(signal))),
});

/** The form of an id, also when nothing has come from it yet; none when the gateway would not accept one. */
export const formQuery = (id: string) =>
  queryOptions({
    queryKey: keys.form(id),
    queryFn: async ({ signal }) => (await answer(api.forms.$get({ query: { id } }, until(signal))))[0] ?? null,
  });

export const formsQuery = queryOptions({
  queryKey: keys.forms,
  queryFn: ({ signal }) => answer(api.forms.$get({ query: {} }, until(signal))),
});

/** When a form's leads usually come, on the viewer's own clock. */
export const rhythmQuery = (id: string) =>
  queryOptions({
    queryKey: keys.rhythm(id),
    queryFn: ({ signal }) =>
      answer(api.forms[":id"].rhythm.$get({ param: { id }, query: { timezone: timezone() } }, until(signal))),
    staleTime: 600_000,
  });

/** Nothing announces an alert to pages: it is asked for. */
export const alertsQuery = queryOptions({
  queryKey: keys.alerts,
  queryFn: ({ signal }) => answer(api.alerts.$get({}, until(signal))),
  refetchInterval: 15_000,
});

export const setupQuery = queryOptions({
  queryKey: keys.setup,
  queryFn: ({ signal }) => answer(api.setup.$get({}, until(signal))),
});

export const actsQuery = infiniteQueryOptions({
  queryKey: keys.acts,
  queryFn: ({ pageParam, signal }) =>
    answer(
      api.acts.$get({ query: { size: "100", ...(pageParam === null ? {} : { before: pageParam }) } }, until(signal)),
    ),
  initialPageParam: null as string | null,
  getNextPageParam: ({ next }) => next?.toString(),
});

export const peopleQuery = queryOptions({
  queryKey: keys.people,
  queryFn: ({ signal }) => answer(api.people.$get({}, until(signal))),
});

export const tokensQuery = queryOptions({
  queryKey: keys.tokens,
  queryFn: ({ signal }) => answer(api.tokens.$get({}, until(signal))),
});
