import type { IntakeReply, IntakeRequest } from "../../intake/intake-request.ts";
import { mediaTypeOf } from "../../intake/media-type.ts";
import { parseBody } from "../../intake/parse-body.ts";
import type { LeadRecord } from "../../ledger/ledger.ts";
import { LeadkeepError, LedgerUnavailable } from "../../model/errors.ts";
import type { PersonToken } from "../person-links.ts";
import { confirmPage } from "./confirm-page.ts";
import { type PageWriter, pageWriter } from "./person-page.ts";
import { pageLanguage } from "./texts.ts";
import type { Page, PageContext, Visit } from "./visit.ts";
import { keepPage, withdrawPage } from "./withdraw-page.ts";

export type PersonPagesOptions = PageContext & {
  /** The wordings of the configuration, which alone are shown. */
  wordings: ReadonlySet<string>;
};

export type PersonRequest = Pick<IntakeRequest, "method" | "header" | "readBody">;

const longestBody = 16_384;

/** `c`: confirm; `u`: withdraw, and take that back. */
export type PersonPath = "c" | "u";
const pages: Record<PersonPath, Partial<Record<PersonToken["type"], Page>>> = {
  c: { confirm: confirmPage },
  u: { withdraw: withdrawPage, keep: keepPage },
};

/**
 * The pages behind signed links, where a person decides about their own data. A token that is not ours, or not for this path,
 * is answered alike whatever is wrong with it.
 */
export function createPersonPages({ wordings, ...context }: PersonPagesOptions) {
  async function answer(
    path: PersonPath,
    text: string,
    request: PersonRequest,
    writer: PageWriter,
  ): Promise<IntakeReply> {
    const { reply, texts } = writer;
    const isLook = request.method === "GET" || request.method === "HEAD";
    if (!isLook && request.method !== "POST") {
      const refused = reply(texts.notFound, "", 405);
      return { ...refused, headers: { ...refused.headers, allow: "GET, HEAD, POST" } };
    }
    const token = context.links.read(text);
    const show = token && pages[path][token.type];
    if (!show) return reply(texts.notFound, "", 404);
    const posted = isLook ? null : await postedFields(request);
    if (posted === "unreadable") return reply(texts.unreadable, "", 400);
    const record = await context.ledger.findLead(token.lead);
    if (!isKept(record)) return reply(texts.forgotten);
    return show({ lead: record.lead, token, posted, writer }, context);
  }

  return {
    /** Answers whatever is sent to a page's path. Rejects only for a bug. */
    async receive(path: PersonPath, token: string, request: PersonRequest): Promise<IntakeReply> {
      const writer = pageWriter(pageLanguage(request.header("accept-language")), wordings);
      try {
        return await answer(path, token, request, writer);
      } catch (error) {
        if (error instanceof LedgerUnavailable) return writer.reply(writer.texts.unavailable, "", 503);
        if (isGone(error)) return writer.reply(writer.texts.forgotten);
        throw error;
      }
    },
  };
}

function isKept(record: LeadRecord | null): record is LeadRecord {
  return record !== null && record.lead.state !== "erased";
}

/** The lead was erased, or its time was over, between the look and the act. */
function isGone(error: unknown): boolean {
  return error instanceof LeadkeepError && (error.code === "erased" || error.code === "unknown_lead");
}

/** The fields of a post. One-click posts come as multipart or urlencoded (RFC 8058 §3.2), those of our pages as the latter. */
async function postedFields({ header, readBody }: PersonRequest): Promise<Visit["posted"] | "unreadable"> {
  const read = await readBody(longestBody);
  if (read.type !== "bytes") return "unreadable";
  const contentType = header("content-type");
  const body = await parseBody(read.bytes, mediaTypeOf(contentType), contentType ?? "");
  if (body.type === "refused") return "unreadable";
  const fields = new Map<string, string[]>();
  for (const [name, value] of body.pairs) fields.set(name, [...(fields.get(name) ?? []), String(value)]);
  return fields;
}
