import { mark, markedAddress, markedPhone } from "./audit-marks.ts";

/** A visitor everything about whom is marked, and what their browser sends. */
export type Visitor = {
  email: string;
  /** Headers without a content type. */
  headers: Record<string, string>;
  fields: Record<string, unknown>;
};

/**
 * The n-th visitor, counted from 1. What they type is what programs stumble over: lines that look like a stack trace, quotes,
 * markup, a field named like a person, a purpose named like an address.
 */
export function aVisitor(n: number, more: Record<string, unknown> = {}): Visitor {
  const own = (what: string) => mark("personal", what, n);
  const email = `${own("mail")}@${own("host")}.example.com`;
  return {
    email,
    headers: {
      "user-agent": `Browser (${own("agent")})`,
      cookie: `sid=${mark("unkept", "cookie", n)}; hubspotutk=${own("utk")}`,
      authorization: `Bearer ${mark("unkept", "authorization", n)}`,
      "x-forwarded-for": markedAddress(n),
      "idempotency-key": mark("unkept", "key", n),
      referer: `https://site.example/contact?about=${own("referer")}`,
    },
    fields: {
      name: `${own("first")} ${own("last")}`,
      email,
      phone: markedPhone(n),
      company: `${own("company")} & "Sons" <Ltd>`,
      message: `Hello,\n    at ${own("frame")} (${email}:1:1)\n    at https://site.example/?${own("line")}`,
      [own("field")]: [own("value"), own("other")],
      budget: own("budget"),
      page_url: `https://site.example/quote?id=${own("query")}&utm_campaign=${own("campaign")}&gclid=${own("click")}`,
      referrer: `https://search.example/?q=${own("search")}`,
      page_title: own("title"),
      consent: "on",
      marketing_consent: "on",
      news: "on",
      _consent: JSON.stringify({ [`${own("purpose")}@example.com`]: true }),
      ...more,
    },
  };
}

/** The same as a browser posts it. */
export function formBody({ fields }: Visitor): string {
  return new URLSearchParams(
    Object.entries(fields).flatMap(([name, value]) =>
      [value].flat().map((one) => [name, String(one)] as [string, string]),
    ),
  ).toString();
}
