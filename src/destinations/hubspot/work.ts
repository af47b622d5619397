import * as z from "zod";
import type { DeliveryContext } from "../../model/destination.ts";
import type { Json } from "../../model/json.ts";
import type { Lead } from "../../model/lead.ts";
import type { Outcome } from "../../model/outcome.ts";
import { type FieldMap, type MappedValue, mappedValues } from "../shared/field-map.ts";
import type { Api } from "./api.ts";
import type { PropertyError } from "./errors.ts";
import { contactMap, dealMap, type Options } from "./options.ts";
import { type Prepared, type Properties, prepare, type Values } from "./properties.ts";

/** A record of the delivery's own: begun, and with an id once HubSpot has answered. */
const ownRecord = z.object({ id: z.string().optional() });

/** What is remembered between attempts: how far it came, never what the lead says. */
const state = z.object({
  /** The contact may have been made in a batch, which leaves out what is written on creation only. */
  bulk: z.boolean().optional(),
  /** When a contact without a unique property was about to be created. Epoch milliseconds. */
  creating: z.number().optional(),
  contact: z.string().optional(),
  deal: ownRecord.optional(),
  note: ownRecord.optional(),
  /** When the form was about to be submitted, and whether that was confirmed. */
  form: z.object({ at: z.number(), done: z.boolean() }).optional(),
  /** Names of properties HubSpot did not take. */
  dropped: z.object({ contacts: z.array(z.string()), deals: z.array(z.string()) }),
  warnings: z.array(z.string()),
});
export type State = z.infer<typeof state>;

/** The object types whose properties are mapped. */
export type MappedType = "contacts" | "deals";

/** What a lead is going to be in HubSpot. */
export type Draft = {
  lead: Lead;
  options: Options;
  properties: Record<MappedType, Properties>;
  mapped: Record<MappedType, MappedValue[]>;
  state: State;
};

/** One delivery under way: what it is about, by what means, and how far it is. */
export type Work = Draft & {
  context: DeliveryContext;
  api: Api;
  /** The status HubSpot answered last. */
  status?: number;
  /** Set when the attempt is over for this delivery. */
  outcome: Outcome | null;
  /** How often to look again for the contact HubSpot makes of the form submission of this very attempt. */
  looksForFormContact: number;
};

/** A step of a delivery. Null: go on with the next one. */
export type Step = (work: Work) => Promise<Outcome | null>;

/** Maps a lead. `progress` is what an earlier attempt kept. */
export function draftOf(lead: Lead, options: Options, properties: Draft["properties"], progress: Json): Draft {
  const values = (map: FieldMap) => mappedValues(map, lead);
  return {
    lead,
    options,
    properties,
    mapped: { contacts: values(contactMap(options)), deals: options.deal ? values(dealMap(options.deal)) : [] },
    state: stateOf(progress) ?? { dropped: { contacts: [], deals: [] }, warnings: [] },
  };
}

/** What an earlier attempt kept; null when that was nothing. */
export function stateOf(progress: Json): State | null {
  return state.safeParse(progress).data ?? null;
}

/** What changes of the state; undefined takes it away. */
type Change = { [Part in keyof State]?: State[Part] | undefined };

/** Changes the state for this attempt; it is kept with the next `keep`. */
export function note(work: Draft, change: Change): void {
  work.state = { ...work.state, ...change } as State;
}

/** Keeps the state durably, before a step that cannot be repeated blindly. */
export async function keep(work: Work, change: Change): Promise<void> {
  note(work, change);
  await work.context.save(JSON.parse(JSON.stringify(work.state)));
}

/** Adds a warning to the delivery, once. */
export function warn(work: Draft, warning: string): void {
  note(work, { warnings: [...new Set([...work.state.warnings, warning])] });
}

/** What is written to a contact or a deal, by write mode. Without what HubSpot has not taken before. */
export function wanted(work: Draft, type: MappedType): Prepared["values"] {
  const { values, dropped } = prepare(work.mapped[type], work.properties[type]);
  drop(work, type, dropped);
  const names = new Set(work.state.dropped[type]);
  return {
    always: without(values.always, names),
    ifEmpty: without(values.ifEmpty, names),
    onCreate: without(values.onCreate, names),
  };
}

/** The end of a lead that is not wanted without what HubSpot has no place for; null for one that is. */
export function refusedForUnknown({ options, state }: Draft): Outcome | null {
  const names = [...state.dropped.contacts, ...state.dropped.deals];
  if (options.onUnknownField !== "reject" || names.length === 0) return null;
  const message = `HubSpot has no place for ${names.join(", ")}`;
  return { type: "rejected", reason: { code: "unknown_field", message } };
}

/** Leaves properties out from now on; their values go to a note. */
export function drop(work: Draft, type: MappedType, names: readonly string[]): void {
  const { dropped } = work.state;
  note(work, { dropped: { ...dropped, [type]: [...new Set([...dropped[type], ...names])] } });
}

/** The named properties that were among the values sent: those can be left out. */
export function droppable(errors: readonly PropertyError[], sent: Values, key?: string): string[] {
  return [...new Set(errors.map(({ name }) => name))].filter((name) => name !== key && Object.hasOwn(sent, name));
}

/** Values without these names. */
export function without(values: Values, names: ReadonlySet<string>): Values {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !names.has(name)));
}
