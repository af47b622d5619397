/** A mail as its author means it, before it is HTML or plain text. Both are made from this, so both say the same. */
export type MailDocument = {
  /** Two-letter code of the language it is written in. */
  language: string;
  subject: string;
  /** What inboxes show beside the subject. */
  preview: string;
  title: string;
  blocks: readonly Block[];
  /** Small print at the end, a paragraph each. */
  footer: readonly FooterLine[];
};

/** `href` must come from us, never from a visitor. */
export type FooterLine = string | { label: string; href: string };

export type Block =
  | { type: "paragraph"; text: string }
  | { type: "quote"; heading: string; text: string }
  | { type: "fields"; heading: string | null; rows: readonly FieldRow[] }
  | { type: "links"; links: readonly { label: string; href: string }[] };

/** A line of a table; `href` must come from us, never from a visitor. */
export type FieldRow = { label: string; value: string; href?: string };

/** Whom a mail is from, as its reader sees it. */
export type Brand = {
  name: string;
  /** `#rrggbb` */
  colour: string;
  /** Shown instead of the name. Width in pixels. */
  logo: { url: string; width: number } | null;
  website: string | null;
};

/** A finished mail, without its headers. */
export type MailContent = { subject: string; html: string; text: string };
