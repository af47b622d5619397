import { useCallback, useMemo } from "react";
import { useSearchParams } from "react-router";
import { type Chosen, chosenIn } from "./filter.ts";

/** The filters in the page's address, and how to change some of them; an empty value takes one away. */
export function useChosen(): [Chosen, (change: Chosen) => void] {
  const [parameters, setParameters] = useSearchParams();
  const chosen = useMemo(() => chosenIn(parameters), [parameters]);
  const change = useCallback(
    (change: Chosen) =>
      setParameters(
        (before) => {
          const after = new URLSearchParams(before);
          for (const [name, value] of Object.entries(change)) {
            if (value) after.set(name, value);
            else after.delete(name);
          }
          return after;
        },
        { replace: true, preventScrollReset: true },
      ),
    [setParameters],
  );
  return [chosen, change];
}
