import { readFileSync } from "node:fs";
import fastify from "fastify";
import { leadkeep } from "leadkeep/fastify";

const page = readFileSync("index.html", "utf8");
const app = fastify();
await app.register(leadkeep, { prefix: "/api/leadkeep" });
app.get("/", (_request, reply) => reply.type("text/html; charset=utf-8").send(page));
await app.listen({ port: Number(process.env.PORT ?? 3000) });
