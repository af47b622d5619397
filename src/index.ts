export * from "./core.ts";
export * from "./destinations/index.ts";
export { startServer } from "./server/server.ts";
