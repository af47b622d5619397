import { createRoute, z } from "@hono/zod-openapi";
import { stream } from "hono/streaming";
import type { Gateway } from "../../gateway.ts";
import type { LeadFilter, LeadRecord } from "../../ledger/ledger.ts";
import { csvHeader, csvOf } from "../../ledger/record-csv.ts";
import { recordJson } from "../../ledger/record-json.ts";
import type { Missing } from "../../ledger/verifications.ts";
import { actorOf, type Caller } from "./caller.ts";
import { iso, isoOrNull, purpose, refused } from "./fields.ts";
import { leadJson, leadRowJson, workJson } from "./lead-json.ts";
import {
  exportQuery,
  type LeadQuery,
  lead,
  leadIds,
  leadPage,
  leadParams,
  leadQuery,
  work,
  workChange,
} from "./lead-schemas.ts";
import { maskLead, maskRow } from "./mask.ts";
import { needs } from "./permissions.ts";
import { conflict, notFound, Problem } from "./problem.ts";
import { answers, newRouter, takes } from "./router.ts";

const list = createRoute({
  method: "get",
  path: "/leads",
  summary: "List leads, newest first",
  tags: ["Leads"],
  ...needs("read"),
  request: { query: leadQuery },
  responses: answers(leadPage, "One page of leads"),
});

const exported = createRoute({
  method: "get",
  path: "/leads/export",
  summary: "Export the leads of a filter",
  tags: ["Leads"],
  ...needs("read_personal"),
  request: { query: exportQuery },
  responses: {
    200: {
      description: "A file: CSV that is safe to open in a spreadsheet, or one JSON array",
      content: { "text/csv": { schema: z.string() } },
    },
  },
});

const one = createRoute({
  method: "get",
  path: "/leads/{id}",
  summary: "Show a lead and the whole of its way",
  tags: ["Leads"],
  ...needs("read"),
  request: { params: leadParams },
  responses: answers(lead, "The lead"),
});

const change = createRoute({
  method: "patch",
  path: "/leads/{id}",
  summary: "Note how far people have got with a lead",
  tags: ["Leads"],
  ...needs("operate"),
  request: { params: leadParams, ...takes(workChange) },
  responses: answers(work, "What is noted now"),
});

const consent = createRoute({
  method: "post",
  path: "/leads/{id}/consents",
  summary: "Record a consent given or withdrawn outside the form",
  tags: ["Leads"],
  ...needs("operate"),
  request: {
    params: leadParams,
    ...takes(
      z.strictObject({
        purpose,
        action: z.enum(["granted", "withdrawn"]),
        text: z.string().max(5_000).optional(),
      }),
    ),
  },
  responses: answers(
    z.object({
      /** A withdrawal holds for all of the person's leads. */
      leads: z.number().int(),
      released: z.number().int(),
      stopped: z.number().int(),
      follow_ups: z.number().int(),
      /** What has to be done by a person, at destinations that cannot be told. */
      by_hand: z.array(z.object({ lead_id: z.string(), destination: z.string(), message: z.string() })),
    }),
    "On how many leads it is on record, and how many deliveries were released, stopped, and added to tell destinations",
  ),
});

const release = createRoute({
  method: "post",
  path: "/leads/release",
  summary: "Let quarantined leads go on",
  tags: ["Leads"],
  ...needs("operate"),
  request: takes(leadIds),
  responses: answers(z.object({ released: z.number().int(), refused }), "How many were released"),
});

const quarantine = createRoute({
  method: "post",
  path: "/leads/{id}/quarantine",
  summary: "Hold a lead back after all, as spam; with undo, destinations that have it are told to remove it",
  tags: ["Leads"],
  ...needs("operate"),
  request: { params: leadParams, ...takes(z.strictObject({ undo: z.boolean().default(false) })) },
  responses: answers(
    z.object({
      /** Destinations that are told to remove it. */
      removing: z.number().int(),
      /** What has to be removed by a person, at destinations that cannot be told. */
      by_hand: z.array(z.object({ destination: z.string(), message: z.string() })),
    }),
    "How many destinations are told to remove it",
  ),
});

const remove = createRoute({
  method: "post",
  path: "/leads/delete",
  summary: "Delete quarantined leads",
  tags: ["Leads"],
  ...needs("erase"),
  request: takes(leadIds),
  responses: answers(z.object({ deleted: z.number().int(), refused }), "How many were deleted"),
});

