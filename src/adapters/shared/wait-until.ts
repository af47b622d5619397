/** The host's promise to let work go on after the reply. */
export type WaitUntil = (work: Promise<unknown>) => void;

/** The first of these that offers `waitUntil`. They are looked at as they come: their types are the hosts' own. */
export function waitUntilOf(...hosts: readonly unknown[]): WaitUntil | undefined {
  const host = hosts.find(offersIt);
  return host && ((work) => host.waitUntil(work));
}

/** A property of whatever it is, without a claim about its type; undefined when there is none. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, name) =>
      typeof inner === "object" && inner !== null ? (inner as Record<string, unknown>)[name] : undefined,
    value,
  );
}

/**
 * What the platform offers to code of any framework. Vercel and hosts of Next keep a request's context behind a symbol, as
 * `@vercel/functions` and Next's `after` read it; Netlify in a global (https://docs.netlify.com/build/functions/api/, read 2026-11).
 */
export function platformWaitUntil(): WaitUntil | undefined {
  const contexts = ["@next/request-context", "@vercel/request-context"].map((name) => {
    const context = (globalThis as Record<symbol, unknown>)[Symbol.for(name)] as { get?(): unknown } | undefined;
    return context?.get?.();
  });
  return waitUntilOf(...contexts, at(globalThis, "Netlify", "context"));
}

function offersIt(host: unknown): host is { waitUntil: WaitUntil } {
  return typeof at(host, "waitUntil") === "function";
}
