import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { keys } from "./keys.ts";
import { Problem } from "./problem.ts";

/** Not signed in any more: asks for the session again, which leads to the sign-in page. */
function onError(error: Error): void {
  if (error instanceof Problem && error.status === 401 && queryClient.getQueryData(keys.session))
    void queryClient.resetQueries({ queryKey: keys.session });
}

export const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // What the API refused it will refuse again; what did not reach it may.
      retry: (failures, error) =>
        failures < 2 && (!(error instanceof Problem) || error.status === 0 || error.status >= 500),
    },
  },
});
