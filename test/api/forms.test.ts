import { expect, test } from "vitest";
import { anApi } from "../support/an-api.ts";

test("the code of a form that nothing has come from is there, where any id is accepted", async () => {
  const api = await anApi();
  const [form] = (await api.call("GET", "/forms?id=callback")).json<
    { id: string; leads: number; embed: { id: string; code: string }[] }[]
  >();
  expect(form).toMatchObject({ id: "callback", leads: 0 });
  expect(form?.embed.length).toBeGreaterThan(5);
  for (const { code } of form?.embed ?? []) expect(code).toContain("/f/callback");
  expect((await api.call("GET", "/forms")).json()).toEqual([]);
  expect((await api.call("GET", "/forms?id=Not%20an%20id")).status).toBe(422);
});

test("where forms are configured, an id that is not among them has no code", async () => {
  const api = await anApi({ config: { forms: { quote: {} } } });
  expect((await api.call("GET", "/forms?id=quote")).json()).toMatchObject([{ id: "quote", configured: true }]);
  expect((await api.call("GET", "/forms?id=callback")).json()).toEqual([]);
});
