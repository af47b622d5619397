import { getGateway } from "./shared/one-gateway.ts";

/**
 * Opens the app's gateway before the app itself, for frameworks that run nothing of yours before the first request:
 * `node --import leadkeep/start dist/server/entry.mjs`. What waits is then delivered at once after a restart.
 */
export const gateway = await getGateway();
