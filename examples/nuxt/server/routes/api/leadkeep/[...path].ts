import { leadkeep } from "leadkeep/nuxt";

export default defineEventHandler(leadkeep());
