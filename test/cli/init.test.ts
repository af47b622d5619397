import { execFile } from "node:child_process";
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { type Plan, planChanges } from "../../src/cli/init/changes.ts";
import { answersGiven, byDefault, type InitFlags } from "../../src/cli/init/flags.ts";
import { openProject } from "../../src/cli/init/project.ts";
import { writeChanges } from "../../src/cli/init/write-changes.ts";
import { aSiteFolder, readFrom, writeInto } from "../support/a-site-folder.ts";
import { type Ended, runLeadkeep } from "../support/leadkeep-command.ts";
import { startNode } from "../support/node-process.ts";
import { aFolder } from "../support/sqlite-file.ts";

const tsc = fileURLToPath(new URL("../../node_modules/.bin/tsc", import.meta.url));

/** The smallest site of each framework that is one for `init`, and the files it gets beside config and `.env`. */
const sites: { site: string; files: Record<string, string | object>; written: string[] }[] = [
  {
    site: "next, app router, TypeScript",
    files: { "package.json": needs("next", "react"), "tsconfig.json": "{}", "app/page.tsx": "" },
    written: ["app/api/leadkeep/[...path]/route.ts", "components/contact-form.tsx", "leadkeep.config.mts"],
  },
  {
    site: "next, app router in src, JavaScript",
    files: { "package.json": needs("next", "react"), "src/app/page.jsx": "" },
    written: ["src/app/api/leadkeep/[...path]/route.js", "src/components/contact-form.jsx", "leadkeep.config.mjs"],
  },
  {
    site: "next, pages router",
    files: { "package.json": needs("next", "react"), "tsconfig.json": "{}", "pages/index.tsx": "" },
    written: ["pages/api/leadkeep/[...path].ts", "components/contact-form.tsx", "leadkeep.config.mts"],
  },
  {
    site: "next, exported to static files",
    files: {
      "package.json": needs("next"),
      "app/page.jsx": "",
      "next.config.mjs": 'export default { output: "export" };',
    },
    written: ["components/contact-form.jsx", "leadkeep.config.mjs"],
  },
  {
    site: "astro on Node",
    files: { "package.json": { ...needs("astro", "@astrojs/node"), type: "module" }, "tsconfig.json": "{}" },
    written: ["src/pages/api/leadkeep/[...path].ts", "src/components/ContactForm.astro", "leadkeep.config.ts"],
  },
  {
    site: "astro, static",
    files: { "package.json": { ...needs("astro"), type: "module" }, "tsconfig.json": "{}" },
    written: ["src/components/ContactForm.astro", "leadkeep.config.ts"],
  },
  {
    site: "astro on Cloudflare",
    files: { "package.json": { ...needs("astro", "@astrojs/cloudflare"), type: "module" }, "tsconfig.json": "{}" },
    written: ["src/components/ContactForm.astro", "leadkeep.config.ts"],
  },
  {
    site: "sveltekit",
    files: { "package.json": { ...needs("@sveltejs/kit"), type: "module" }, "tsconfig.json": "{}" },
    written: ["src/routes/api/leadkeep/[...path]/+server.ts", "src/lib/ContactForm.svelte", "leadkeep.config.ts"],
  },
  {
    site: "nuxt 4",
    files: { "package.json": { ...needs("nuxt"), type: "module" }, "tsconfig.json": "{}", "app/app.vue": "" },
    written: ["server/routes/api/leadkeep/[...path].ts", "app/components/ContactForm.vue", "leadkeep.config.ts"],
  },
  {
    site: "react router",
    files: {
      "package.json": { ...needs("@react-router/dev", "react"), type: "module" },
      "tsconfig.json": "{}",
      "app/routes.ts": 'export default [index("routes/home.tsx")];',
    },
    written: ["app/routes/api.leadkeep.$.ts", "app/components/contact-form.tsx", "leadkeep.config.ts"],
  },
  {
    site: "express with a server of its own",
    files: { "package.json": { ...needs("express"), type: "module" }, "server.js": "// mine\n" },
    written: ["public/contact-form.html", "leadkeep.config.js"],
  },
  {
    site: "express without a server yet",
    files: { "package.json": needs("express") },
    written: ["server.mjs", "public/contact-form.html", "leadkeep.config.mjs"],
  },
  {
    site: "fastify",
    files: { "package.json": { ...needs("fastify"), type: "module" } },
    written: ["server.js", "contact-form.html", "leadkeep.config.js"],
  },
  {
    site: "hono",
    files: { "package.json": { ...needs("hono"), type: "module" }, "tsconfig.json": "{}" },
    written: ["server.js", "contact-form.html", "leadkeep.config.ts"],
  },
  {
    site: "plain HTML",
    files: { "package.json": {}, "index.html": "<h1>Us</h1>" },
    written: ["contact-form.html", "leadkeep.config.mjs"],
  },
];

