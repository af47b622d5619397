import { readFileSync } from "node:fs";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { getGateway, leadkeep } from "leadkeep/hono";

const page = readFileSync("index.html", "utf8");
const app = new Hono();
app.all("/api/leadkeep/*", leadkeep());
app.get("/", (c) => c.html(page));

await getGateway();
serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) });
