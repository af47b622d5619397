/** Undefined: nowhere. What is saved there is not kept, and nothing is found. */
export type StorageName = "sessionStorage" | "localStorage" | undefined;

// Through the window, and tried each time: where the browser forbids them, even looking at them throws.

/** Reads JSON; null when nothing is there or the browser forbids to look. */
export function load(storage: StorageName, name: string): unknown {
  try {
    return JSON.parse(window[storage as "localStorage"].getItem(name) as string);
  } catch {
    return null;
  }
}

/** Writes JSON, or removes what is there with null. */
export function save(storage: StorageName, name: string, value: unknown): void {
  try {
    window[storage as "localStorage"].setItem(name, JSON.stringify(value));
    if (!value) window[storage as "localStorage"].removeItem(name);
  } catch {}
}
