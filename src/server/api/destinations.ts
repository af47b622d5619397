import { createRoute, z } from "@hono/zod-openapi";
import { resyncOf } from "../../completeness.ts";
import type { Gateway } from "../../gateway.ts";
import type { Pause } from "../../ledger/ledger.ts";
import type { Destination } from "../../model/destination.ts";
import { testLead } from "../../model/test-lead.ts";
import { actorOf } from "./caller.ts";
import {
  type DestinationFacts,
  destinationFacts,
  destinationJson,
  destinationSummaryJson,
  talliedDays,
} from "./destination-json.ts";
import {
  checkResult,
  type DestinationSummary,
  destinationDetail,
  destinationParams,
  destinationSummary,
  resyncRequest,
  testRequest,
} from "./destination-schemas.ts";
import { needs } from "./permissions.ts";
import { notFound } from "./problem.ts";
import { answers, newRouter, takes } from "./router.ts";

const tags = ["Destinations"];
const params = { params: destinationParams };

const list = createRoute({
  method: "get",
  path: "/destinations",
  summary: "How the destinations stand",
  tags,
  ...needs("read"),
  responses: answers(z.array(destinationSummary), "The destinations"),
});

const one = createRoute({
  method: "get",
  path: "/destinations/{id}",
  summary: "One destination in detail",
  tags,
  ...needs("read"),
  request: params,
  responses: answers(destinationDetail, "The destination"),
});

const pause = createRoute({
  method: "post",
  path: "/destinations/{id}/pause",
  summary: "Stop sending to a destination; leads for it wait",
  tags,
  ...needs("operate"),
  request: params,
  responses: answers(destinationSummary, "The destination"),
});

const resume = createRoute({
  method: "post",
  path: "/destinations/{id}/resume",
  summary: "Send to a destination again",
  tags,
  ...needs("operate"),
  request: params,
  responses: answers(destinationSummary, "The destination"),
});

const check = createRoute({
  method: "post",
  path: "/destinations/{id}/check",
  summary: "Look, without changing anything, whether a destination is ready for leads",
  tags,
  ...needs("operate"),
  request: params,
  responses: answers(z.array(checkResult), "What was looked at, and what was found"),
});

const test = createRoute({
  method: "post",
  path: "/destinations/{id}/test",
  summary: "Send a destination a marked, invented lead",
  tags,
  ...needs("operate"),
  request: { ...params, ...takes(testRequest) },
  responses: answers(z.object({ lead_id: z.string() }), "The lead: its page shows how it fares"),
});

const resync = createRoute({
  method: "post",
  path: "/destinations/{id}/resync",
  summary: "Give a destination the leads it lacks",
  tags,
  ...needs("operate"),
  request: { ...params, ...takes(resyncRequest) },
  responses: answers(z.object({ count: z.number().int() }), "How many it is given; with `dry_run`, would be"),
});

const dayMs = 86_400_000;

/** Destinations: how they stand, and what people do about them. */
export function destinationRoutes(gateway: Gateway) {
  const { ledger, options } = gateway;

  function find(id: string): Destination {
    const found = options.destinations.find((one) => one.id === id);
    if (!found) throw notFound("destination");
    return found;
  }

  function facts(): Promise<DestinationFacts[]> {
    return destinationFacts(gateway, Date.now() - talliedDays * dayMs);
  }

  async function factsOf(id: string): Promise<DestinationFacts> {
    find(id);
    return (await facts()).find(({ destination }) => destination.id === id) ?? raise(notFound("destination"));
  }

  /** As it stands once the lane, which hears of it a moment later, has taken it over. */
  async function summaryWith(id: string, pause: Pause | null): Promise<DestinationSummary> {
    const known = await factsOf(id);
    const lane = { id, underWay: 0, open: false, failures: 0, pace: null, ...known.lane, pause };
    return destinationSummaryJson({ ...known, lane });
  }

  return newRouter()
    .openapi(list, async (c) => c.json((await facts()).map(destinationSummaryJson), 200))
    .openapi(one, async (c) => {
      const { id } = c.req.valid("param");
      const [known, groups] = await Promise.all([factsOf(id), ledger.deadLetters()]);
      const dead = groups.filter(({ destination }) => destination === id);
      const causes = dead.map(({ reason: { code, message }, count }) => ({ code, message, count }));
      return c.json(destinationJson(known, causes), 200);
    })
    .openapi(pause, async (c) => {
      const { id } = find(c.req.valid("param").id);
      const reason = { code: "paused", message: "paused by a person" };
      const wanted = { destination: id, since: Date.now(), by: "person", reason } as const;
      await ledger.pause(wanted, actorOf(c.get("caller")));
      return c.json(await summaryWith(id, wanted), 200);
    })
    .openapi(resume, async (c) => {
      const { id } = find(c.req.valid("param").id);
      await ledger.resume(id, { now: Date.now(), actor: actorOf(c.get("caller")) });
      return c.json(await summaryWith(id, null), 200);
    })
    .openapi(check, async (c) => c.json(await gateway.check(find(c.req.valid("param").id)), 200))
    .openapi(test, async (c) => {
      const destination = find(c.req.valid("param").id);
      const lead = testLead(destination, c.req.valid("json").email ?? null, Date.now());
      const { id, kind, need } = destination;
      const delivery = { destination: id, kind, purpose: need.purpose, state: "pending", reason: null } as const;
      await gateway.keep({ lead, deliveries: [delivery], key: null });
      const actor = actorOf(c.get("caller"));
      await ledger.recordAct({ at: Date.now(), actor, act: `send test lead: ${id}`, subject: lead.id });
      return c.json({ lead_id: lead.id }, 200);
    })
    .openapi(resync, async (c) => {
      const destination = find(c.req.valid("param").id);
      const { dry_run: dryRun, form, since, until, state } = c.req.valid("json");
      const count = await ledger.resync({
        ...resyncOf(options, destination, Date.now()),
        dryRun,
        ...(state === undefined ? {} : { state }),
        ...(form === undefined ? {} : { form }),
        ...(since === undefined ? {} : { since }),
        ...(until === undefined ? {} : { until }),
        actor: actorOf(c.get("caller")),
      });
      return c.json({ count }, 200);
    });
}

function raise(error: Error): never {
  throw error;
}
