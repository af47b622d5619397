import { expect, test } from "vitest";
import { aLead } from "../../test/support/a-lead.ts";
import { constant, field, first, join, lookup, type Mapping, mappedValue, mapping, template } from "./mapping.ts";

const lead = aLead({
  email: "ada@example.com",
  phone: "+442079460018",
  firstName: "Ada",
  company: null,
  attribution: { url: null, referrer: null, parameters: { utm_source: "google" }, from: "fields" },
  formData: {
    budget: "1,200",
    newsletter: "Yes",
    roof: ["flat", "tiles"],
    "a.b": { c: "deep" },
    empty: "",
    when: "2026-11-24T08:00Z",
  },
});

test.each<[string, Mapping, unknown]>([
  ["a field", field("email"), "ada@example.com"],
  ["a nested field", field("source.utm_source"), "google"],
  ["a form field", field("form_data.budget"), "1,200"],
  ["a name with a dot in it", field("form_data.a.b.c"), "deep"],
  ["a number with its thousands", field("form_data.budget", "number"), 1200],
  ["a yes", field("form_data.newsletter", "boolean"), true],
  ["a date", field("form_data.when", "date"), "2026-11-24"],
  ["a phone number stays text", field("phone", "e164"), "+442079460018"],
  ["options by table", field("form_data.roof", { option: { flat: "FLAT" } }), ["FLAT", "tiles"]],
  ["a list by its separator", field("form_data.budget", { split: "," }), ["1", "200"]],
  ["a constant", constant("Website"), "Website"],
  ["the first that is filled", first(field("company"), field("form_data.empty"), field("first_name")), "Ada"],
  ["a template", template("{first_name} via {source.utm_source}{company}"), "Ada via google"],
  ["a join", join([field("first_name"), field("company"), field("email")], " / "), "Ada / ada@example.com"],
  ["a lookup", lookup(field("source.utm_source"), { google: "Google Ads" }, "Other"), "Google Ads"],
  ["a lookup that misses", lookup(field("company"), { x: "y" }, "Other"), "Other"],
])("%s", (_, from, expected) => {
  expect(mapping.parse(from)).toEqual(from);
  expect(mappedValue(from, lead)).toEqual(expected);
});

test.each<[string, Mapping]>([
  ["an absent field", field("form_data.nothing")],
  ["an empty field", field("form_data.empty")],
  ["a null field", field("company")],
  ["a name of every object", field("form_data.constructor")],
  ["a number that is none", field("first_name", "number")],
  ["an empty template", template("{company}")],
  ["an empty join", join([field("company")], ",")],
])("%s has no value, so nothing empty is sent", (_, from) => {
  expect(mappedValue(from, lead)).toBeUndefined();
});

test("what is no mapping is refused", () => {
  for (const wrong of [{}, { field: "" }, { fields: "x" }, { field: "x", transforms: ["shout"] }, { first: [] }]) {
    expect(mapping.safeParse(wrong).success).toBe(false);
  }
});
