import { createRoute, z } from "@hono/zod-openapi";
import type { Gateway } from "../../gateway.ts";
import { deliveryStates } from "../../model/delivery.ts";
import { leadStates } from "../../model/lead.ts";
import type { ErasurePlan, ErasureTask } from "../../privacy/erasure.ts";
import { type Identifier, identifierText, type Subject } from "../../privacy/subject.ts";
import { actorOf } from "./caller.ts";
import { iso, time } from "./fields.ts";
import { needs } from "./permissions.ts";
import { invalid, notFound } from "./problem.ts";
import { answers, newRouter, takes } from "./router.ts";

/** The person meant: their e-mail address or phone number. In a body, so that it is in no log of addresses. */
const identifier = z.string().trim().min(3).max(254);

const person = takes(z.strictObject({ identifier }));

const erasurePlan = z
  .object({
    /** As it was understood: lower-cased, or in the international form. */
    identifier: z.string(),
    /** The leads that are this person's, and would be erased. */
    leads: z.array(
      z.object({
        lead_id: z.string(),
        form: z.string(),
        state: z.enum(leadStates),
        received_at: time,
        /** What is deleted here. */
        here: z.object({ consents: z.number().int(), attempts: z.number().int(), waiting: z.number().int() }),
        destinations: z.array(
          z.object({
            destination: z.string(),
            /** `erase`: it is told to; `by_hand`: a person has to, as `detail` says; `nothing`: it never had the lead. */
            what: z.enum(["erase", "by_hand", "nothing"]),
            ref: z.string().nullable(),
            detail: z.string().nullable(),
          }),
        ),
      }),
    ),
    /** Leads of others that only mention the person; they stay. */
    mentions: z.array(z.string()),
    /** Other addresses and numbers of the person, by which there may be more leads. */
    others: z.array(z.string()),
  })
  .openapi("ErasurePlan");

/** How an erasure stands at one destination. */
const erasureTask = z
  .object({
    delivery_id: z.string(),
    lead_id: z.string(),
    destination: z.string(),
    state: z.enum(deliveryStates),
    /** What has to be done by a person, or why it has not been done yet. */
    message: z.string().nullable(),
    by_hand: z.boolean(),
    ref: z.string().nullable(),
  })
  .openapi("ErasureTask");

const tags = ["Rights"];

const plan = createRoute({
  method: "post",
  path: "/subjects/plan",
  summary: "What erasing a person would do",
  tags,
  ...needs("erase"),
  request: person,
  responses: answers(erasurePlan, "The plan"),
});

const exported = createRoute({
  method: "post",
  path: "/subjects/export",
  summary: "Everything kept of a person, as a zip file",
  tags,
  ...needs("erase"),
  request: person,
  responses: {
    200: {
      description: "The file",
      content: { "application/zip": { schema: z.string().openapi({ format: "binary" }) } },
    },
  },
});

const erase = createRoute({
  method: "post",
  path: "/subjects/erase",
  summary: "Erase a person",
  tags,
  ...needs("erase"),
  request: takes(
    z.strictObject({
      identifier,
      /** Has to be the same text. */
      confirm: z.string().max(254),
    }),
  ),
  responses: answers(
    z.object({
      erased: z.number().int(),
      tasks: z.array(erasureTask),
      /** False: traces may remain in the database's files until the daily clean-up. */
      scrubbed: z.boolean(),
    }),
    "How many leads were erased, and what follows at the destinations",
  ),
});

const status = createRoute({
  method: "post",
  path: "/subjects/status",
  summary: "How a person's last erasure stands at the destinations",
  tags,
  ...needs("erase"),
  request: person,
  responses: answers(z.object({ erased_at: time, tasks: z.array(erasureTask) }), "How it stands"),
});

/** The rights of the people the leads are about. */
export function subjectRoutes({ rights }: Gateway) {
  /** @throws {Problem} when it is neither an address nor a number */
  async function parse(text: string, field = "identifier"): Promise<Identifier> {
    const parsed = await rights.parse(text);
    if ("problem" in parsed) throw invalid(field, parsed.problem);
    return parsed;
  }

  /** @throws {Problem} when nothing is on record of them */
  async function find(identifier: Identifier): Promise<Subject> {
    const subject = await rights.find(identifier);
    if (subject.leads.length === 0) throw notFound("person on record");
    return subject;
  }

  return newRouter()
    .openapi(plan, async (c) => {
      const subject = await rights.find(await parse(c.req.valid("json").identifier));
      return c.json(planJson(rights.planErasure(subject)), 200);
    })
    .openapi(exported, async (c) => {
      const subject = await find(await parse(c.req.valid("json").identifier));
      const zip = await rights.export(subject, actorOf(c.get("caller")));
      // The file's name says nothing of the person: it ends up in download lists.
      const name = `person-${iso(Date.now()).slice(0, 10)}.zip`;
      return c.body(new Uint8Array(zip), 200, {
        "content-type": "application/zip",
        "content-disposition": `attachment; filename="${name}"`,
      });
    })
    .openapi(erase, async (c) => {
      const { identifier, confirm } = c.req.valid("json");
      const wanted = await parse(identifier);
      if (identifierText(await parse(confirm, "confirm")) !== identifierText(wanted)) {
        throw invalid("confirm", "has to be the same address or number");
      }
      const { erased, tasks, scrubbed } = await rights.erase(await find(wanted), actorOf(c.get("caller")));
      return c.json({ erased: erased.length, tasks: tasks.map(taskJson), scrubbed }, 200);
    })
    .openapi(status, async (c) => {
      const found = await rights.erasureStatus(await parse(c.req.valid("json").identifier));
      if (!found) throw notFound("erasure");
      return c.json({ erased_at: iso(found.erasedAt), tasks: found.tasks.map(taskJson) }, 200);
    });
}

function planJson({ identifier, leads, mentions, others }: ErasurePlan): z.infer<typeof erasurePlan> {
  return {
    identifier: identifierText(identifier),
    leads: leads.map(({ leadId, form, state, receivedAt, here, destinations }) => ({
      lead_id: leadId,
      form,
      state,
      received_at: iso(receivedAt),
      here,
      destinations: destinations.map(({ destination, what, ref, detail }) => ({ destination, what, ref, detail })),
    })),
    mentions,
    others,
  };
}

function taskJson({ id, leadId, destination, state, reason, ref }: ErasureTask): z.infer<typeof erasureTask> {
  const message = reason?.message ?? null;
  return { delivery_id: id, lead_id: leadId, destination, state, message, by_hand: reason?.code === "by_hand", ref };
}
