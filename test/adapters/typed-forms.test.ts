import { type } from "arktype";
import * as v from "valibot";
import { afterAll, beforeAll, expect, expectTypeOf, test } from "vitest";
import * as z from "zod";
import { submit } from "../../src/adapters/shared/submit.ts";
import { defineForm, type FormInput, type FormValues, valuesOf } from "../../src/config/typed-form.ts";
import { aGateway, type TestGateway } from "../support/a-gateway.ts";

const withZod = defineForm({
  fields: z.looseObject({ email: z.email(), budget: z.coerce.number<string>().min(100, "From 100 on.") }),
});
const withValibot = defineForm({
  fields: v.looseObject({
    email: v.pipe(v.string(), v.email()),
    budget: v.pipe(v.string(), v.toNumber(), v.minValue(100)),
  }),
});
const withArkType = defineForm({ fields: type({ email: "string.email", budget: "string.numeric.parse" }) });

let leadkeep: TestGateway;

beforeAll(async () => {
  const forms = { zod: withZod, valibot: withValibot, arktype: withArkType };
  leadkeep = await aGateway({ config: { forms } });
});
afterAll(() => leadkeep.close());

test.each([
  ["zod", withZod],
  ["valibot", withValibot],
  ["arktype", withArkType],
])("%s: FormData goes in, typed values come out", async (id, form) => {
  const data = new FormData();
  data.append("email", "ada@example.com");
  data.append("budget", "1200");
  const kept = await submit(leadkeep.gateway, id, data);
  if (kept.type !== "kept") throw new Error(kept.code);
  const { lead } = await leadkeep.record(kept.leadId);
  expect(lead.formData).toMatchObject({ budget: "1200" });
  expect(valuesOf(form, lead)).toMatchObject({ email: "ada@example.com", budget: 1200 });
});

test("what is typed and what it means have their types", () => {
  expectTypeOf<FormInput<typeof withZod>>().toHaveProperty("budget").toEqualTypeOf<string>();
  expectTypeOf<FormValues<typeof withZod>>().toHaveProperty("budget").toEqualTypeOf<number>();
  expectTypeOf<FormInput<typeof withValibot>>().toHaveProperty("budget").toEqualTypeOf<string>();
  expectTypeOf<FormValues<typeof withValibot>>().toHaveProperty("budget").toEqualTypeOf<number>();
  expectTypeOf<FormInput<typeof withArkType>>().toEqualTypeOf<{ email: string; budget: string }>();
  expectTypeOf<FormValues<typeof withArkType>>().toEqualTypeOf<{ email: string; budget: number }>();
});

test("an object is checked by the compiler, and by the schema", async () => {
  const refused = await submit<typeof withZod>(leadkeep.gateway, "zod", { email: "ada@example.com", budget: "7" });
  expect(refused).toMatchObject({
    type: "refused",
    status: 422,
    errors: [{ field: "budget", message: "From 100 on." }],
  });
  // @ts-expect-error budget is typed as text
  await submit<typeof withZod>(leadkeep.gateway, "zod", { email: "ada@example.com", budget: 700 });
});

test("a form misspelt where it is defined does not compile", () => {
  // @ts-expect-error it is `origins`
  defineForm({ fields: z.object({}), origin: ["https://example.com"] });
});

test("fields that no longer fit are null", () => {
  expect(valuesOf(withZod, { formData: { email: "ada@example.com" } })).toBeNull();
});

test("the visitor's headers tell where a submission came from", async () => {
  const headers = new Headers({ referer: "https://example.com/offer?utm_source=news", "user-agent": "a browser" });
  const fields = { email: "ada@example.com", budget: "100" };
  const kept = await submit<typeof withZod>(leadkeep.gateway, "zod", fields, { headers, address: "203.0.113.7" });
  if (kept.type !== "kept") throw new Error(kept.code);
  const { lead } = await leadkeep.record(kept.leadId);
  expect(lead.attribution.parameters).toMatchObject({ utm_source: "news" });
  expect([lead.userAgent, lead.ipAddress === null]).toEqual(["a browser", false]);
});
