export type { Fault } from "./fault.ts";
export type { Site } from "./pages/demo-site.ts";
export { type Sandbox, type SandboxOptions, type SandboxVendors, startSandbox } from "./sandbox.ts";
export type { Received, Vendor } from "./vendor.ts";
