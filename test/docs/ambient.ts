/**
 * What blocks may name that is not here, as declarations: the visitor's script in the page, files of the reader's own site, and
 * frameworks that are not installed. As text, because the rest of the checkout is not to know of it.
 */
export const ambient = `
declare const leadkeep: import("../../../src/browser/attribution.ts").Attribution;

interface WindowEventMap {
  "leadkeep:accepted": CustomEvent<import("../../../src/browser/post.ts").Answer>;
}

declare module "*/leadkeep.config.ts" {
  const config: import("leadkeep").LeadkeepConfig;
  export default config;
}

declare module "*/leadkeep.config" {
  export const contact: import("leadkeep").TypedForm;
  const config: import("leadkeep").LeadkeepConfig;
  export default config;
}

declare module "@vercel/functions" {
  export function waitUntil(work: Promise<unknown>): void;
}

declare module "cloudflare:workers" {
  export const env: { LEADKEEP_URL: string; LEADKEEP_FORWARD_SECRET: string }; // as "wrangler types" writes it
  export function waitUntil(work: Promise<unknown>): void;
}

declare module "astro" {
  export type APIContext = { request: Request; clientAddress: string; params: Record<string, string | undefined>; locals: any };
  export type APIRoute = (context: APIContext) => Response | Promise<Response>;
}

declare module "astro/config" {
  export function defineConfig(config: object): object;
}

declare module "@astrojs/node" {
  export default function node(options: { mode: "standalone" | "middleware" }): object;
}

declare module "@sveltejs/kit" {
  export type RequestEvent = { request: Request; url: URL; getClientAddress(): string };
  export type Actions = Record<string, (event: RequestEvent) => Promise<unknown>>;
  export function fail(status: number, data?: object): object;
}

declare module "nitropack/runtime" {}

declare module "next" {
  export type NextConfig = { serverExternalPackages?: string[]; outputFileTracingIncludes?: Record<string, string[]> };
}

declare module "next/server" {
  export function after<T>(work: Promise<T> | (() => T | Promise<T>)): void;
}

declare module "next/script" {
  export default function Script(props: { src: string; strategy?: string; defer?: boolean }): import("react").ReactElement;
}

declare const Deno: {
  serve(handler: (request: Request, info: { remoteAddr: { hostname: string } }) => Response | Promise<Response>): void;
  env: { get(name: string): string | undefined };
};

declare function defineEventHandler(handler: (event: import("h3").H3Event) => unknown): unknown;
declare function defineNitroPlugin(plugin: (nitro: { hooks: { hook(name: "close", close: () => unknown): void } }) => unknown): unknown;
declare function useHead(head: { script: { src: string; defer?: boolean; async?: boolean }[] }): void;
declare function defineNuxtConfig(config: object): object;
`;
