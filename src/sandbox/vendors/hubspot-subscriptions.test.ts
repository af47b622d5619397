import { afterEach, beforeEach, expect, test } from "vitest";
import { type Sandbox, startSandbox } from "../index.ts";

let sandbox: Sandbox;

beforeEach(async () => {
  sandbox = await startSandbox();
});

afterEach(() => sandbox.close());

const settings = (changes: object) => Object.assign(sandbox.vendors.hubspot.settings, changes);
const email = "ada+1@example.com";
const statuses = `/communication-preferences/2026-09/statuses/${encodeURIComponent(email)}`;

async function call(method: string, path: string, body?: object) {
  const response = await fetch(sandbox.vendors.hubspot.url + path, {
    method,
    headers: { authorization: "Bearer any" },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  return { status: response.status, json: text === "" ? null : (JSON.parse(text) as Record<string, unknown>) };
}

const change = (statusState: string, more: object = {}) =>
  call("POST", statuses, {
    channel: "EMAIL",
    statusState,
    subscriptionId: 42,
    legalBasis: "CONSENT_WITH_NOTICE",
    legalBasisExplanation: "said so",
    ...more,
  });

test("a status is changed and read by address and type", async () => {
  expect((await change("SUBSCRIBED")).status).toBe(200);
  expect((await call("GET", `${statuses}?channel=EMAIL`)).json).toMatchObject({
    results: [
      { subscriptionId: 42, status: "SUBSCRIBED", subscriberIdString: email },
      { subscriptionId: 43, status: "NOT_SPECIFIED" },
    ],
  });
});

test.each([
  ["refused", 400],
  ["allowed", 200],
])("who has unsubscribed is subscribed again or not, as set: %s", async (resubscribing, status) => {
  settings({ resubscribing });
  await change("UNSUBSCRIBED");
  expect((await change("SUBSCRIBED")).status).toBe(status);
});

test("a change without its ground, to an unknown type, or without the scope is refused", async () => {
  expect((await change("SUBSCRIBED", { legalBasis: undefined })).status).toBe(400);
  expect((await change("SUBSCRIBED", { subscriptionId: 7 })).status).toBe(400);
  settings({ scopes: [] });
  expect(await change("SUBSCRIBED")).toMatchObject({ status: 403, json: { category: "MISSING_SCOPES" } });
});

const contacts = "/crm/objects/2026-09/contacts";

async function aContact(): Promise<string> {
  const { json } = await call("POST", contacts, { properties: { email } });
  return String(json?.id);
}

test("a contact deleted for good is gone with its subscriptions, and may be made anew as set", async () => {
  const id = await aContact();
  await change("SUBSCRIBED");
  expect(await call("POST", `${contacts}/gdpr-delete`, { objectId: id })).toEqual({ status: 204, json: null });
  expect((await call("GET", `${contacts}/${id}`)).status).toBe(404);
  expect(sandbox.vendors.hubspot.own.subscriptions.all()).toEqual([]);
  for (const [recreating, status] of [
    ["refused", 400],
    ["conflict", 409],
    ["allowed", 201],
  ]) {
    settings({ recreating });
    expect((await call("POST", contacts, { properties: { email } })).status).toBe(status);
  }
});

test("a deleted note is no longer among its contact's", async () => {
  const contact = await aContact();
  const associations = [{ to: { id: contact }, types: [{ associationTypeId: 202 }] }];
  const { json } = await call("POST", "/crm/objects/2026-09/notes", {
    properties: { hs_note_body: "x" },
    associations,
  });
  const note = `/crm/objects/2026-09/notes/${String(json?.id)}`;
  expect([(await call("DELETE", note)).status, (await call("DELETE", note)).status]).toEqual([204, 204]);
  const path = "/crm/associations/2026-09/contacts/notes/batch/read";
  expect((await call("POST", path, { inputs: [{ id: contact }] })).json).toMatchObject({ results: [] });
});
