import { getGateway } from "leadkeep/nuxt";

export default defineNitroPlugin(async (nitro) => {
  const gateway = await getGateway();
  nitro.hooks.hook("close", () => gateway.stop());
});
