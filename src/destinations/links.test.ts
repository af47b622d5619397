import { expect, test } from "vitest";
import { configureDestination } from "../model/configured-destination.ts";
import type { DestinationSpec } from "../model/destination.ts";
import { hubspot } from "./hubspot/hubspot.ts";
import { pipedrive } from "./pipedrive/pipedrive.ts";
import { webhook } from "./webhook.ts";

function linkTo(spec: DestinationSpec, ref: string): string | null {
  return configureDestination("crm", spec).destination?.linkTo?.(ref) ?? null;
}

test("a HubSpot contact is linked to once the account's id is known", () => {
  expect(linkTo(hubspot({ accessToken: "t" }), "151")).toBeNull();
  expect(linkTo(hubspot({ accessToken: "t", portalId: "42" }), "151")).toBe(
    "https://app.hubspot.com/contacts/42/record/0-1/151",
  );
  expect(linkTo(hubspot({ accessToken: "t", form: { portalId: 42, formId: "f" } }), "151")).toContain("/contacts/42/");
});

test("a Pipedrive lead and a deal are told apart by their ids", () => {
  const spec = pipedrive({ apiToken: "t", domain: "acme" });
  expect(linkTo(spec, "7")).toBe("https://acme.pipedrive.com/deal/7");
  expect(linkTo(spec, "adf21080-0e10-11eb-879b-05d71fb426ec")).toBe(
    "https://acme.pipedrive.com/leads/inbox/adf21080-0e10-11eb-879b-05d71fb426ec",
  );
  expect(linkTo(pipedrive({ apiToken: "t", baseUrl: "http://127.0.0.1:1" }), "7")).toBeNull();
});

test("a webhook has no screen to link to", () => {
  expect(linkTo(webhook({ url: "https://example.com/hook" }), "1")).toBeNull();
});
