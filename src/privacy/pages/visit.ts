import type { IntakeReply } from "../../intake/intake-request.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Lead } from "../../model/lead.ts";
import type { ConsentDesk } from "../consent-desk.ts";
import type { PersonToken, SignedLinks } from "../person-links.ts";
import type { PageWriter } from "./person-page.ts";

/** One person at one page. */
export type Visit = {
  lead: Lead;
  token: PersonToken;
  /** What was posted; null when the page is only looked at. */
  posted: ReadonlyMap<string, readonly string[]> | null;
  writer: PageWriter;
};

/** What the pages act through. */
export type PageContext = {
  desk: ConsentDesk;
  links: SignedLinks;
  ledger: Pick<Ledger, "findLead">;
  /** Epoch milliseconds. */
  now(): number;
};

export type Page = (visit: Visit, context: PageContext) => Promise<IntakeReply>;
