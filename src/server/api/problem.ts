import { z } from "@hono/zod-openapi";

/** An error as the API tells it (RFC 9457). `code` is stable; `detail` is for people. */
export const problem = z
  .object({
    type: z.literal("about:blank"),
    title: z.string(),
    status: z.number().int(),
    code: z.string(),
    detail: z.string().optional(),
    errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
    /** With 401: how one may sign in. */
    login: z.object({ password: z.boolean(), email: z.boolean() }).optional(),
  })
  .openapi("Problem");
export type ProblemBody = z.infer<typeof problem>;

type Extras = Pick<ProblemBody, "detail" | "errors" | "login"> & { headers?: Record<string, string> };

/**
 * A request's end in a problem. Thrown, as Hono's own exceptions are, so that a handler's type speaks of its answer only; the API's
 * error handler turns it into the response.
 */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly extras: Extras;

  constructor(status: number, code: string, title: string, extras: Extras = {}) {
    super(title);
    this.name = "Problem";
    this.status = status;
    this.code = code;
    this.title = title;
    this.extras = extras;
  }
}

export function notFound(what: string): Problem {
  return new Problem(404, "not_found", `There is no such ${what}.`);
}

export function conflict(code: string, title: string, detail?: string): Problem {
  return new Problem(409, code, title, detail === undefined ? {} : { detail });
}

export function invalid(field: string, message: string): Problem {
  return new Problem(422, "invalid", "The request cannot be used as it is.", { errors: [{ field, message }] });
}

/** The response a problem becomes. */
export function problemResponse({ status, code, title, extras: { headers, ...rest } }: Problem): Response {
  const body: ProblemBody = { type: "about:blank", title, status, code, ...rest };
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/problem+json", ...headers },
  });
}
