/** What flags of `init` may name. In a file that loads nothing: the command line knows its choices at every start. */

export const frameworkIds = [
  "next",
  "astro",
  "sveltekit",
  "nuxt",
  "react-router",
  "express",
  "fastify",
  "hono",
  "standalone",
] as const;
export type FrameworkId = (typeof frameworkIds)[number];

export const destinationIds = ["hubspot", "pipedrive", "sheets", "zapier", "make", "webhook", "mail"] as const;
/** A destination that variables turn on. `mail` stands for the mails to the team and to the person. */
export type DestinationChoice = (typeof destinationIds)[number];
