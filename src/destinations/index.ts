export { make } from "./make.ts";
export { outcomeOf } from "./shared/outcome-of.ts";
export { webhook } from "./webhook.ts";
export { zapier } from "./zapier.ts";
