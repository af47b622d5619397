import { leadkeep } from "leadkeep/astro";

export const prerender = false;
export const { ALL } = leadkeep();
