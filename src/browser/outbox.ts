import { load, save } from "./storage.ts";

const storageName = "leadkeep.outbox";

/** A form that was sent and is not yet known to be taken. `body` is urlencoded: the fields, then `&_key=`, then what the script adds. */
export type Entry = { key: string; url: string; body: string };

// Holds what the browser does not let us store, for as long as the page lives.
let memory: Entry[] = [];

/** What waits, in the order it was sent. Kept in this tab's sessionStorage. */
export function waiting(): Entry[] {
  return (load("sessionStorage", storageName) as Entry[] | null) ?? memory;
}

/** Takes the entry with this key out, and another in. */
export function replace(key: string | undefined, entry?: Entry): void {
  memory = waiting().filter((one) => one.key !== key);
  if (entry) memory.push(entry);
  save("sessionStorage", storageName, memory.length > 0 ? memory : null);
}
