import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Gateway } from "../../src/gateway.ts";
import { aGateway, aPerson, type TestGateway } from "../support/a-gateway.ts";

/** A framework with the gateway mounted at `/api/leadkeep`, as browsers and scripts meet it. */
export type Host = {
  ask(path: string, init?: RequestInit): Promise<Response>;
  /** How the framework tells who is connected; null when it does not. */
  tellsAddress: boolean;
  /** True when it answers methods nobody handles by itself. */
  close?(): Promise<void>;
};

const prefix = "/api/leadkeep";
const form = `${prefix}/f/contact`;

/** What every mounted gateway promises, whatever the framework. */
export function promisesOfMount(name: string, start: (gateway: Gateway) => Promise<Host> | Host): void {
  describe(name, () => {
    let leadkeep: TestGateway;
    let host: Host;

    beforeAll(async () => {
      leadkeep = await aGateway({ variables: { TRUST_PROXY: "1", LEADKEEP_IP_HASH: "stable" } });
      host = await start(leadkeep.gateway);
    });
    afterAll(async () => {
      await host.close?.();
      await leadkeep.close();
    });

    function post(fields: Record<string, unknown>, headers: Record<string, string> = {}): Promise<Response> {
      const body = JSON.stringify(fields);
      return host.ask(form, { method: "POST", headers: { "content-type": "application/json", ...headers }, body });
    }

    async function keptBy(response: Response) {
      const { lead_id } = (await response.json()) as { lead_id: string };
      return (await leadkeep.record(lead_id)).lead;
    }

    test("JSON is kept and answered with the lead's id", async () => {
      const response = await post(aPerson({ message: "Grüße", tags: ["a", "b"] }));
      expect(response.status).toBe(202);
      expect((await keptBy(response)).formData).toMatchObject({ message: "Grüße", tags: ["a", "b"] });
    });

    test("a browser's post is kept, and the browser led to the page of thanks below the prefix", async () => {
      const body = new URLSearchParams([...fields(aPerson()), ["topic", "a&b=c"], ["topic", "ü"]]);
      const response = await host.ask(form, { method: "POST", body, redirect: "manual" });
      expect([response.status, response.headers.get("location")]).toEqual([303, `${form}/thanks`]);
      const thanks = await host.ask(`${form}/thanks`);
      expect([thanks.status, thanks.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    });

    test("the fields of a urlencoded post are those that were sent", async () => {
      const body = new URLSearchParams([
        ...fields(aPerson()),
        ["topic", "a&b=c"],
        ["topic", "ü"],
        ["person[age]", "7"],
      ]);
      const headers = { accept: "application/json" };
      const lead = await keptBy(await host.ask(form, { method: "POST", body, headers }));
      expect(lead.formData).toMatchObject({ topic: ["a&b=c", "ü"], "person[age]": "7" });
    });

    test("a multipart post keeps its fields and its file", async () => {
      const body = new FormData();
      for (const [field, value] of fields(aPerson({ message: "Zürich" }))) body.append(field, value);
      body.append("plan", new File(["bytes"], "plan.txt", { type: "text/plain" }));
      const lead = await keptBy(
        await host.ask(form, { method: "POST", body, headers: { accept: "application/json" } }),
      );
      const base64 = Buffer.from("bytes").toString("base64");
      expect(lead.formData).toMatchObject({ message: "Zürich", plan: { filename: "plan.txt", size: 5, base64 } });
    });

    test("what cannot be kept is refused with a reason", async () => {
      const response = await post({ message: "no way to reach me" });
      expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([422, "invalid"]);
    });

    test("a body beyond the limit is refused, not cut off", async () => {
      const response = await post(aPerson({ message: "x".repeat(1_000_000) }));
      expect(response.status).toBe(413);
    });

    test("a page of another origin may ask and post", async () => {
      const origin = "https://www.example.com";
      const asked = await host.ask(form, {
        method: "OPTIONS",
        headers: { origin, "access-control-request-method": "POST" },
      });
      expect([asked.status, asked.headers.get("access-control-allow-origin")]).toEqual([204, origin]);
      const posted = await post(aPerson(), { origin });
      expect([posted.status, posted.headers.get("access-control-allow-origin")]).toEqual([202, origin]);
    });

    test("the visitor's script is served below the prefix", async () => {
      const response = await host.ask(`${prefix}/leadkeep.js`);
      const built = readFileSync(new URL("../../dist/browser/leadkeep.js", import.meta.url), "utf8");
      expect([response.status, await response.text()]).toEqual([200, built]);
    });

    test("links in mails lead to pages below the prefix", async () => {
      for (const page of ["c", "u"]) {
        const response = await host.ask(`${prefix}/${page}/no-token-of-ours`);
        expect([response.status, response.headers.get("content-type")]).toEqual([404, "text/html; charset=utf-8"]);
      }
    });

    test("a path that ends with a slash is the same one", async () => {
      const body = new URLSearchParams(fields(aPerson()));
      const response = await host.ask(`${form}/`, { method: "POST", body, redirect: "manual" });
      expect([response.status, response.headers.get("location")]).toEqual([303, `${form}/thanks`]);
    });

    test("anything else below the prefix is not found", async () => {
      expect((await host.ask(`${prefix}/nothing`)).status).toBe(404);
    });

    test("X-Forwarded-For is believed as far as TRUST_PROXY says", async () => {
      const address = async (forwarded: string) => {
        const lead = await keptBy(await post(aPerson(), { "x-forwarded-for": forwarded }));
        return lead.ipAddress;
      };
      const own = await address("203.0.113.7");
      expect(own).not.toBeNull();
      expect(await address("198.51.100.1, 203.0.113.7")).toBe(own);
      expect(await address("198.51.100.1")).not.toBe(own);
    });

    test("without a proxy the address is what the framework tells, or unknown", async () => {
      const lead = await keptBy(await post(aPerson()));
      expect(lead.ipAddress === null).toBe(!host.tellsAddress);
    });
  });
}

function fields(person: Record<string, unknown>): [string, string][] {
  return Object.entries(person).map(([name, value]) => [name, String(value)]);
}