function needs(...packages: string[]): { dependencies: Record<string, string> } {
  return { dependencies: Object.fromEntries(packages.map((name) => [name, "*"])) };
}

const everything: Partial<InitFlags> = {
  destination: ["hubspot", "pipedrive", "sheets", "webhook"],
  set: ["PIPEDRIVE_DOMAIN=acme"],
  publicUrl: "https://www.example.com",
  fields: "first_name,last_name,email,phone,company,message,budget",
  marketingText: 'Offers by "us" & {our} <friends>',
  consentVersion: "2026-11",
};

/** What `leadkeep init --yes` does, in this process. */
function initHere(folder: string, flags: Partial<InitFlags> = everything): Plan {
  const project = openProject(folder);
  const all = { yes: true, dryRun: false, beside: false, json: false, ...flags };
  const plan = planChanges(project, byDefault(answersGiven(all, project)));
  writeChanges(project, plan.changes, false);
  return plan;
}

function actionsIn({ changes }: Plan): string[] {
  return [...new Set(changes.map(({ action }) => action))];
}

type Report = { files: { path: string; action: string }[]; fill: string[] };

async function initIn(folder: string, ...args: string[]): Promise<Ended & { report: Report }> {
  const ended = await runLeadkeep(["init", "--json", "--yes", ...args], { folder });
  return { ...ended, report: ended.stdout ? JSON.parse(ended.stdout) : null };
}

describe.each(sites)("$site", ({ files, written }) => {
  test("gets its files, and on a second run no change", () => {
    const folder = aSiteFolder(files);
    const { changes } = initHere(folder);
    const created = changes.filter(({ action }) => action === "create").map(({ path }) => path);
    expect(created.sort()).toEqual([".env", ".env.example", ".gitignore", ...written].sort());
    expect(actionsIn(initHere(folder))).toEqual(["same"]);
  });
});

test("the config that is written for each of them is one a gateway takes", async () => {
  const folders = sites.map(({ files }) => {
    const folder = aSiteFolder(files);
    initHere(folder, { ...everything, destination: [], set: [] });
    return folder;
  });
  const loading = startNode(`
    import { loadConfig } from ${JSON.stringify(new URL("../../src/config/load-config.ts", import.meta.url).href)};
    for (const folder of ${JSON.stringify(folders)}) {
      const { forms, publicUrl } = await loadConfig(folder, {});
      const texts = forms.get("contact").consents.map(({ text, version }) => version + " " + text);
      console.log([publicUrl, ...texts].join(" | "));
    }`);
  expect(await loading.exited).toBe(0);
  const wordings = '2026-11 You may pass my enquiry on to those who answer it. | 1 Offers by "us" & {our} <friends>';
  for (const line of loading.lines) expect(line.split(" | ").slice(1).join(" | ")).toBe(wordings);
  expect(loading.lines).toHaveLength(sites.length);
});

test("the TypeScript that is written for all of them type-checks against our own", { timeout: 180_000 }, async () => {
  const all = aSiteFolder({ "package.json": { type: "module" } });
  const typed = sites.filter(({ files }) => "tsconfig.json" in files);
  for (const [n, { files }] of typed.entries()) {
    const folder = join(all, `site-${n}`);
    const ours = Object.entries(files).filter(([path]) => path !== "app/routes.ts");
    for (const [path, content] of ours) writeInto(folder, path, content);
    initHere(folder);
  }
  // What Nuxt declares for every file.
  writeInto(all, "nuxt.d.ts", "declare function defineEventHandler<T>(handler: T): T;");
  writeInto(all, "tsconfig.json", {
    extends: fileURLToPath(new URL("../../tsconfig.json", import.meta.url)),
    compilerOptions: { jsx: "react-jsx" },
    include: ["site-*/**/*", "nuxt.d.ts"],
    exclude: [],
  });
  const { stdout } = await promisify(execFile)(tsc, ["-p", all]).catch((error) => error);
  expect(stdout.split("\n").filter((line: string) => line.startsWith("site-"))).toEqual([]);
});

