import { leadkeep } from "leadkeep/sveltekit";

export const { GET, POST, OPTIONS } = leadkeep();
