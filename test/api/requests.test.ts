import { expect, test } from "vitest";
import { anApi } from "../support/an-api.ts";

const problem = (status: number, code: string) => ({ type: "about:blank", title: expect.any(String), status, code });

test("a body longer than 64 KiB is refused", async () => {
  const api = await anApi();
  const answered = await api.call("POST", "/leads/release", { body: { ids: ["x".repeat(70_000)] } });
  expect(answered.json()).toEqual(problem(413, "too_large"));
});

test("a body that is not JSON is refused: by its type, and by what is in it", async () => {
  const api = await anApi();
  const path = "/subjects/plan";
  const form = await api.call("POST", path, { body: "identifier=a", headers: { "content-type": "text/plain" } });
  expect(form.json()).toEqual(problem(415, "unsupported_type"));
  const broken = await api.call("POST", path, { body: '{"identifier":' });
  expect(broken.json()).toEqual(problem(400, "malformed"));
});

test("what is not known is refused by name, in a body and in a query", async () => {
  const api = await anApi();
  const inBody = await api.call("POST", "/subjects/plan", { body: { identifier: "a@example.com", force: true } });
  const inQuery = await api.call("GET", "/leads?sorted=1&size=9000");
  const invalid = problem(422, "invalid");
  expect(inBody.json()).toEqual({ ...invalid, errors: [{ field: "force", message: "is not known" }] });
  expect(inQuery.json()).toEqual({
    ...invalid,
    errors: [
      { field: "size", message: "must be from 1 to 200" },
      { field: "sorted", message: "is not known" },
    ],
  });
});

test("what is missing is named", async () => {
  const api = await anApi();
  const answered = await api.call("POST", "/people", {
    as: await api.owner(),
    body: { email: "a@example.com", role: "owner" },
  });
  expect(answered.json()).toMatchObject({
    errors: [
      { field: "name", message: "is missing" },
      { field: "password", message: "is missing" },
    ],
  });
});

test("ids that are none, and things that are not there, are told apart", async () => {
  const api = await anApi();
  expect((await api.call("GET", "/leads/..%2F..%2Fetc")).status).toBe(422);
  expect((await api.call("GET", "/leads/lead_00000000-0000-7000-8000-000000000000")).json()).toEqual(
    problem(404, "not_found"),
  );
  expect((await api.call("GET", "/destinations/nowhere")).json()).toEqual(problem(404, "not_found"));
  expect((await api.call("GET", "/no/such/route")).json()).toEqual(problem(404, "not_found"));
});

test("a failure nobody expected is told without a word of what it was", async () => {
  const api = await anApi();
  api.gateway.ledger.forms = () => Promise.reject(new Error("secret detail"));
  const answered = await api.call("GET", "/forms");
  expect(answered.json()).toEqual(problem(500, "internal"));
  expect(answered.text).not.toContain("secret detail");
});

test("a ledger that cannot be used is told as such, with a time to come back", async () => {
  const { LedgerUnavailable } = await import("../../src/model/errors.ts");
  const api = await anApi();
  api.gateway.ledger.forms = () => Promise.reject(new LedgerUnavailable("The disk is full."));
  const answered = await api.call("GET", "/forms");
  expect([answered.status, answered.headers.get("retry-after")]).toEqual([503, "5"]);
});