/** Leads: list, show, export; note work and consents; quarantine and release. */
export function leadRoutes(gateway: Gateway) {
  const { ledger, options } = gateway;

  /** The most acts shown with one lead. */
  const shownActs = 200;

  /** Where the lead was found to be missing: those of one lead are next to each other. */
  async function missingOf({ lead: { id: leadId }, deliveries }: LeadRecord): Promise<Missing[]> {
    if (deliveries.length === 0) return [];
    const page = await ledger.verifications.missing({ limit: deliveries.length, after: { leadId, destination: "" } });
    return page.filter((one) => one.leadId === leadId);
  }

  return newRouter()
    .openapi(list, async (c) => {
      const { before, size = 50, ...query } = c.req.valid("query");
      const caller = c.get("caller");
      const filter = filterFor(caller, query);
      const page = await ledger.pageOfLeads(filter, { size, ...(before === undefined ? {} : { before }) });
      const rows = page.records.map(leadRowJson);
      return c.json(
        {
          leads: seesPersons(caller) ? rows : rows.map(maskRow),
          next: page.next,
          searched_back: isoOrNull(page.searchedBack),
        },
        200,
      );
    })
    .openapi(exported, (c) => {
      const { format, ...query } = c.req.valid("query");
      const filter = filterFor(c.get("caller"), query);
      const day = iso(Date.now()).slice(0, 10);
      c.header("content-type", format === "csv" ? "text/csv; charset=utf-8" : "application/json");
      c.header("content-disposition", `attachment; filename="leads-${day}.${format}"`);
      return stream(c, async (out) => {
        let first = true;
        if (format === "csv") await out.write(csvHeader);
        for await (const record of ledger.listLeads(filter)) {
          if (out.aborted) return;
          if (format === "csv") await out.write(csvOf(record));
          else await out.write(`${first ? "[\n" : ",\n"}${JSON.stringify(recordJson(record))}`);
          first = false;
        }
        if (format === "json") await out.write(first ? "[]\n" : "\n]\n");
      });
    })
    .openapi(one, async (c) => {
      const record = await ledger.findLead(c.req.valid("param").id);
      if (!record) throw notFound("lead");
      const { id } = record.lead;
      const [acts, missing] = await Promise.all([ledger.acts({ limit: shownActs, lead: id }), missingOf(record)]);
      const shown = leadJson(record, { acts, missing, destinations: options.destinations });
      return c.json(seesPersons(c.get("caller")) ? shown : maskLead(shown), 200);
    })
    .openapi(change, async (c) => {
      const given = c.req.valid("json");
      const noted = await ledger.noteWork(
        c.req.valid("param").id,
        {
          ...(given.stage === undefined ? {} : { stage: given.stage }),
          ...(given.assignee === undefined ? {} : { assignee: given.assignee }),
          ...(given.note === undefined ? {} : { note: given.note || null }),
        },
        { now: Date.now(), actor: actorOf(c.get("caller")) },
      );
      if (!noted) throw notFound("lead");
      return c.json(workJson(noted), 200);
    })
    .openapi(consent, async (c) => {
      const { id } = c.req.valid("param");
      const { purpose, action, text } = c.req.valid("json");
      const caller = c.get("caller");
      const what = { purpose, source: caller.type === "person" ? "console" : "api" } as const;
      const change =
        action === "granted"
          ? await gateway.consent.grant(id, { ...what, ...(text ? { text } : {}) }, actorOf(caller))
          : await gateway.consent.withdraw(id, what, actorOf(caller));
      const { leads, released, stopped, followUps, byHand } = change;
      return c.json(
        {
          leads: leads.length,
          released: released.length,
          stopped: stopped.length,
          follow_ups: followUps.length,
          by_hand: byHand.map(({ lead, destination, message }) => ({ lead_id: lead, destination, message })),
        },
        200,
      );
    })
    .openapi(release, async (c) => {
      const { ids } = c.req.valid("json");
      const released = await gateway.spam.release(ids, actorOf(c.get("caller")));
      return c.json({ released: released.length, refused: refusedOf(ids, released) }, 200);
    })
    .openapi(quarantine, async (c) => {
      const { id } = c.req.valid("param");
      const record = await ledger.findLead(id);
      if (!record) throw notFound("lead");
      if (record.lead.state === "erased") throw conflict("erased", "The lead belongs to a person who was erased.");
      const actor = actorOf(c.get("caller"));
      const { removing, byHand } = await gateway.spam.quarantine([id], c.req.valid("json"), actor);
      const by_hand = byHand.map(({ destination, message }) => ({ destination, message }));
      return c.json({ removing: removing.length, by_hand }, 200);
    })
    .openapi(remove, async (c) => {
      const { ids } = c.req.valid("json");
      const erased = await gateway.spam.remove(ids, actorOf(c.get("caller")));
      return c.json({ deleted: erased.length, refused: refusedOf(ids, erased) }, 200);
    });
}

function seesPersons({ permissions }: Caller): boolean {
  return permissions.has("read_personal");
}

/** @throws {Problem} when the caller, who may not see personal data, would find it out by searching. */
function filterFor(caller: Caller, { delivery, code, q, ...rest }: Omit<LeadQuery, "before" | "size">): LeadFilter {
  if (q !== undefined && !seesPersons(caller)) {
    const detail = "Searching needs the permission read_personal: what is found would give away what is masked.";
    throw new Problem(403, "forbidden", "You may not do this.", { detail });
  }
  const given = { ...rest, deliveryState: delivery, reasonCode: code, text: q || undefined };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as LeadFilter;
}

function refusedOf(ids: readonly string[], done: readonly string[]): { id: string; message: string }[] {
  return ids.filter((id) => !done.includes(id)).map((id) => ({ id, message: "is not a quarantined lead" }));
}
