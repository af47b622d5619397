import { createRoute, z } from "@hono/zod-openapi";
import type { Gateway } from "../../gateway.ts";
import type { Actor, Selection } from "../../ledger/ledger.ts";
import { type DeliveryId, parseDeliveryId } from "../../model/id.ts";
import { actorOf } from "./caller.ts";
import { iso, plainId, refused, time } from "./fields.ts";
import { deliveryIds } from "./lead-schemas.ts";
import { needs } from "./permissions.ts";
import { conflict, type Problem } from "./problem.ts";
import { answers, newRouter, takes } from "./router.ts";

const deadLetters = createRoute({
  method: "get",
  path: "/dead-letters",
  summary: "Dead letters, grouped by destination and cause",
  tags: ["Deliveries"],
  ...needs("read"),
  responses: answers(
    z.array(
      z
        .object({
          destination: z.string(),
          code: z.string(),
          message: z.string(),
          status: z.number().int().nullable(),
          count: z.number().int(),
          oldest: time,
          newest: time,
        })
        .openapi("DeadLetters"),
    ),
    "The groups",
  ),
});

const replay = createRoute({
  method: "post",
  path: "/deliveries/replay",
  summary: "Send deliveries again: these, or all dead letters (of one destination, of one cause)",
  tags: ["Deliveries"],
  ...needs("operate"),
  request: takes(
    z.union([
      z.strictObject({ ids: deliveryIds }),
      z.strictObject({
        state: z.literal("dead"),
        destination: plainId.optional(),
        code: z.string().max(100).optional(),
        dry_run: z.boolean().optional(),
      }),
    ]),
  ),
  responses: answers(
    z.object({ replayed: z.number().int(), refused, count: z.number().int() }),
    "How many are pending again. With `dry_run`: none, and `count` says how many it would be",
  ),
});

const cancel = createRoute({
  method: "post",
  path: "/deliveries/cancel",
  summary: "Stop deliveries, or note that they, or all dead letters of one cause, were seen to by hand",
  tags: ["Deliveries"],
  ...needs("operate"),
  request: takes(
    z.union([
      z.strictObject({ ids: deliveryIds, handled: z.boolean().default(false) }),
      z.strictObject({
        state: z.literal("dead"),
        destination: plainId,
        code: z.string().max(100),
        handled: z.literal(true),
        /** How many you have seen to. When there are others by now nothing is noted: 409 `changed`. */
        count: z.number().int().optional(),
        dry_run: z.boolean().optional(),
      }),
    ]),
  ),
  responses: answers(
    z.object({ cancelled: z.number().int(), refused, count: z.number().int() }),
    "How many were stopped. With `dry_run`: none, and `count` says how many it would be",
  ),
});

const handledByHand = { code: "handled_by_hand", message: "a person has seen to it by hand" };
const cancelledByHand = { code: "cancelled_by_hand", message: "stopped by a person" };

/** How many deliveries one transaction changes, so that intake gets its turn in between. */
const chunk = 500;

/** Dead letters, and what people do about deliveries. */
export function deliveryRoutes({ ledger }: Gateway) {
  /** Who sends again takes the trouble to be over: the machine's own pauses of these destinations end. */
  async function resume(destinations: ReadonlySet<string>, actor: Actor): Promise<void> {
    for (const { by, destination } of await ledger.pauses()) {
      if (by !== "machine" || !destinations.has(destination)) continue;
      await ledger.resume(destination, { now: Date.now(), actor });
    }
  }

  /** All of one cause, named before the first is touched: what dies meanwhile, nobody has seen to. */
  async function idsOfDead(destination: string, code: string): Promise<DeliveryId[]> {
    const ids: DeliveryId[] = [];
    for await (const { deliveries } of ledger.listLeads({ deliveryState: "dead", destination, reasonCode: code })) {
      for (const one of deliveries) {
        if (one.state === "dead" && one.destination === destination && one.reason?.code === code) ids.push(one.id);
      }
    }
    return ids;
  }

  return newRouter()
    .openapi(deadLetters, async (c) => {
      const groups = await ledger.deadLetters();
      return c.json(
        groups.map(({ destination, reason, count, oldest, newest }) => ({
          destination,
          code: reason.code,
          message: reason.message,
          status: reason.status ?? null,
          count,
          oldest: iso(oldest),
          newest: iso(newest),
        })),
        200,
      );
    })
    .openapi(replay, async (c) => {
      const given = c.req.valid("json");
      const actor = actorOf(c.get("caller"));
      if ("ids" in given) {
        const { replayed, refused } = await ledger.replay({ ids: given.ids }, { now: Date.now(), actor });
        await resume(new Set(replayed.map(destinationOf)), actor);
        return c.json({ replayed: replayed.length, refused, count: replayed.length }, 200);
      }
      const { destination, code, dry_run } = given;
      const groups = (await ledger.deadLetters()).filter(
        (group) =>
          (destination === undefined || group.destination === destination) &&
          (code === undefined || group.reason.code === code),
      );
      const count = groups.reduce((sum, group) => sum + group.count, 0);
      if (dry_run) return c.json({ replayed: 0, refused: [], count }, 200);
      await resume(new Set(groups.map((group) => group.destination)), actor);
      const selection: Selection = {
        state: "dead",
        limit: chunk,
        ...(destination === undefined ? {} : { destination }),
        ...(code === undefined ? {} : { code }),
      };
      let replayed = 0;
      // No more than there were: what dies again meanwhile is not sent for ever.
      while (replayed < count) {
        const some = await ledger.replay(selection, { now: Date.now(), actor });
        replayed += some.replayed.length;
        if (some.replayed.length === 0) return c.json({ replayed, refused: some.refused, count }, 200);
      }
      return c.json({ replayed, refused: [], count }, 200);
    })
    .openapi(cancel, async (c) => {
      const given = c.req.valid("json");
      const actor = actorOf(c.get("caller"));
      if ("ids" in given) {
        const reason = given.handled ? handledByHand : cancelledByHand;
        const { cancelled, refused } = await ledger.cancel(given.ids, { now: Date.now(), actor, reason });
        return c.json({ cancelled: cancelled.length, refused, count: cancelled.length }, 200);
      }
      const ids = await idsOfDead(given.destination, given.code);
      if (given.count !== undefined && given.count !== ids.length) throw changed(ids.length);
      if (given.dry_run) return c.json({ cancelled: 0, refused: [], count: ids.length }, 200);
      const all = { cancelled: 0, refused: [] as z.infer<typeof refused> };
      for (let at = 0; at < ids.length; at += chunk) {
        const some = await ledger.cancel(ids.slice(at, at + chunk), { now: Date.now(), actor, reason: handledByHand });
        all.cancelled += some.cancelled.length;
        all.refused.push(...some.refused);
      }
      return c.json({ ...all, count: ids.length }, 200);
    });
}

function changed(count: number): Problem {
  return conflict("changed", "There are others by now.", `It would be ${count}. Look at them again.`);
}

function destinationOf(id: string): string {
  return parseDeliveryId(id)?.destination ?? "";
}
