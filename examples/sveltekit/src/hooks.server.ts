import type { ServerInit } from "@sveltejs/kit";
import { getGateway } from "leadkeep/sveltekit";

export const init: ServerInit = async () => {
  await getGateway();
};
