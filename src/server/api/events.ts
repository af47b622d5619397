import { createRoute, z } from "@hono/zod-openapi";
import { streamSSE } from "hono/streaming";
import type { Change, Gateway } from "../../gateway.ts";
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
/** A sign of life for proxies; also when it is seen whether the session still holds. */
const heartbeatMs = 15_000;
/** Pages that may listen at once. */
const mostListeners = 200;

/** What has changed, for pages that are open. `stopping` ends them all. */
export function eventRoutes(gateway: Gateway, { sessions }: Desk, stopping: AbortSignal) {
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

  return newRouter().openapi(listen, (c) => {
    if (listeners.size >= mostListeners) {
      const headers = { "retry-after": "30" };
      throw new Problem(503, "too_many_listeners", "Too many pages listen already.", { headers });
    }
    const caller = c.get("caller");
    const session = caller.type === "person" ? caller.session.hash : null;
    c.header("x-accel-buffering", "no");
    return streamSSE(c, (stream) => {
      const changed = new Set<Change>();
      let telling: NodeJS.Timeout | undefined;
      return new Promise<void>((resolve) => {
        const end = (): void => {
          clearTimeout(telling);
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
        const beat = async (): Promise<void> => {
          if (session !== null && !(await sessions.isAlive(session))) return end();
          await stream.write(": here\n\n");
        };
        const heartbeat = setInterval(() => void beat().catch(end), heartbeatMs).unref();
        stream.onAbort(end);
        stopping.addEventListener("abort", end);
        stream.write(": here\n\n").catch(end);
      });
    });
  });
}
