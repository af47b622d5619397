import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import express from "express";
import { fastify } from "fastify";
import { createApp, createRouter, defineEventHandler, readBody, toNodeListener } from "h3";
import { Hono } from "hono";
import { leadkeep as forExpress } from "../../src/adapters/express.ts";
import { leadkeep as forFastify } from "../../src/adapters/fastify.ts";
import { leadkeep as forHono } from "../../src/adapters/hono.ts";
import { leadkeepPages } from "../../src/adapters/next.ts";
import { leadkeep as forNode } from "../../src/adapters/node.ts";
import { leadkeep as forNuxt } from "../../src/adapters/nuxt.ts";
import { type Host, promisesOfMount } from "./mounted.ts";

promisesOfMount("node", (gateway) => listening(forNode({ gateway })));

promisesOfMount("express", (gateway) => listening(express().use("/api/leadkeep", forExpress({ gateway }))));

promisesOfMount("express after parsers that keep the raw body", (gateway) => {
  const verify = (request: object, _response: unknown, rawBody: Buffer) => Object.assign(request, { rawBody });
  const app = express().use(express.json({ verify, limit: "2mb" }), express.urlencoded({ verify, extended: true }));
  return listening(app.use("/api/leadkeep", forExpress({ gateway })));
});

promisesOfMount("express after parsers", (gateway) => {
  const app = express().use(express.json({ limit: "2mb" }), express.urlencoded({ extended: true }));
  return listening(app.use("/api/leadkeep", forExpress({ gateway })));
});

promisesOfMount("express after a parser that leaves bytes", (gateway) => {
  const app = express().use(express.raw({ type: "*/*", limit: "2mb" }));
  return listening(app.use("/api/leadkeep", forExpress({ gateway })));
});

promisesOfMount("fastify", async (gateway) => {
  const app = fastify();
  await app.register(forFastify, { prefix: "/api/leadkeep", gateway });
  const url = await app.listen({ port: 0 });
  return { ask: (path, init) => fetch(url + path, init), tellsAddress: true, close: () => app.close() };
});

promisesOfMount("hono", async (gateway) => {
  const app = new Hono().all("/api/leadkeep/*", forHono({ gateway }));
  return served(app);
});

promisesOfMount("hono after middleware that read the body", async (gateway) => {
  const app = new Hono();
  app.use(async (c, next) => {
    if (c.req.method === "POST")
      await (c.req.header("content-type")?.includes("json") ? c.req.json() : c.req.parseBody());
    await next();
  });
  return served(app.all("/api/leadkeep/*", forHono({ gateway })));
});

promisesOfMount("nuxt (h3 1)", (gateway) => listening(toNodeListener(h3With(forNuxt({ gateway })))));

promisesOfMount("nuxt (h3 1) after middleware that read the body", (gateway) => {
  const app = createApp();
  app.use(
    defineEventHandler(async (event) => {
      if (event.method === "POST") await readBody(event).catch(() => null);
    }),
  );
  return listening(toNodeListener(h3With(forNuxt({ gateway }), app)));
});

promisesOfMount("next, pages router without its body parser", (gateway) => listening(leadkeepPages({ gateway })));

promisesOfMount("next, pages router", (gateway) => {
  const handler = leadkeepPages({ gateway });
  // As Next's own parser does it: JSON and forms are parsed, and everything else is left alone here.
  const parse = [express.json({ limit: "2mb" }), express.urlencoded({ extended: false })] as const;
  return listening((request: object, response: object) => {
    parse[0](request as never, response as never, () =>
      parse[1](request as never, response as never, () => void handler(request as never, response as never)),
    );
  });
});

function h3With(handler: ReturnType<typeof forNuxt>, app = createApp()) {
  return app.use(createRouter().use("/api/leadkeep/**", defineEventHandler(handler)));
}

async function listening(listener: RequestListener | ReturnType<typeof forNode>): Promise<Host> {
  const server = createServer((request, response) => void listener(request as never, response as never));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    ask: (path, init) => fetch(url + path, init),
    tellsAddress: true,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function served(app: Hono): Promise<Host> {
  const server = serve({ fetch: app.fetch, port: 0 });
  await new Promise((resolve) => server.once("listening", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    ask: (path, init) => fetch(url + path, init),
    tellsAddress: true,
    close: async () => void server.close(),
  };
}
