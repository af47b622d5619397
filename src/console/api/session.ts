import { queryOptions, useQuery } from "@tanstack/react-query";
import { answer, api, until } from "./client.ts";
import { keys } from "./keys.ts";
import { queryClient } from "./query-client.ts";
import type { Permission, Session } from "./types.ts";

export const sessionQuery = queryOptions({
  queryKey: keys.session,
  queryFn: ({ signal }) => answer(api.session.$get({}, until(signal))),
  staleTime: 60_000,
});

const nobody: Session = {
  person: null,
  permissions: [],
  version: "",
  public_url: null,
  login: { password: false, email: false },
};

/** Who looks at the console. Below the shell this is known; it is nobody only for the moment in which a session ends. */
export function useSession(): Session {
  return useQuery(sessionQuery).data ?? nobody;
}

/** Whether the viewer may; the API refuses in any case, this only spares the button. */
export function useMay(permission: Permission): boolean {
  return useSession().permissions.includes(permission);
}

export async function signIn(login: { email?: string; password: string }): Promise<void> {
  await answer(api.session.$post({ json: login }));
  await startAfresh();
}

export async function signInByLink(token: string): Promise<void> {
  await answer(api.session.link.$post({ json: { token } }));
  await startAfresh();
}

/** Leaves by loading the page anew, so that nothing one person saw stays in memory for the next. */
export async function signOut(): Promise<void> {
  await answer(api.session.$delete());
  window.location.assign("/console/sign-in");
}

async function startAfresh(): Promise<void> {
  queryClient.clear();
  await queryClient.fetchQuery(sessionQuery);
}