describe("the form", () => {
  test.each([
    ["plain HTML", "contact-form.html"],
    ["astro on Node", "src/components/ContactForm.astro"],
    ["sveltekit", "src/lib/ContactForm.svelte"],
    ["nuxt 4", "app/components/ContactForm.vue"],
    ["next, app router, TypeScript", "components/contact-form.tsx"],
  ])("of %s labels every field, asks for consent unticked, and needs no script", (name, path) => {
    const site = sites.find(({ site }) => site === name);
    const folder = aSiteFolder(site?.files ?? {});
    initHere(folder);
    const text = readFrom(folder, path);
    const ids = [...text.matchAll(/(?<!\w)id="([^"]+)"/g)].map(([, id]) => id);
    const labelled = [...text.matchAll(/(?:htmlFor|for)="([^"]+)"/g)].map(([, id]) => id);
    expect(labelled.sort()).toEqual(ids.sort());
    expect(ids).toHaveLength(9);
    expect(text).toMatch(/method="post" action="[^"]*\/f\/contact" data-leadkeep/);
    expect(text).toMatch(/autocomplete="email"/i);
    expect(text).toMatch(/name="consent" type="checkbox"/);
    expect(text).not.toMatch(/checked/i);
    expect(text).toContain('name="_loaded_at"');
    expect(text).toContain("leadkeep.js");
    expect(text).toContain("Offers by &#34;us&#34; &#38; &#123;our&#125; &#60;friends&#62;");
  });
});

