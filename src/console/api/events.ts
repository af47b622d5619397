import type { QueryClient } from "@tanstack/react-query";
import { keys } from "./keys.ts";

/** What the gateway says has changed. */
type Topic = "leads" | "deliveries";
type Changed = Partial<Record<Topic, boolean>>;

const pollMs = 15_000;
/** A stream that ends at once again and again is no better than none. */
const retryMs = 30_000;

/** What to ask again when something has changed. The list of leads is not among it: it takes new ones in by itself. */
const concerned: Record<Topic, readonly (readonly string[])[]> = {
  leads: [keys.overview, keys.forms, keys.acts, keys.anyLead],
  deliveries: [keys.overview, keys.destinations, keys.deadLetters, keys.acts, keys.anyLead],
};

const listeners = new Set<(changed: Changed) => void>();

/** Calls back when something has changed, for what cannot simply ask again. The result unsubscribes. */
export function onChanged(listener: (changed: Changed) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Keeps the page up to date by the gateway's event stream, and by asking every 15 s while there is none. The result ends it. */
export function followChanges(queries: QueryClient): () => void {
  let source: EventSource | null = null;
  let interrupted = false;
  let retry: ReturnType<typeof setTimeout> | undefined;
  const poll = setInterval(() => {
    if (source?.readyState !== EventSource.OPEN && document.visibilityState === "visible") tell(everything);
  }, pollMs);

  function open(): void {
    source = new EventSource("/api/v1/events");
    source.addEventListener("changed", (event) => tell(changedIn(event)));
    // What happened while there was no stream was told to nobody.
    source.addEventListener("open", () => {
      if (interrupted) tell(everything);
      interrupted = false;
    });
    source.addEventListener("error", () => {
      interrupted = true;
      if (source?.readyState !== EventSource.CLOSED) return;
      // Refused, not broken off: whoever is signed out learns it now, not at their next click.
      void queries.invalidateQueries({ queryKey: keys.session });
      retry = setTimeout(open, retryMs);
    });
  }

  function tell(changed: Changed): void {
    const asked = new Set<readonly string[]>();
    for (const topic of topics) {
      if (changed[topic]) for (const queryKey of concerned[topic]) asked.add(queryKey);
    }
    for (const queryKey of asked) void queries.invalidateQueries({ queryKey });
    for (const listener of listeners) listener(changed);
  }

  open();
  return () => {
    clearInterval(poll);
    clearTimeout(retry);
    source?.close();
  };
}

const topics = Object.keys(concerned) as Topic[];
const everything: Changed = Object.fromEntries(topics.map((topic) => [topic, true]));

function changedIn(event: MessageEvent<string>): Changed {
  try {
    return JSON.parse(event.data) as Changed;
  } catch {
    return everything;
  }
}
