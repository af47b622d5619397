import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { aGateway, aPerson } from "../support/a-gateway.ts";
import { until } from "../support/until.ts";

/** Answers with a status, and says back whatever it was sent; keeps what came. */
async function anEcho(status: number): Promise<{ url: string; bodies: string[] }> {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.once("end", () => {
      bodies.push(body);
      response.writeHead(status, { "content-type": "text/plain" }).end(body + JSON.stringify(request.headers));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies };
}

test.each(["slack", "teams", "discord", "json"] as const)(
  "an alert by webhook (%s) says nothing of a person, and no secret, whatever a destination answered",
  async (shape) => {
    const [hook, gone, refusing] = await Promise.all([anEcho(204), anEcho(401), anEcho(422)]);
    const secrets = {
      path: "marked-path",
      signing: "marked-signing-secret-0123456789",
      token: "marked-token-0123456789-0123456789",
    };
    const gateway = await aGateway({
      variables: {
        CRM_WEBHOOK_URL: `${gone.url}/${secrets.path}`,
        CRM_WEBHOOK_SECRET: secrets.signing,
        ZAPIER_WEBHOOK_URL: `${refusing.url}/${secrets.path}`,
        LEADKEEP_API_TOKEN: secrets.token,
        PUBLIC_URL: "https://leads.example.com",
      },
      config: { alerts: { mail: false, webhooks: [{ url: `${hook.url}/alerts`, shape }], every: "100ms" } },
    });
    onTestFinished(() => gateway.close());
    const typed = {
      name: "Marked Person",
      phone: "+44 20 7946 0018",
      message: "marked message",
      company: "Marked Ltd",
    };
    const lead = await gateway.post(aPerson({ ...typed, email: "marked@example.com" }));
    const said = await until(() => {
      const all = hook.bodies.join("\n");
      return all.includes("paused") && all.includes("not reached") && all;
    });
    expect(said).not.toMatch(/marked|7946|example\.com"?@/i);
    expect(said).not.toContain(lead.slice("lead_".length));
    for (const { url } of [gone, refusing, hook]) expect(said).not.toContain(new URL(url).host);
  },
);
