export { defineConfig, type FormConfig, type LeadkeepConfig } from "./config/config.ts";
export * from "./destinations/index.ts";
export { createGateway, type Gateway } from "./gateway.ts";
export {
  type BatchEntry,
  type DeliveryContext,
  type DestinationDefinition,
  type DestinationSettings,
  defineDestination,
  type Finding,
  type PlannedRequest,
} from "./model/destination.ts";
export { ConfigError, LeadkeepError, LedgerUnavailable, MigrationFailed } from "./model/errors.ts";
export type { ErasurePayload, WithdrawalPayload } from "./model/follow-up-payload.ts";
export type { ConsentControl, Form } from "./model/form.ts";
export type { Lead } from "./model/lead.ts";
export type { Outcome, Reason } from "./model/outcome.ts";
export { type ConsentPayload, type FlatPayload, flatPayload, type LeadPayload, leadPayload } from "./model/payload.ts";
export { startServer } from "./server/server.ts";
