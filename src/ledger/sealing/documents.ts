import { LeadkeepError } from "../../model/errors.ts";
import type { LeadId } from "../../model/id.ts";
import { erasedLead, type Lead } from "../../model/lead.ts";
import { toDocument } from "../lead-document.ts";
import { type ConsentRow, type LeadRow, leadOf } from "../rows.ts";
import type { DataKey } from "./master-keys.ts";
import { keyIdOf, seal, unseal } from "./seal.ts";

/** Finds a data key: null when it was destroyed, undefined when it is not on record. */
export type FindKey = (id: string) => DataKey | null | undefined;

/** How what is kept of leads is read and written again, sealed or not. A lead whose key was destroyed reads as erased. */
export type Documents = {
  read(row: LeadRow, later: readonly ConsentRow[]): Lead;
  /** The document in clear; that of nobody when its key was destroyed. */
  clear(id: LeadId, document: string): string;
  /** The text to keep in a document's place: sealed as that one is, or in clear as that one is. */
  rewritten(row: Pick<LeadRow, "id" | "document">, lead: Lead): string;
  /** A note about a lead as it is to be kept beside its document. */
  keptNote(row: Pick<LeadRow, "id" | "document">, note: string): string;
  /** Null when its key was destroyed. */
  clearNote(id: LeadId, note: string): string | null;
};

export function createDocuments(find: FindKey): Documents {
  /** Null when it is in clear, "destroyed" when nobody can read it any more. */
  function keyOf(text: string, about: string): DataKey | "destroyed" | null {
    const id = keyIdOf(text);
    if (id === null) return null;
    const key = find(id);
    if (key === undefined) {
      const message = `The key that seals ${about} is not at hand. Start with LEADKEEP_ENCRYPTION_KEY set, and with the keys that belong to this ledger: docs/encryption.md.`;
      throw new LeadkeepError("key_missing", message);
    }
    return key ?? "destroyed";
  }

  function opened(text: string, about: string): string | null {
    const key = keyOf(text, about);
    if (key === "destroyed") return null;
    return key === null ? text : unseal(text, key, about);
  }

  function like(document: string, id: LeadId, text: string, about: string): string {
    const key = keyOf(document, id);
    // What is written of a lead that cannot be read any more says nothing of a person.
    return key === null || key === "destroyed" ? text : seal(text, key, about);
  }

  return {
    read(row, later) {
      const document = opened(row.document, row.id);
      if (document !== null) return leadOf({ ...row, document }, later);
      return leadOf({ ...row, state: "erased", person: null, document: nobody }, []);
    },
    clear: (id, document) => opened(document, id) ?? nobody,
    rewritten: ({ id, document }, lead) => like(document, id, toDocument(lead), id),
    keptNote: ({ id, document }, note) => like(document, id, note, noteOf(id)),
    clearNote(id, note) {
      const key = keyIdOf(note);
      // Somebody may have written what only looks like a sealed text.
      return key !== null && find(key) === undefined ? note : opened(note, noteOf(id));
    },
  };
}

/** For a ledger that seals nothing; should another process have begun to, its leads are not taken for text. */
export const clearDocuments: Documents = createDocuments(() => undefined);

/** A note cannot take its document's place. */
function noteOf(id: LeadId): string {
  return `the note on ${id}`;
}

const nobody = toDocument(erasedLead("lead_", 0));
