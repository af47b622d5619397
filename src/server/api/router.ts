import type { HttpBindings } from "@hono/node-server";
import { OpenAPIHono, type z } from "@hono/zod-openapi";
import type { Caller } from "./caller.ts";
import { Problem } from "./problem.ts";

/** What a handler finds in its context. */
export type ApiEnv = { Variables: { caller: Caller }; Bindings: Partial<HttpBindings> };

/** A part of the API: what does not pass a route's schema becomes a problem that names the fields. */
export function newRouter(): OpenAPIHono<ApiEnv> {
  return new OpenAPIHono<ApiEnv>({
    defaultHook: (result) => {
      if (!result.success) throw invalidRequest(result.error);
    },
  });
}

function invalidRequest({ issues }: z.ZodError): Problem {
  const errors = issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => ({ field: [...issue.path, key].join("."), message: "is not known" }))
      : [{ field: issue.path.join("."), message: isMissing(issue) ? "is missing" : issue.message }],
  );
  return new Problem(422, "invalid", "The request cannot be used as it is.", { errors });
}

function isMissing(issue: z.core.$ZodIssue): boolean {
  return issue.code === "invalid_type" && issue.message.endsWith("received undefined");
}

/** A route's one answer: JSON of this shape. */
export function answers<Schema extends z.ZodType>(schema: Schema, description: string) {
  return { 200: { description, content: { "application/json": { schema } } } };
}

/** A route's one answer: done, and nothing to say. */
export function answersNothing(description: string) {
  return { 204: { description } };
}

/** A route's body: JSON of this shape, which has to be there. */
export function takes<Schema extends z.ZodType>(schema: Schema) {
  return { body: { required: true, content: { "application/json": { schema } } } };
}
