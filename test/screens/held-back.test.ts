import { expect, test } from "vitest";
import { admit } from "../../src/delivery/admission.ts";
import { aConsent, aLead } from "../support/a-lead.ts";

const destination = { need: { purpose: "enquiry", basis: "consent" }, oncePerPersonMs: null } as const;
const lead = (state: "active" | "quarantined") => aLead({ state, consents: [aConsent()] });
const admitted = (event: Parameters<typeof admit>[1]["event"], state: "active" | "quarantined") =>
  admit(destination, { event, purpose: "enquiry" }, lead(state), null, 0);

test("what a lane had taken when its lead was held back is withheld right before it would leave", () => {
  expect(admitted("lead.created", "active")).toMatchObject({ type: "open" });
  expect(admitted("lead.created", "quarantined")).toMatchObject({ type: "withheld", reason: { code: "quarantined" } });
  expect(admitted("consent.granted", "quarantined")).toMatchObject({ type: "withheld" });
});

test("a removal leaves while the lead is held back, and not once it was released", () => {
  expect(admitted("lead.erased", "quarantined")).toMatchObject({ type: "open" });
  expect(admitted("lead.erased", "active")).toMatchObject({ type: "cancelled", reason: { code: "released" } });
});
