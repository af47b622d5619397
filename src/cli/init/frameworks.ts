import type { Answers } from "./answers.ts";
import type { FrameworkId } from "./choices.ts";
import { type Place, placeOf } from "./detect.ts";
import { formLines, titleOf } from "./form-text.ts";
import type { Project } from "./project.ts";

export const frameworkNames: Record<FrameworkId, string> = {
  next: "Next.js",
  astro: "Astro",
  sveltekit: "SvelteKit",
  nuxt: "Nuxt",
  "react-router": "React Router",
  express: "Express",
  fastify: "Fastify",
  hono: "Hono",
  standalone: "a server of its own (any site, static ones too)",
};

/** A file `init` wants, and its whole text. */
export type Piece = { path: string; text: string };

/** What a framework needs: files, scripts of package.json, and what a person has to do. */
export type Layout = { pieces: Piece[]; scripts: Record<string, string>; byHand: string[] };

/** Where the gateway answers in a site's own server. */
export const mountPath = "/api/leadkeep";
/** Where a stand-alone gateway listens unless told otherwise. */
export const ownAddress = "http://127.0.0.1:8787";

/** Everything a layout is made from. `base`: what forms post to, without `/f/…`. */
type Site = { project: Project; answers: Answers; place: Place; base: string };

/** The files of a framework for these answers. */
export function layoutOf(project: Project, answers: Answers): Layout & { place: Place } {
  const place = placeOf(project, answers.framework);
  const base = place.inApp ? mountPath : (answers.publicUrl ?? ownAddress).replace(/\/+$/, "");
  const layout = layouts[answers.framework]({ project, answers, place, base });
  const scripts = place.inApp ? { "leadkeep:doctor": "leadkeep doctor" } : { leadkeep: "leadkeep start" };
  return { ...layout, scripts: { ...scripts, ...layout.scripts }, place };
}

const layouts: Record<FrameworkId, (site: Site) => Layout> = {
  next: (site) => {
    const { project, place } = site;
    const src = project.has("src/app") || project.has("src/pages") ? "src/" : "";
    const usesApp = project.has(`${src}app`) || !project.has(`${src}pages`);
    const form = reactForm(site, `${src}components`);
    if (!place.inApp) return form;
    const ending = codeEnding(project);
    const piece = usesApp
      ? { path: `${src}app${mountPath}/[...path]/route.${ending}`, text: routes.nextApp }
      : { path: `${src}pages${mountPath}/[...path].${ending}`, text: routes.nextPages };
    const config = project.first("next.config.ts", "next.config.mjs", "next.config.js");
    const external = (config && project.read(config)?.includes("serverExternalPackages")) ?? false;
    const byHand = `In ${config ?? "next.config.ts"}, add to the config: serverExternalPackages: ["leadkeep"]`;
    return { ...form, pieces: [piece, ...form.pieces], byHand: [...(external ? [] : [byHand]), ...form.byHand] };
  },
  astro: (site) => {
    const { answers, base, project, place } = site;
    const path = `src/components/${pascal(answers.form)}Form.astro`;
    const script = `<script is:inline src="${base}/leadkeep.js" defer></script>`;
    const form = { path, text: lines(...formLines(answers, `"${base}/f/${answers.form}"`, "html"), script) };
    const route = { path: `src/pages${mountPath}/[...path].${codeEnding(project)}`, text: routes.astro };
    return pieces(place.inApp ? [route, form] : [form], [showForm(path, `<${pascal(answers.form)}Form />`)]);
  },
  sveltekit: (site) => {
    const { answers, base, project, place } = site;
    const path = `src/lib/${pascal(answers.form)}Form.svelte`;
    const head = ["<svelte:head>", `  <script src="${base}/leadkeep.js" defer></script>`, "</svelte:head>", ""];
    const form = { path, text: lines(...head, ...formLines(answers, `"${base}/f/${answers.form}"`, "html")) };
    const route = { path: `src/routes${mountPath}/[...path]/+server.${codeEnding(project)}`, text: routes.sveltekit };
    return pieces(place.inApp ? [route, form] : [form], [showForm(path, `<${pascal(answers.form)}Form />`)]);
  },
  nuxt: (site) => {
    const { answers, base, project, place } = site;
    // Nuxt 4 keeps what is shown in app/, and the server beside it (https://nuxt.com/docs/4.x/directory-structure, read 2026-11).
    const path = `${project.has("app") ? "app/" : ""}components/${pascal(answers.form)}Form.vue`;
    const head = [
      "<script setup>",
      `useHead({ script: [{ src: "${base}/leadkeep.js", defer: true }] });`,
      "</script>",
      "",
    ];
    const form = formLines(answers, `"${base}/f/${answers.form}"`, "html").map((line) => `  ${line}`);
    const component = { path, text: lines(...head, "<template>", ...form, "</template>") };
    const route = { path: `server/routes${mountPath}/[...path].${codeEnding(project)}`, text: routes.nuxt };
    return pieces(place.inApp ? [route, component] : [component], [showForm(path, `<${pascal(answers.form)}Form />`)]);
  },
  "react-router": (site) => {
    const { project, place } = site;
    const form = reactForm(site, "app/components");
    if (!place.inApp) return form;
    const file = `routes/api.leadkeep.$.${codeEnding(project)}`;
    const route = { path: `app/${file}`, text: routes.reactRouter };
    const table = project.first("app/routes.ts", "app/routes.js");
    const findsItself = table === null || /flatRoutes/.test(project.read(table) ?? "");
    const known = project.read(table ?? "")?.includes(file) ?? false;
    const byHand = `In ${table}, import route from "@react-router/dev/routes" and list: route("api/leadkeep/*", "${file}")`;
    return {
      ...form,
      pieces: [route, ...form.pieces],
      byHand: [...(findsItself || known ? [] : [byHand]), ...form.byHand],
    };
  },
  express: (site) => server(site, "express"),
  fastify: (site) => server(site, "fastify"),
  hono: (site) => (site.place.inApp ? server(site, "hono") : partial(site)),
  standalone: (site) => partial(site),
};

