import type { Fault, MailFault, Sandbox } from "../../src/sandbox/index.ts";
import { ownSecrets } from "./audit-sandbox.ts";
import type { AuditSite } from "./audit-site.ts";
import type { Visitor } from "./audit-visitor.ts";

/** What every vendor does in one round of the audit, when it throws what it knows back at us. */
export type Weather = { name: string; http(vendor: string, echo: string): Fault; mail(echo: string): MailFault };

const statuses = [200, 400, 401, 403, 404, 409, 422, 429, 500];
const mailAt = (["connect", "auth", "mail", "rcpt", "data"] as const).flatMap((at) => [
  { at, code: 450 },
  { at, code: 550 },
]);

/** Each kind of trouble at every vendor, the answers full of what is not to be repeated. */
export const weathers: readonly Weather[] = [
  ...statuses.map((status, index) => ({
    name: `answers ${status} quoting what it was sent`,
    http: (vendor: string, echo: string): Fault => ({
      type: "status",
      status,
      headers: headersOf(echo),
      body: body(vendor, status, echo),
    }),
    mail: (echo: string): MailFault => mailReply(index, echo),
  })),
  ...[403, 502].map((status, index) => ({
    name: `answers ${status} with a page quoting what it was sent`,
    http: (_: string, echo: string): Fault => ({
      type: "status",
      status,
      headers: { ...headersOf(echo), "content-type": "text/html" },
      body: `<!doctype html><title>${status}</title><pre>${echo}</pre>`,
    }),
    mail: (echo: string): MailFault => mailReply(statuses.length + index, echo),
  })),
  ...(
    [
      { type: "reset", when: "before" },
      { type: "reset", when: "after" },
      { type: "hang", applied: true },
      { type: "garbage" },
      { type: "endless" },
      { type: "drip", intervalMs: 20 },
      { type: "latency", ms: 350 },
    ] as const
  ).map((fault) => ({
    name: Object.values(fault).join(" "),
    http: (): Fault => fault,
    mail: (): MailFault =>
      fault.type === "hang" || fault.type === "latency"
        ? { type: "hang", at: "data", applied: true }
        : { type: "drop", at: "data", applied: fault.type === "reset" && fault.when === "after" },
  })),
  {
    name: "redirects to an address quoting what it was sent",
    http: (_, echo) => ({ type: "redirect", location: `https://elsewhere.example/?${encodeURIComponent(echo)}` }),
    mail: (echo) => mailReply(0, echo),
  },
];

/** Sets every vendor to it; `rate`: the share of requests it hits, so that later steps are hit too. */
export function setWeather({ vendors, mail }: Sandbox, weather: Weather | null, echo = "", rate = 1): void {
  for (const [name, vendor] of Object.entries(vendors)) {
    vendor.setFault(weather && { ...weather.http(name, echo), rate });
  }
  mail.setFault(weather && { ...weather.mail(echo), rate });
}

/** Headers a client might be tempted to note. */
function headersOf(echo: string): Record<string, string> {
  const line = echo.replace(/\s+/g, " ");
  return { "content-type": "application/json", "x-error": line, "retry-after": "0", "www-authenticate": line };
}

function mailReply(index: number, echo: string): MailFault {
  const { at, code } = mailAt[index % mailAt.length] ?? { at: "data" as const, code: 550 };
  return { type: "reply", at, code, text: `${code < 500 ? "4" : "5"}.1.1 ${echo.replace(/\s+/g, " ")}`.slice(0, 400) };
}

/** Errors as each vendor words them, every text of which quotes what was sent. */
function body(vendor: string, status: number, echo: string): string {
  switch (vendor) {
    case "hubspot":
      return JSON.stringify({
        status: "error",
        category: "VALIDATION_ERROR",
        correlationId: echo,
        message: `Property values were not valid: [{"isValid":false,"message":${JSON.stringify(echo)},"error":"INVALID_EMAIL","name":"email"}]`,
        errors: [
          {
            message: echo,
            code: "INVALID_EMAIL",
            context: { propertyName: [status === 400 ? "phone" : echo], email: [echo] },
          },
        ],
      });
    case "pipedrive":
      return JSON.stringify({ success: false, error: echo, error_info: echo, code: echo, data: { message: echo } });
    case "sheets":
      return JSON.stringify({
        error: { code: status, message: echo, status: echo, details: [{ reason: echo }], errors: [{ reason: echo }] },
      });
    default:
      return JSON.stringify({ error: echo, message: echo, status: "error" });
  }
}

/** Refuses everything for what is in it. */
export const unprocessable = weathers.find(({ name }) => name.startsWith("answers 422")) ?? null;

/** What vendors throw back: all of the person, and what opens vendors' doors. */
export function echoOf({ fields, email }: Visitor): string {
  return [email, fields.name, fields.phone, fields.message, ...Object.values(ownSecrets).flat()].join(" ");
}

/** Each weather twice: on every request until all have had one, then on some, so that what comes after the first is hit too. */
export async function sendInBadWeather({
  gateway,
  sandbox,
  visitor,
  post,
  tried,
  settled,
  resumeAll,
}: AuditSite): Promise<void> {
  for (const [index, weather] of weathers.entries()) {
    const [first, second] = [visitor(), visitor()];
    const since = Date.now();
    setWeather(sandbox, weather, echoOf(first));
    await tried(await post(`while every vendor ${weather.name}`, first), since);
    setWeather(sandbox, weather, echoOf(second), 0.4);
    await post(`while every vendor sometimes ${weather.name}`, second);
    await settled(300);
    await gateway.ask("/readyz in bad weather", "/readyz", { method: "GET" });
    // What lanes have learnt of such vendors ends with their process: killed in the middle of it, or stopped in order.
    await gateway.stop(index % 4 ? "SIGKILL" : "SIGTERM");
    setWeather(sandbox, null);
    await gateway.start();
    await resumeAll();
  }
  await gateway.leadkeep("doctor");
  await gateway.api("GET", "/dead-letters");
  await gateway.api("POST", "/deliveries/replay", { body: { state: "dead", dry_run: true } });
  await gateway.leadkeep("replay", "--dead", "--destination", "webhook");
  await tried(await post("after the weather has cleared"));
  await settled();
}
