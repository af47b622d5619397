import { createStaticHandler } from "react-router";
import { leadkeep as forAstro } from "../../src/adapters/astro.ts";
import { leadkeep as forNext } from "../../src/adapters/next.ts";
import { leadkeep as forNuxt } from "../../src/adapters/nuxt.ts";
import { leadkeep as forReactRouter } from "../../src/adapters/react-router.ts";
import { leadkeep as forSvelteKit } from "../../src/adapters/sveltekit.ts";
import { promisesOfMount } from "./mounted.ts";

/** A request as a framework hands it on. */
function asked(path: string, init?: RequestInit): Request {
  return new Request(`https://site.example${path}`, init);
}

promisesOfMount("next, app router", (gateway) => {
  const handlers = forNext({ gateway });
  return {
    ask: (path, init) => handlers[(init?.method ?? "GET") as keyof typeof handlers](asked(path, init)),
    tellsAddress: false,
  };
});

promisesOfMount("astro", (gateway) => {
  const { ALL } = forAstro({ gateway });
  return {
    ask: (path, init) => ALL({ request: asked(path, init), clientAddress: "203.0.113.9", locals: {} }),
    tellsAddress: true,
  };
});

promisesOfMount("astro with an adapter that knows no address", (gateway) => {
  const { ALL } = forAstro({ gateway });
  return {
    ask: (path, init) =>
      ALL({
        request: asked(path, init),
        get clientAddress(): string {
          throw new Error("ClientAddressNotAvailable");
        },
        locals: {},
      }),
    tellsAddress: false,
  };
});

promisesOfMount("sveltekit", (gateway) => {
  const handlers = forSvelteKit({ gateway });
  return {
    ask: (path, init) =>
      handlers[(init?.method ?? "GET") as keyof typeof handlers]({
        request: asked(path, init),
        getClientAddress: () => "203.0.113.9",
      }),
    tellsAddress: true,
  };
});

promisesOfMount("react router", (gateway) => {
  const router = createStaticHandler([{ id: "leadkeep", path: "/api/leadkeep/*", ...forReactRouter({ gateway }) }]);
  return { ask: (path, init) => router.queryRoute(asked(path, init)), tellsAddress: false };
});

promisesOfMount("nuxt (h3 2)", (gateway) => {
  const handler = forNuxt({ gateway });
  return {
    ask: (path, init) => handler({ req: Object.assign(asked(path, init), { ip: "203.0.113.9" }) }),
    tellsAddress: true,
  };
});