describe("what is there", () => {
  test("a file that differs is kept; its proposal stands beside it when asked for", async () => {
    const folder = aSiteFolder({ "package.json": {}, "leadkeep.config.js": "export default {};\n" });
    const { stdout } = await runLeadkeep(["init", "--yes"], { folder });
    expect(stdout).toMatch(/kept +leadkeep\.config\.js +\(differs/);
    expect(readFrom(folder, "leadkeep.config.js")).toBe("export default {};\n");
    expect((await runLeadkeep(["init", "--yes", "--beside"], { folder })).code).toBe(0);
    expect(readFrom(folder, "leadkeep.config.js")).toBe("export default {};\n");
    expect(readFrom(folder, "leadkeep.config.js.new")).toContain("defineConfig");
  });

  test(".env keeps its values and comments, and its secrets are shown nowhere", async () => {
    const dotenv = "# mine\nexport HUBSPOT_ACCESS_TOKEN=marked-token\nCRM_WEBHOOK_SECRET_FILE=marked-file";
    const folder = aSiteFolder({ "package.json": {}, ".env": dotenv });
    const args = ["--destination", "hubspot", "--destination", "webhook"];
    const look = await runLeadkeep(["init", "--dry-run", ...args], { folder });
    expect(look.stdout).toContain("+CRM_WEBHOOK_URL=");
    expect(readFrom(folder, ".env")).toBe(dotenv);
    const done = await initIn(folder, ...args);
    expect(readFrom(folder, ".env")).toMatch(
      /^# mine\nexport HUBSPOT_ACCESS_TOKEN=marked-token\nCRM_WEBHOOK_SECRET_FILE=marked-file\n/,
    );
    expect(readFrom(folder, ".env")).not.toMatch(/^CRM_WEBHOOK_SECRET=/m);
    expect(done.report.fill).toEqual(["CRM_WEBHOOK_URL"]);
    expect([look.stdout, look.stderr, done.stdout, done.stderr].join()).not.toContain("marked");
    expect(readFrom(folder, ".env.example")).not.toContain("marked");
  });

  test("Windows line ends stay, and are no difference", async () => {
    const packageJson = '{\r\n\t"name": "site",\r\n\t"scripts": {\r\n\t\t"leadkeep": "mine"\r\n\t}\r\n}\r\n';
    const folder = aSiteFolder({ "package.json": packageJson, ".gitignore": "node_modules\r\n", ".env": "A=1\r\n" });
    await initIn(folder, "--destination", "make");
    expect(readFrom(folder, "package.json")).toBe(packageJson);
    expect(readFrom(folder, ".gitignore")).toBe("node_modules\r\n\r\n.env\r\n.leadkeep/\r\n");
    expect(readFrom(folder, ".env")).toMatch(/^A=1\r\n\r\n# Leadkeep[^\n]*\r\n# Make[^\n]*\r\nMAKE_WEBHOOK_URL=\r\n$/);
    writeInto(folder, "contact-form.html", readFrom(folder, "contact-form.html").replaceAll("\n", "\r\n"));
    const { report } = await initIn(folder, "--destination", "make");
    expect(new Set(report.files.map(({ action }) => action))).toEqual(new Set(["same"]));
  });

  test("package.json gets its script, and keeps its indentation and everything else", async () => {
    const folder = aSiteFolder({
      "package.json": '{\n    "name": "site",\n    "scripts": { "dev": "vite" },\n    "x": [1]\n}',
    });
    await initIn(folder);
    const text = readFrom(folder, "package.json");
    expect(JSON.parse(text)).toEqual({ name: "site", scripts: { dev: "vite", leadkeep: "leadkeep start" }, x: [1] });
    expect(text).toMatch(/^\{\n {4}"name"[\s\S]*\}$/);
  });
});

describe("what cannot be done is told, and nothing is written", () => {
  test("without a terminal and without --yes the flags are listed", async () => {
    const folder = aSiteFolder({ "package.json": {} });
    const { code, stdout, stderr } = await runLeadkeep(["init"], { folder });
    expect([code, stdout]).toEqual([2, ""]);
    for (const flag of [
      "--yes",
      "--dry-run",
      "--framework",
      "--form",
      "--destination",
      "--consent-text",
      "--mail-from",
    ])
      expect(stderr).toContain(flag);
    expect(existsSync(join(folder, ".env"))).toBe(false);
  });

  test("a folder without package.json", async () => {
    const ended = await runLeadkeep(["init", "--yes"], { folder: aFolder() });
    expect(ended).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("There is no package.json") });
  });

  test.each(["{", "[]", '"x"'])("a package.json that is %s", async (text) => {
    const folder = aFolder();
    writeFileSync(join(folder, "package.json"), text);
    const { code, stderr } = await runLeadkeep(["init", "--yes"], { folder });
    expect([code, stderr]).toEqual([1, "package.json is not a JSON object. Mend it first.\n"]);
  });

  test.each([
    [["--framework", "rails"], "Allowed choices are next, astro"],
    [["--destination", "salesforce"], "Allowed choices are hubspot"],
    [["--form", "Not An Id"], "--form: A form's id"],
    [["--fields", "name,message"], "--fields: A lead needs a field email or phone."],
    [["--fields", "email,_key"], "--fields: A field's name"],
    [["--fields", "email,consent"], "--fields: consent and marketing_consent"],
    [["--consent-text", " "], "--consent-text: Write the wording"],
    [["--marketing-version", "2"], "goes with --marketing-text"],
    [["--mail-from", "nobody"], "--mail-from: It is not one mail address."],
    [["--public-url", "example.com"], "--public-url: Write the whole address"],
    [["--set", "HUBSPOT_ACCESS_TOKEN=marked"], "HUBSPOT_ACCESS_TOKEN cannot be given here"],
    [["--dry-run"], "cannot be used with"],
  ])("%j", async (args, told) => {
    const folder = aSiteFolder({ "package.json": {} });
    const { code, stdout, stderr } = await runLeadkeep(["init", "--yes", ...args], { folder });
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(told);
    expect(stderr).not.toContain("marked");
    expect(existsSync(join(folder, ".env"))).toBe(false);
  });

  test("a file where a folder is needed", async () => {
    const folder = aSiteFolder({ "package.json": needs("next"), app: "no folder" });
    const { code, stderr } = await runLeadkeep(["init", "--yes"], { folder });
    expect(code).toBe(1);
    expect(stderr).toMatch(/app\/api\/leadkeep\/\[\.\.\.path\]\/route\.js: a file stands where a folder is needed\./);
    expect(stderr).toContain("Written before: leadkeep.config.mjs.");
  });

  test("a folder that is a link out of the site", async () => {
    const elsewhere = aFolder();
    const folder = aSiteFolder({ "package.json": needs("next") });
    mkdirSync(join(folder, "app"));
    symlinkSync(elsewhere, join(folder, "components"));
    const { code, stderr } = await runLeadkeep(["init", "--yes"], { folder });
    expect([code, stderr]).toEqual([1, expect.stringContaining("a link that leads out of this one")]);
    expect(existsSync(join(elsewhere, "contact-form.jsx"))).toBe(false);
  });
});
