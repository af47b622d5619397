import { type Options, openForm } from "../../config/config.ts";
import type { KeyedHash } from "../../intake/keyed-hash.ts";
import type { Destination } from "../../model/destination.ts";
import { LeadkeepError } from "../../model/errors.ts";
import { type Form, isPlainId } from "../../model/form.ts";
import { plain } from "../output.ts";
import { type Basis, type BasisOptions, columnsOf } from "./basis.ts";
import type { DateOrder, Encoding } from "./choices.ts";
import type { ImportRules } from "./import-lead.ts";
import { readMap, unknownColumns } from "./mapping.ts";

/** What `leadkeep import` may be told. `deliver`: `none`, `all`, or ids of destinations separated by commas. */
export type ImportOptions = BasisOptions & {
  form: string;
  map?: string;
  mapFile?: string;
  receivedColumn?: string;
  dateOrder?: DateOrder;
  idColumn?: string;
  source?: string;
  deliver: string;
  encoding?: Encoding;
  delimiter?: string;
  dryRun: boolean;
  json: boolean;
};

/** The rules these options stand for. @throws {LeadkeepError} when form, destination or mapping is wrong */
export function rulesOf(options: ImportOptions, basis: Basis, config: Options, hash: KeyedHash): ImportRules {
  const { idColumn, source = "", receivedColumn = null, dateOrder } = options;
  const form = formOf(options.form, config);
  return {
    form,
    map: readMap(options.map, options.mapFile),
    basis,
    receivers: receiversOf(options.deliver, form, config.destinations),
    receivedColumn,
    id: idColumn === undefined ? null : { column: idColumn, source },
    dateOrder,
    hash,
  };
}

/** Columns the rules speak of that are not in the file. */
export function lackingColumns({ map, basis, receivedColumn, id }: ImportRules, columns: readonly string[]): string[] {
  const wanted = [...columnsOf(basis), receivedColumn ?? [], id?.column ?? []].flat();
  return [...new Set([...unknownColumns(map, columns), ...wanted.filter((name) => !columns.includes(name))])];
}

function formOf(id: string, { forms, country }: Options): Form {
  const form = forms ? forms.get(id) : isPlainId(id) ? openForm(id, country) : undefined;
  if (form) return form;
  const known = forms
    ? `Configured: ${[...forms.keys()].join(", ")}.`
    : "An id has lower-case letters, digits and hyphens.";
  throw new LeadkeepError("unknown_form", `There is no form ${plain(id)}. ${known}`);
}

/**
 * `all` leaves out what answers an enquiry: nobody expects a mail that thanks for a message of last year. Named, it is sent.
 */
function receiversOf(deliver: string, form: Form, destinations: readonly Destination[]): readonly Destination[] {
  if (deliver === "none") return [];
  const ofForm = destinations.filter(({ id }) => form.destinations?.includes(id) ?? true);
  if (deliver === "all") return ofForm.filter(({ need }) => need.basis !== "answering-the-enquiry");
  return deliver.split(",").map((name) => {
    const found = ofForm.find(({ id }) => id === name.trim());
    if (found) return found;
    const known = ofForm.map(({ id }) => id).join(", ") || "none";
    throw new LeadkeepError(
      "unknown_destination",
      `Leads of ${form.id} do not go to ${plain(name.trim())}. Write none, all, or some of: ${known}.`,
    );
  });
}
