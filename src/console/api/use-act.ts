import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNotify } from "../components/notify.tsx";

type ActOptions<Input, Output> = {
  /** What to ask again afterwards, also when it failed: it may have been done all the same. */
  changes: readonly (readonly unknown[])[];
  /** Says that it was done, or what was not. */
  onDone?(output: Output, input: Input): void;
};

/** Something a person does through the API; a failure is told at the page's edge. */
export function useAct<Input = void, Output = unknown>(
  act: (input: Input) => Promise<Output>,
  { changes, onDone }: ActOptions<Input, Output>,
) {
  const queries = useQueryClient();
  const notify = useNotify();
  return useMutation({
    mutationFn: act,
    onSuccess: (output, input) => onDone?.(output, input),
    onError: (error) => notify.failed(error),
    onSettled: () => Promise.all(changes.map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
}