const routes = {
  nextApp: lines('import { leadkeep } from "leadkeep/next";', "", "export const { GET, POST, OPTIONS } = leadkeep();"),
  nextPages: lines(
    'import { leadkeepPages } from "leadkeep/next";',
    "",
    "// The gateway reads the body itself.",
    "export const config = { api: { bodyParser: false } };",
    "export default leadkeepPages();",
  ),
  astro: lines(
    'import { leadkeep } from "leadkeep/astro";',
    "",
    "export const prerender = false;",
    "export const { ALL } = leadkeep();",
  ),
  sveltekit: lines(
    'import { leadkeep } from "leadkeep/sveltekit";',
    "",
    "export const prerender = false;",
    "export const { GET, POST, OPTIONS } = leadkeep();",
  ),
  nuxt: lines('import { leadkeep } from "leadkeep/nuxt";', "", "export default defineEventHandler(leadkeep());"),
  reactRouter: lines(
    'import { leadkeep } from "leadkeep/react-router";',
    "",
    "export const { loader, action } = leadkeep();",
  ),
};

type ServerLibrary = "express" | "fastify" | "hono";

const mounting: Record<ServerLibrary, string> = {
  express: `app.use("${mountPath}", leadkeep());`,
  fastify: `await app.register(leadkeep, { prefix: "${mountPath}" });`,
  hono: `app.all("${mountPath}/*", leadkeep());`,
};

const servers: Record<ServerLibrary, string> = {
  express: lines(
    'import express from "express";',
    'import { leadkeep } from "leadkeep/express";',
    "",
    "const app = express();",
    mounting.express,
    'app.use(express.static("public"));',
    "app.listen(Number(process.env.PORT ?? 3000));",
  ),
  fastify: lines(
    'import fastify from "fastify";',
    'import { leadkeep } from "leadkeep/fastify";',
    "",
    "const app = fastify();",
    mounting.fastify,
    "await app.listen({ port: Number(process.env.PORT ?? 3000) });",
  ),
  hono: lines(
    'import { serve } from "@hono/node-server";',
    'import { Hono } from "hono";',
    'import { leadkeep } from "leadkeep/hono";',
    "",
    "const app = new Hono();",
    mounting.hono,
    "serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) });",
  ),
};

/** A server that exists is the person's: it is told the two lines it needs. Where there is none, a small one is written. */
function server(site: Site, library: ServerLibrary): Layout {
  const { project } = site;
  const entry = project.first(...entries);
  const own = project.isModule ? "server.js" : "server.mjs";
  const form = partial(site, library === "express" ? "public/" : "");
  if (entry !== null && !(entry === own && sameText(project.read(own), servers[library]))) {
    const isMounted = project.read(entry)?.includes(`leadkeep/${library}`) ?? false;
    const line = `In ${entry}: import { leadkeep } from "leadkeep/${library}"; and ${mounting[library]}`;
    return { ...form, byHand: [...(isMounted ? [] : [line]), ...form.byHand] };
  }
  return {
    pieces: [{ path: own, text: servers[library] }, ...form.pieces],
    scripts: { start: `node ${own}` },
    byHand: form.byHand,
  };
}

const entries = ["", "src/"].flatMap((folder) =>
  ["server", "app", "index", "main"].flatMap((name) =>
    ["ts", "mts", "js", "mjs", "cjs"].map((ending) => `${folder}${name}.${ending}`),
  ),
);

function sameText(a: string | null, b: string): boolean {
  return a?.replaceAll("\r\n", "\n") === b;
}

/** A form to be pasted into any page. */
function partial({ answers, base }: Site, folder = ""): Layout {
  const path = `${folder}${answers.form}-form.html`;
  const script = `<script src="${base}/leadkeep.js" defer></script>`;
  const text = lines(...formLines(answers, `"${base}/f/${answers.form}"`, "html"), script);
  return pieces([{ path, text }], folder ? [] : [`Copy what ${path} holds into the page the form belongs to.`]);
}

/** React runs a script it renders in the browser only when it is async (https://react.dev/reference/react-dom/components/script, read 2026-11). */
function reactForm({ answers, base, project }: Site, folder: string): Layout {
  const name = `${pascal(answers.form)}Form`;
  const path = `${folder}/${answers.form}-form.${project.usesTypeScript ? "tsx" : "jsx"}`;
  const form = formLines(answers, `"${base}/f/${answers.form}"`, "jsx").map((line) => `      ${line}`);
  const text = lines(
    `export function ${name}() {`,
    "  return (",
    "    <>",
    `      <script async src="${base}/leadkeep.js" />`,
    ...form,
    "    </>",
    "  );",
    "}",
  );
  return pieces([{ path, text }], [showForm(path, `<${name} />`)]);
}

function showForm(path: string, tag: string): string {
  return `Show the form: import ${path} in a page and write ${tag}`;
}

function pieces(list: Piece[], byHand: string[]): Layout {
  return { pieces: list, scripts: {}, byHand };
}

function codeEnding({ usesTypeScript }: Project): string {
  return usesTypeScript ? "ts" : "js";
}

function pascal(id: string): string {
  return id
    .split("-")
    .map((word) => titleOf(word))
    .join("");
}

function lines(...all: string[]): string {
  return `${all.join("\n")}\n`;
}
