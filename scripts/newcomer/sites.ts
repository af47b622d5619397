import { change, write } from "./files.ts";
import { run } from "./shell.ts";

/** How a newcomer comes to a site of a framework, and to a first lead. */
export type SiteKind = {
  /** Makes the site in an empty folder; resolves to how. */
  create(folder: string): Promise<string>;
  /** Packages a person adds by hand, beside Leadkeep. */
  packages: readonly string[];
  /** What `leadkeep init` leaves to a person: the form is put on a page, and so on. */
  byHand(folder: string): void;
  /** Shows the site while it is made; `{port}` is filled in. */
  dev: readonly string[];
  /** Builds and starts it as it is deployed. */
  build: readonly string[] | null;
  start: readonly string[];
  /** Variables of the built site's process. */
  variables?(port: number): Record<string, string>;
  /** Where the form is shown; null when it stands in no page of the site's. */
  page: string | null;
  /** Where it is shown by the example. @default "/" */
  examplePage?: string | null;
};

const npmStart = ["npm", "start"];
const ownCopy = (tool: string) => `the files of its minimal template, which ${tool} fetches from GitHub`;

async function npmInit(folder: string): Promise<string> {
  await run("npm", ["init", "--yes"], folder);
  await run("npm", ["pkg", "set", "type=module"], folder);
  return "npm init";
}

export const siteKinds: Record<string, SiteKind> = {
  astro: {
    async create(folder) {
      const scripts = { dev: "astro dev", build: "astro build", preview: "astro preview" };
      write(folder, {
        "package.json": JSON.stringify({ name: "site", type: "module", version: "0.0.1", scripts }),
        "astro.config.mjs": 'import { defineConfig } from "astro/config";\n\nexport default defineConfig({});\n',
        "src/pages/index.astro": '---\n---\n<html lang="en"><body><h1>Astro</h1></body></html>\n',
        "tsconfig.json": '{ "extends": "astro/tsconfigs/strict", "include": [".astro/types.d.ts", "**/*"] }\n',
      });
      change(folder, "astro.config.mjs", "import", 'import node from "@astrojs/node";\nimport');
      change(folder, "astro.config.mjs", "{}", '{ adapter: node({ mode: "standalone" }) }');
      return ownCopy("create-astro");
    },
    packages: ["astro", "@astrojs/node"],
    byHand(folder) {
      change(
        folder,
        "src/pages/index.astro",
        "---\n---",
        '---\nimport ContactForm from "../components/ContactForm.astro";\n---',
      );
      change(folder, "src/pages/index.astro", "</h1>", "</h1><ContactForm />");
    },
    dev: ["npm", "run", "dev", "--", "--port", "{port}"],
    build: ["npm", "run", "build"],
    start: npmStart,
    page: "/",
  },
  next: {
    async create(folder) {
      const plain = ["--ts", "--app", "--empty", "--no-linter", "--no-tailwind", "--no-src-dir", "--no-react-compiler"];
      const quiet = ["--import-alias", "@/*", "--skip-install", "--disable-git", "--yes"];
      await run("npx", ["--yes", "create-next-app@latest", ".", ...plain, ...quiet], folder);
      return "create-next-app";
    },
    packages: [],
    byHand(folder) {
      write(folder, {
        "app/page.tsx":
          'import { ContactForm } from "../components/contact-form";\n\nexport default function Page() {\n  return <ContactForm />;\n}\n',
      });
      change(folder, "next.config.ts", "NextConfig = {", 'NextConfig = {\n  serverExternalPackages: ["leadkeep"],');
    },
    dev: ["npm", "run", "dev", "--", "--port", "{port}"],
    build: ["npm", "run", "build"],
    start: npmStart,
    page: "/",
  },
  sveltekit: {
    async create(folder) {
      const plain = ["--template", "minimal", "--types", "ts", "--no-add-ons", "--no-install"];
      await run("npx", ["--yes", "sv@latest", "create", ".", ...plain], folder);
      return "sv create";
    },
    packages: [],
    byHand: (folder) =>
      write(folder, {
        "src/routes/+page.svelte":
          '<script>\n  import ContactForm from "$lib/ContactForm.svelte";\n</script>\n\n<ContactForm />\n',
      }),
    dev: ["npm", "run", "dev", "--", "--port", "{port}"],
    build: ["npm", "run", "build"],
    start: npmStart,
    variables: (port) => ({ ORIGIN: `http://127.0.0.1:${port}` }),
    page: "/",
  },
  nuxt: {
    async create(folder) {
      const scripts = { dev: "nuxt dev", build: "nuxt build" };
      write(folder, {
        "package.json": JSON.stringify({ name: "site", type: "module", private: true, scripts }),
        "nuxt.config.ts": 'export default defineNuxtConfig({ compatibilityDate: "2026-11-01" });\n',
        "app/app.vue": "<template>\n  <h1>Nuxt</h1>\n</template>\n",
      });
      return ownCopy("nuxi init");
    },
    packages: ["nuxt"],
    byHand: (folder) => change(folder, "app/app.vue", "<h1>Nuxt</h1>", "<ContactForm />"),
    dev: ["npm", "run", "dev", "--", "--port", "{port}"],
    build: ["npm", "run", "build"],
    start: npmStart,
    page: "/",
  },
  express: {
    create: npmInit,
    packages: ["express"],
    byHand: () => {},
    dev: npmStart,
    build: null,
    start: npmStart,
    page: "/contact-form.html",
    examplePage: "/",
  },
  fastify: {
    create: npmInit,
    packages: ["fastify"],
    byHand: () => {},
    dev: npmStart,
    build: null,
    start: npmStart,
    page: null,
    examplePage: "/",
  },
  hono: {
    create: npmInit,
    packages: ["hono", "@hono/node-server"],
    byHand: () => {},
    dev: npmStart,
    build: null,
    start: npmStart,
    page: null,
    examplePage: "/",
  },
  html: {
    create: npmInit,
    packages: [],
    byHand: () => {},
    dev: ["npm", "run", "leadkeep"],
    build: null,
    start: npmStart,
    page: null,
    examplePage: null,
  },
};
