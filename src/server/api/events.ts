import { createRoute, z } from "@hono/zod-openapi";
import { streamSSE } from "hono/streaming";
import type { Change, Gateway } from "../../gateway.ts";
import type { Caller } from "./caller.ts";
import type { Desk } from "./desk.ts";
import { needs } from "./permissions.ts";
import { Problem } from "./problem.ts";
import { newRouter } from "./router.ts";

const listen = createRoute({
  method: "get",
  path: "/events",
  summary: "Be told of changes as they come (server-sent events)",
  tags: ["Events"],
  ...needs("read"),
  responses: {
    200: {
      description: 'At most two a second: `event: changed` with `data: {"leads":true,"deliveries":true}`',
      content: { "text/event-stream": { schema: z.string() } },
    },
  },
});

/** Changes that come sooner after one another are told together. */
const tellEveryMs = 500;
/** A sign of life for proxies. */
const heartbeatMs = 15_000;
/** How soon whoever was signed out, here or by another process, is told nothing more. */
const watchEveryMs = 1_000;
/** Pages that may listen at once. */
const mostListeners = 200;

/** What has changed, for pages that are open. `stopping` ends them all. */
export function eventRoutes(gateway: Gateway, desk: Desk, stopping: AbortSignal) {
  const listeners = new Set<(what: Change) => void>();
  let unsubscribe: (() => void) | null = null;

  /** The gateway is listened to only while somebody listens here. */
  function subscribe(listener: (what: Change) => void): () => void {
    listeners.add(listener);
    unsubscribe ??= gateway.onChange((what) => {
      for (const one of listeners) one(what);
    });
    return () => {
      listeners.delete(listener);
      if (listeners.size > 0) return;
      unsubscribe?.();
      unsubscribe = null;
    };
  }

  /** Whether the session or token it came with still lets the caller in. */
  async function stillHolds(caller: Caller): Promise<boolean> {
    if (caller.type === "person") return desk.sessions.isAlive(caller.session.hash);
    if (caller.type === "token" && caller.id !== null) return (await gateway.accounts.findToken(caller.id)) !== null;
    return true;
  }

  return newRouter().openapi(listen, (c) => {
    if (listeners.size >= mostListeners) {
      const headers = { "retry-after": "30" };
      throw new Problem(503, "too_many_listeners", "Too many pages listen already.", { headers });
    }
    const caller = c.get("caller");
    c.header("x-accel-buffering", "no");
    return streamSSE(c, (stream) => {
      const changed = new Set<Change>();
      let telling: NodeJS.Timeout | undefined;
      let watching: NodeJS.Timeout | undefined;
      let over = false;
      return new Promise<void>((resolve) => {
        const end = (): void => {
          over = true;
          clearTimeout(telling);
          clearTimeout(watching);
          clearInterval(heartbeat);
          stopListening();
          stopping.removeEventListener("abort", end);
          resolve();
        };
        const tell = (): void => {
          telling = undefined;
          const data = JSON.stringify(Object.fromEntries([...changed].map((what) => [what, true])));
          changed.clear();
          stream.writeSSE({ event: "changed", data }).catch(end);
        };
        const stopListening = subscribe((what) => {
          changed.add(what);
          telling ??= setTimeout(tell, tellEveryMs);
        });
        const watch = async (): Promise<void> => {
          if (!(await stillHolds(caller))) return end();
          if (!over) watching = setTimeout(() => void watch().catch(end), watchEveryMs).unref();
        };
        const beat = (): void => void stream.write(": here\n\n").catch(end);
        const heartbeat = setInterval(beat, heartbeatMs).unref();
        stream.onAbort(end);
        stopping.addEventListener("abort", end);
        beat();
        watch().catch(end);
      });
    });
  });
}
