export type { Fault } from "./fault.ts";
export type { MailFault } from "./mail/mail-fault.ts";
export type { Mailbox, ReceivedMail } from "./mail/mailbox.ts";
export type { Site } from "./pages/demo-site.ts";
export { type Sandbox, type SandboxOptions, type SandboxVendors, startSandbox } from "./sandbox.ts";
export type { Received, Vendor } from "./vendor.ts";
export { type ServiceAccount, serviceAccount } from "./vendors/google-sheets/account.ts";
