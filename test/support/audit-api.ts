import { mark } from "./audit-marks.ts";
import { adminPassword, wrongPassword, wrongToken } from "./audit-sandbox.ts";
import { type AuditSite, deliveryOf } from "./audit-site.ts";

/** What people do in the console, and scripts by the API, the wrong way too. Resolves to a session's cookie. */
export async function callApi({ gateway, visitor, post, tried }: AuditSite): Promise<string> {
  const who = visitor();
  const lead = await post("looked at", who);
  await tried(lead);
  const origin = { origin: "https://leads.example.com" };
  const enter = async (password: string) => {
    const { headers } = await gateway.api("POST", "/session", { headers: origin, body: { password } });
    return headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
  };
  await enter(wrongPassword);
  await gateway.api("POST", "/session", { headers: origin, body: { email: who.email, password: wrongPassword } });
  const cookie = await enter(adminPassword);
  const owner = { cookie, ...origin };
  const email = "operator@example.com";
  const password = `${mark("secret", "operator")} of the console`;
  const operator = { email, name: "Operator", role: "operator", password };
  for (const body of [operator, operator]) await gateway.api("POST", "/people", { headers: owner, body });
  await gateway.api("POST", "/session", { headers: origin, body: { email, password } });
  await gateway.api("POST", "/tokens", { headers: owner, body: { name: "Script", scopes: ["read"] } });

  const paths = ["/session", "/overview", "/leads", `/leads/${lead}`, "/leads/export?format=csv", "/dead-letters"];
  paths.push("/destinations", "/destinations/webhook", "/forms", "/acts?size=200", "/people", "/tokens", "/setup");
  paths.push("/alerts", "/verifications");
  for (const headers of [undefined, owner]) {
    for (const path of paths) await gateway.api("GET", path, headers && { headers });
  }
  for (const authorization of [`Bearer ${wrongToken}`, `Basic ${Buffer.from(`x:${wrongToken}`).toString("base64")}`])
    for (const path of ["/leads", "/subjects/plan"]) await gateway.api("GET", path, { headers: { authorization } });

  const identifier = who.email;
  const wrong: [string, string, unknown][] = [
    ["POST", "/subjects/plan", { identifier }],
    ["POST", "/subjects/plan", { identifier: `${who.email} and others` }],
    ["POST", "/subjects/plan", { identifier, name: who.email }],
    ["POST", "/subjects/plan", `{"identifier":"${identifier}"`],
    ["POST", "/subjects/erase", { identifier, confirm: `x${identifier}` }],
    ["POST", "/subjects/status", { identifier }],
    ["PATCH", `/leads/${lead}`, { stage: who.email, note: mark("personal", "note") }],
    [
      "PATCH",
      `/leads/${lead}`,
      { stage: "working", assignee: mark("personal", "assignee"), note: mark("personal", "note") },
    ],
    ["POST", `/leads/${lead}/consents`, { purpose: "marketing", action: who.email }],
    ["POST", "/leads/release", { ids: [lead] }],
    ["POST", "/leads/release", { ids: [who.email] }],
    ["POST", "/deliveries/replay", { state: who.email }],
    ["POST", "/deliveries/cancel", { ids: [deliveryOf(lead)], handled: true }],
    ["POST", "/destinations/webhook/pause", undefined],
    ["POST", "/destinations/webhook/resume", undefined],
    ["POST", "/destinations/webhook/check", undefined],
    ["POST", "/destinations/webhook/test", {}],
    ["POST", "/destinations/webhook/resync", { since: "2026-01-01", dry_run: true }],
    ["POST", "/setup/check", undefined],
  ];
  for (const [method, path, body] of wrong) await gateway.api(method, path, { body });
  for (const query of [`q=${encodeURIComponent(who.email)}`, `q=${mark("personal", "nobody")}`, `size=${who.email}`])
    await gateway.api("GET", `/leads?${query}`);
  await gateway.api("DELETE", "/session", { headers: owner });
  return cookie.slice(cookie.indexOf("=") + 1);
}
