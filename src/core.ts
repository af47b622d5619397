/** Everything but the destinations and the server: imported alone, it loads the code of no destination. */
export { type FieldProblem, type Submitted, submit, type Visitor } from "./adapters/shared/submit.ts";
export { defineConfig, type FormConfig, type LeadkeepConfig } from "./config/config.ts";
export { altcha, hcaptcha, recaptcha, turnstile } from "./config/screens.ts";
export { defineForm, type FormInput, type FormValues, type TypedForm, valuesOf } from "./config/typed-form.ts";
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
export type { Happening, Observer } from "./model/observer.ts";
export type { Outcome, Reason } from "./model/outcome.ts";
export { type ConsentPayload, type FlatPayload, flatPayload, type LeadPayload, leadPayload } from "./model/payload.ts";
