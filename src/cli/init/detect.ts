import type { FrameworkId } from "./choices.ts";
import type { Project } from "./project.ts";

/** By what a framework is known in package.json, the ones built on others first. */
const signs: [framework: FrameworkId, ...packages: string[]][] = [
  ["next", "next"],
  ["nuxt", "nuxt", "nuxt3"],
  ["sveltekit", "@sveltejs/kit"],
  ["astro", "astro"],
  ["react-router", "@react-router/dev", "@react-router/node", "@react-router/serve"],
  ["express", "express"],
  ["fastify", "fastify"],
  ["hono", "hono"],
];

/** The framework a site is built with; `standalone` when there is none this program mounts into. */
export function detectFramework({ dependencies }: Pick<Project, "dependencies">): FrameworkId {
  return signs.find(([, ...packages]) => packages.some((name) => dependencies.has(name)))?.[0] ?? "standalone";
}

/** Whether the gateway runs inside the site's own server. `because`: why it cannot, to be told. */
export type Place = { inApp: true } | { inApp: false; because: string | null };

/** A gateway needs Node and its disk or database; a static site and an edge runtime have neither. */
export function placeOf(project: Project, framework: FrameworkId): Place {
  const because = framework === "standalone" ? null : (whyElsewhere[framework]?.(project) ?? undefined);
  return because === undefined ? { inApp: true } : { inApp: false, because };
}

const isStatic = "the site is built to static files";
const onEdge = "the site runs on an edge runtime, which has no Node";

const whyElsewhere: Partial<Record<FrameworkId, (project: Project) => string | null>> = {
  next: (project) => (configHas(project, "next.config", /output:\s*["']export["']/) ? isStatic : null),
  nuxt: (project) => (configHas(project, "nuxt.config", /preset:\s*["']cloudflare/) ? onEdge : null),
  sveltekit: ({ dependencies }) =>
    dependencies.has("@sveltejs/adapter-static")
      ? isStatic
      : dependencies.has("@sveltejs/adapter-cloudflare")
        ? onEdge
        : null,
  astro: (project) => {
    if (usesAdapter(project, "@astrojs/cloudflare")) return onEdge;
    const onNode = ["@astrojs/node", "@astrojs/vercel", "@astrojs/netlify"];
    return onNode.some((name) => usesAdapter(project, name)) ? null : isStatic;
  },
  "react-router": (project) => {
    if (project.dependencies.has("@react-router/cloudflare") || usesWorkers(project)) return onEdge;
    return configHas(project, "react-router.config", /ssr:\s*false/) ? isStatic : null;
  },
  hono: (project) => (usesWorkers(project) ? onEdge : null),
};

function usesAdapter(project: Project, name: string): boolean {
  return project.dependencies.has(name) || configHas(project, "astro.config", new RegExp(`["']${name}["'/]`));
}

function usesWorkers({ dependencies }: Project): boolean {
  return dependencies.has("wrangler") || dependencies.has("@cloudflare/workers-types");
}

function configHas(project: Project, name: string, pattern: RegExp): boolean {
  const file = project.first(...["js", "mjs", "cjs", "ts", "mts"].map((ending) => `${name}.${ending}`));
  return file !== null && pattern.test(project.read(file) ?? "");
}
