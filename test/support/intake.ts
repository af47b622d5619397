import { createIntake, type IntakeOptions } from "../../src/intake/intake.ts";
import type { BodyRead, IntakeReply, IntakeRequest } from "../../src/intake/intake-request.ts";
import type { Entry } from "../../src/ledger/ledger.ts";
import { defaultConsents, type Form } from "../../src/model/form.ts";
import type { LeadId } from "../../src/model/id.ts";
import type { Lead } from "../../src/model/lead.ts";

export const jsonHeaders: Record<string, string> = { "content-type": "application/json" };
export const formHeaders: Record<string, string> = { "content-type": "application/x-www-form-urlencoded" };

/** A request as intake sees it, without a socket: a JSON post to the form `contact` unless told otherwise. */
export function aRequest(
  given: Partial<Omit<IntakeRequest, "header" | "readBody">> & {
    headers?: Record<string, string>;
    body?: unknown;
    read?: BodyRead;
  } = {},
): IntakeRequest {
  const { headers = jsonHeaders, body = "", read, ...rest } = given;
  const bytes = body instanceof Uint8Array ? body : Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  return {
    method: "POST",
    form: "contact",
    path: "/f/contact",
    address: "203.0.113.7",
    origin: "https://leads.example.com",
    header: (name) => headers[name] ?? null,
    readBody: async () => read ?? { type: "bytes", bytes },
    ...rest,
  };
}

/** A form as it is without a config file. */
export function aForm(given: Partial<Form> = {}): Form {
  return {
    id: "contact",
    name: "Contact",
    version: null,
    fields: null,
    thanks: null,
    origins: [],
    consents: defaultConsents,
    otherPurposes: true,
    destinations: null,
    country: "GB",
    ...given,
  };
}

/** Keeps entries in memory, and keeps the ledger's word about keys. */
function memoryLedger(): { entries: Entry[]; accept: IntakeOptions["ledger"]["accept"] } {
  const entries: Entry[] = [];
  return {
    entries,
    accept: async (entry) => {
      const earlier = entries.find(
        ({ key, lead }) => key !== null && key === entry.key && lead.form === entry.lead.form,
      );
      if (!earlier) entries.push(entry);
      return { leadId: earlier?.lead.id ?? entry.lead.id, repeated: earlier !== undefined };
    },
  };
}

/** Intake around an in-memory ledger, for one form called `contact`. */
export function anIntake(form: Partial<Form> = {}, options: Partial<IntakeOptions> = {}) {
  const ledger = memoryLedger();
  const woken: LeadId[] = [];
  const intake = createIntake({
    findForm: (id) => (id === "contact" ? aForm(form) : null),
    destinationsOf: () => [
      { id: "crm", kind: "webhook", need: { purpose: "enquiry", basis: "consent" }, wants: () => true },
      {
        id: "mail-team",
        kind: "mail",
        need: { purpose: "enquiry", basis: "answering-the-enquiry" },
        wants: () => true,
      },
    ],
    ledger,
    hashAddress: (address) => `hash of ${address}`,
    personKey: (contact) => `key of ${contact}`,
    submissionKey: (key) => `hash of ${key}`,
    now: () => 1_700_000_000_000,
    accepted: ({ lead }) => void woken.push(lead.id),
    ...options,
  });
  return {
    ...intake,
    entries: ledger.entries,
    woken,
    post: (given: Parameters<typeof aRequest>[0]): Promise<IntakeReply> => intake.receive(aRequest(given)),
    /** Posts and gives the lead that was recorded. @throws when none was */
    async lead(given: Parameters<typeof aRequest>[0]): Promise<Lead> {
      const reply = await intake.receive(aRequest(given));
      const lead = ledger.entries.at(-1)?.lead;
      if (!lead) throw new Error(`refused: ${reply.status} ${reply.body}`);
      return lead;
    },
  };
}
