/**
 * For Express, before or after a body parser: `app.use("/leads", leadkeep())`. The visitor's address is `req.ip`, which follows
 * the app's `trust proxy`, unless `TRUST_PROXY` is set.
 */
export { type GatewayOptions, getGateway, leadkeep, type MountOptions, type Work } from "./node.ts";
