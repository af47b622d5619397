import type { OpenAPIHono } from "@hono/zod-openapi";
import { sessionCookie } from "../sign-in/sessions.ts";
import { problem } from "./problem.ts";
import type { ApiEnv } from "./router.ts";

const description = `Everything the console does, scripts can do as well.

Send \`Authorization: Bearer <token>\`: the value of LEADKEEP_API_TOKEN, or a token made in the console. Each route names the permission
it needs: read, read_personal, operate, erase or manage. Without read_personal, personal data is masked. Names are snake_case, times
ISO 8601 in UTC. Whatever goes wrong is an \`application/problem+json\` with a stable \`code\`.`;

/** The OpenAPI 3.1 document of routes: as they describe themselves, and the problem any of them may answer. */
export function openApiDocument(routes: OpenAPIHono<ApiEnv>, { version, server }: { version: string; server: string }) {
  const registry = routes.openAPIRegistry;
  registry.register("Problem", problem);
  registry.registerComponent("securitySchemes", "token", { type: "http", scheme: "bearer" });
  registry.registerComponent("securitySchemes", "session", { type: "apiKey", in: "cookie", name: sessionCookie });
  const document = routes.getOpenAPI31Document({
    openapi: "3.1.0",
    info: { title: "Leadkeep", version, description, license: { name: "MIT" } },
    servers: [{ url: server }],
  });
  const answer = {
    description: "What went wrong",
    content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
  };
  for (const path of Object.values(document.paths ?? {})) {
    for (const method of ["get", "post", "patch", "delete"] as const) {
      const operation = path[method];
      if (operation) operation.responses = { ...operation.responses, default: answer };
    }
  }
  return document;
}
