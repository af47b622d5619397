/** What is wrong with one field, in words for the person who typed it. `field` is the name as it was sent. */
export type FieldError = { field: string; message: string };

/** The stable codes of refusals, with the HTTP status and the heading each one is answered with. */
export const refusals = {
  malformed: { status: 400, title: "The submission could not be read" },
  origin_refused: { status: 403, title: "This site may not send to this form" },
  unknown_form: { status: 404, title: "There is no such form" },
  method_not_allowed: { status: 405, title: "Forms are sent with POST" },
  too_slow: { status: 408, title: "The submission took too long to arrive" },
  too_large: { status: 413, title: "The submission is too large" },
  unsupported_type: { status: 415, title: "The submission is of a type we cannot read" },
  invalid: { status: 422, title: "Please check what you entered" },
  too_many: { status: 429, title: "Too many submissions" },
  internal: { status: 500, title: "Something went wrong on our side" },
  ledger_unavailable: { status: 503, title: "We cannot take your submission just now" },
} as const;
export type RefusalCode = keyof typeof refusals;

/** Intake's no: nothing was recorded. `detail` is a sentence for people, free of what they sent. `waitSeconds`: until another try. */
export type Refusal = {
  type: "refused";
  code: RefusalCode;
  detail: string;
  errors: readonly FieldError[];
  waitSeconds?: number;
};

export function refused(code: RefusalCode, detail: string, errors: readonly FieldError[] = []): Refusal {
  return { type: "refused", code, detail, errors };
}

/** The code of the refusal that is answered with this status; null when none is. */
export function refusalWith(status: number): RefusalCode | null {
  return codesByStatus.get(status) ?? null;
}

const codesByStatus = new Map(
  (Object.keys(refusals) as RefusalCode[]).map((code) => [refusals[code].status as number, code]),
);
