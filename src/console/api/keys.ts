import type { LeadsFilter } from "./types.ts";

/** Names of what is asked of the API, so that whoever learns of a change can say what to ask again. */
export const keys = {
  session: ["session"],
  overview: ["overview"],
  leads: ["leads"],
  leadsOf: (filter: LeadsFilter) => ["leads", filter],
  lead: (id: string) => ["lead", id],
  anyLead: ["lead"],
  destinations: ["destinations"],
  destination: (id: string) => ["destinations", id],
  deadLetters: ["dead-letters"],
  forms: ["forms"],
  form: (id: string) => ["forms", id],
  rhythm: (form: string) => ["rhythm", form],
  alerts: ["alerts"],
  completeness: ["completeness"],
  verification: (id: string) => ["completeness", id],
  acts: ["acts"],
  people: ["people"],
  tokens: ["tokens"],
  setup: ["setup"],
} as const;
