import * as z from "zod";
import type { Json } from "../../model/json.ts";
import type { Lead } from "../../model/lead.ts";
import { isStop, type Stop } from "./call.ts";
import { shortened } from "./convert.ts";
import { fieldNamed, listed } from "./fields.ts";
import { findDealOf, findLeadOf, referenceOf } from "./find-record.ts";
import { nameOf } from "./person.ts";
import { leadIdField, type Placed } from "./placing.ts";
import { once } from "./progress.ts";
import { builtIn, type Session, writeWhatIsTaken } from "./session.ts";

const newLead = z.object({ id: z.string().min(1) });
const newDeal = z.object({ id: z.number() });
const named = z.object({ id: z.union([z.number(), z.string()]), name: z.string() });
const stageItem = named.extend({ pipeline_id: z.number().nullish() });

/** Leaves room for a reference within the 255 characters of a short text. */
const longestTitle = 230;
/** Creates the lead in the Leads Inbox, or the deal, that this lead becomes. Resolves to its id there. */
export function recordOf(
  session: Session,
  person: number,
  organization: number | null,
): Promise<string | number | Stop> {
  return session.options.target === "lead"
    ? once(session, "record", {
        look: () => findLeadOf(session.api, session.lead.id, person),
        create: () => createLead(session, person, organization),
      })
    : once(session, "record", {
        look: () => findDealOf(session.api, session.fields, session.lead.id, person),
        create: () => createDeal(session, person, organization),
      });
}

/** What a new record is called when the map does not say. */
export function titleOf(lead: Lead): string {
  return shortened(`${nameOf(lead)}: ${lead.formName}`, longestTitle);
}

/** Version 1 is the only one to create leads, and takes our id as theirs to be known by, per https://developers.pipedrive.com/docs/api/v1/Leads (read 2026-11). */
async function createLead(session: Session, person: number, organization: number | null): Promise<string | Stop> {
  const { lead, options } = session;
  const labels = await labelsOfLeads(session);
  if (isStop(labels)) return labels;
  const answer = await writeWhatIsTaken(session, {
    method: "POST",
    path: "v1/leads",
    essential: {
      title: titleFor(session),
      person_id: person,
      ...(organization === null ? {} : { organization_id: organization }),
      origin_id: lead.id,
    },
    extras: [
      ...mappedOf(session),
      ...builtIn("deal", "owner_id", options.owner),
      ...builtIn("deal", "label_ids", labels.length > 0 ? labels : undefined),
    ],
    answer: newLead,
  });
  return isStop(answer) ? answer : answer.data.id;
}

async function createDeal(session: Session, person: number, organization: number | null): Promise<number | Stop> {
  const { lead, options } = session;
  const place = await placeInPipeline(session);
  if (isStop(place)) return place;
  const labels = labelsOfDeals(session);
  const reference = fieldNamed(session.fields.deal, leadIdField) ? "" : ` ${referenceOf(lead.id)}`;
  const answer = await writeWhatIsTaken(session, {
    method: "POST",
    path: "v2/deals",
    essential: {
      title: titleFor(session) + reference,
      person_id: person,
      ...(organization === null ? {} : { org_id: organization }),
    },
    extras: [
      ...mappedOf(session),
      ...builtIn("deal", "owner_id", options.owner),
      ...builtIn("deal", "label_ids", labels.length > 0 ? labels : undefined),
      ...place,
    ],
    answer: newDeal,
  });
  return isStop(answer) ? answer : answer.data.id;
}

/** What the record is called: as mapped, else the person and the form. */
function titleFor({ placing, lead }: Session): string {
  const mapped = placing.placed.find(isTitle);
  return mapped ? shortened(String(mapped.value), longestTitle) : titleOf(lead);
}

function mappedOf({ placing }: Session): Placed[] {
  return placing.placed.filter((one) => one.entity === "deal" && !isTitle(one));
}

function isTitle({ entity, code, custom }: Placed): boolean {
  return entity === "deal" && code === "title" && !custom;
}

/** Ids of a lead's labels by their names; version 1 lists them. */
async function labelsOfLeads(session: Session): Promise<Json[] | Stop> {
  const { api, options } = session;
  if (options.labels.length === 0) return [];
  const labels = await listed(api, "v1/leadLabels", {}, named);
  if (isStop(labels)) return labels;
  return options.labels.flatMap((name) => {
    const label = labels.find((one) => isSameName(one.name, name));
    return label ? [label.id] : warn(session, `there is no lead label "${name}"`);
  });
}

/** A deal's labels are options of the field of that name. */
function labelsOfDeals(session: Session): Json[] {
  const { fields, options } = session;
  const labels = fields.deal.find(({ code }) => code === "label_ids" || code === "label")?.options ?? [];
  return options.labels.flatMap((name) => {
    const label = labels.find((one) => isSameName(one.label, name));
    return label ? [label.id] : warn(session, `there is no deal label "${name}"`);
  });
}

async function placeInPipeline(session: Session): Promise<Placed[] | Stop> {
  const { api, options } = session;
  const { pipeline, stage } = options;
  let pipelineId = typeof pipeline === "number" ? pipeline : undefined;
  if (typeof pipeline === "string") {
    const pipelines = await listed(api, "v2/pipelines", {}, named);
    if (isStop(pipelines)) return pipelines;
    pipelineId = idNamed(pipelines, pipeline);
    if (pipelineId === undefined) warn(session, `there is no pipeline "${pipeline}"; the deal is in the default one`);
  }
  let stageId = typeof stage === "number" ? stage : undefined;
  if (typeof stage === "string") {
    const stages = await listed(api, "v2/stages", {}, stageItem);
    if (isStop(stages)) return stages;
    stageId = idNamed(
      stages.filter(({ pipeline_id }) => pipelineId === undefined || pipeline_id === pipelineId),
      stage,
    );
    if (stageId === undefined) warn(session, `there is no stage "${stage}"; the deal is in the first one`);
  }
  return [...builtIn("deal", "pipeline_id", pipelineId), ...builtIn("deal", "stage_id", stageId)];
}

function idNamed(list: readonly z.output<typeof named>[], name: string): number | undefined {
  const id = list.find((one) => isSameName(one.name, name))?.id;
  return typeof id === "number" ? id : undefined;
}

function isSameName(one: string, other: string): boolean {
  return one.trim().toLowerCase() === other.trim().toLowerCase();
}

function warn({ progress }: Session, warning: string): [] {
  if (!progress.warnings.includes(warning)) progress.warnings.push(warning);
  return [];
}
