import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { DeliveryContext, RemoteCopy } from "../../src/model/destination.ts";
import { deliveryIdOf, isLeadId } from "../../src/model/id.ts";
import type { Lead } from "../../src/model/lead.ts";
import type { Outcome } from "../../src/model/outcome.ts";
import { aPerson, type TestGateway } from "../support/a-gateway.ts";
import { aForm, aHubSpot, type TestHubSpot } from "../support/a-hubspot.ts";
import { aLead } from "../support/a-lead.ts";
import { until } from "../support/until.ts";

let hubspot: TestHubSpot;

beforeEach(async () => {
  hubspot = await aHubSpot();
  await hubspot.setUp();
});

afterEach(() => hubspot.close());

type Options = Parameters<TestHubSpot["destination"]>[0];
const everything: Options = { deal: { stage: "appointmentscheduled" }, note: true };
const settings = (changes: object) => Object.assign(hubspot.vendor.settings, changes);
const calls = (ending: string) => hubspot.vendor.received.filter(({ path }) => path.endsWith(ending));

function aCopy(lead: Pick<Lead, "id" | "receivedAt">, changes: Partial<RemoteCopy> = {}): RemoteCopy {
  const createdBy = deliveryIdOf(lead.id, "hubspot");
  return {
    leadId: lead.id,
    createdBy,
    receivedAt: lead.receivedAt,
    ref: null,
    progress: null,
    uncertain: false,
    ...changes,
  };
}

/** A lead that arrived: what is on record of it afterwards. */
async function arrived(lead: Lead, options: Options = everything): Promise<RemoteCopy> {
  const destination = hubspot.destination(options);
  const { outcome } = await hubspot.ask((context) => outcomeOf(destination.deliver([{ lead, context }])));
  if (outcome.type !== "delivered") throw new Error(JSON.stringify(outcome));
  return aCopy(lead, { ref: outcome.ref ?? null });
}

/** A lead whose first attempt was its last, since the answer to call `lost` did not come: what is on record of it. */
async function tried(lead: Lead, options: Options, lost: number): Promise<RemoteCopy> {
  const destination = hubspot.destination(options);
  const lossy = losing(lost);
  const copy = aCopy(lead);
  await hubspot.ask(async (context) => {
    const outcome = await outcomeOf(destination.deliver([{ lead, context: lossy(context) }]));
    Object.assign(copy, { progress: context.progress, uncertain: outcome.type === "uncertain" });
    return { type: "delivered" };
  });
  return copy;
}

/** Loses the answer to one call, counted from 0, after HubSpot did what it asked for. */
function losing(call: number): (context: DeliveryContext) => DeliveryContext {
  let made = 0;
  return (context) => ({
    ...context,
    fetch: (url, init) => {
      if (made === call) hubspot.vendor.setFault({ type: "reset", when: "after", times: 1 });
      made += 1;
      return context.fetch(url, init);
    },
  });
}

async function outcomeOf(outcomes: ReturnType<ReturnType<TestHubSpot["destination"]>["deliver"]>): Promise<Outcome> {
  const [outcome] = (await outcomes).values();
  if (!outcome) throw new Error("no outcome");
  return outcome;
}

function erase(copy: RemoteCopy, options: Options = everything) {
  const destination = hubspot.destination(options);
  return hubspot.ask((context) => destination.erase?.(copy, context));
}

describe("an erasure", () => {
  test("deletes the contact for good, with the lead's deal and note, and HubSpot blocks the address", async () => {
    const copy = await arrived(aLead({ email: "ada@example.com" }));
    expect(hubspot.counts()).toEqual([1, 1, 1, 0]);
    expect((await erase(copy)).outcome).toEqual({ type: "delivered", ref: copy.ref });
    expect(hubspot.counts()).toEqual([0, 0, 0, 0]);
    expect(hubspot.crm().isBlocked("ada@example.com")).toBe(true);
  });

  test("leaves other people and what HubSpot's own users wrote alone", async () => {
    await arrived(aLead());
    const copy = await arrived(aLead());
    const others = [{ type: "contacts", id: copy.ref ?? "" }] as const;
    hubspot.crm().create("notes", { hs_note_body: "called, wants a quote" }, others);
    await erase(copy);
    expect(hubspot.counts()).toEqual([1, 1, 2, 0]);
  });

  test("of one of a person's leads takes the deals and notes of all of them, which the next one could not find any more", async () => {
    const [first, second] = [
      await arrived(aLead({ email: "ada@example.com" })),
      await arrived(aLead({ email: "ada@example.com" })),
    ];
    expect(hubspot.counts()).toEqual([1, 2, 2, 0]);
    await erase(first);
    expect(hubspot.counts()).toEqual([0, 0, 0, 0]);
    expect((await erase(second)).outcome.type).toBe("delivered");
  });

  test.each([204, 400, 404])("that comes again is fine; HubSpot may answer %i then", async (deletingNobody) => {
    settings({ deletingNobody });
    const copy = await arrived(aLead());
    for (let i = 0; i < 2; i += 1) expect((await erase(copy)).outcome.type).toBe("delivered");
  });

  // Contact; notes, their text, one deleted; deals, their text, one deleted; then the contact.
  test.each(Array.from({ length: 8 }, (_, index) => index))(
    "goes on until everything is gone when the answer to call %i is lost after HubSpot did it",
    async (call) => {
      const copy = await arrived(aLead());
      const destination = hubspot.destination(everything);
      const lossy = losing(call);
      const { outcome, tries } = await hubspot.ask((context) => destination.erase?.(copy, lossy(context)));
      expect([outcome.type, tries]).toEqual(["delivered", 2]);
      expect(hubspot.counts()).toEqual([0, 0, 0, 0]);
    },
  );

  test("of a contact that a person deleted before finds the deal and the note by the lead's id", async () => {
    settings({ searchLagMs: 0 });
    const copy = await arrived(aLead());
    hubspot.crm().remove("contacts", copy.ref ?? "");
    expect((await erase(copy)).outcome.type).toBe("delivered");
    expect(hubspot.counts()).toEqual([0, 0, 0, 0]);
    expect(calls("/gdpr-delete")).toHaveLength(1);
  });

  test("moves the contact to the recycle bin when the configuration says so", async () => {
    const copy = await arrived(aLead({ email: "ada@example.com" }));
    await erase(copy, { ...everything, erase: "archive" });
    expect(hubspot.counts()).toEqual([0, 0, 0, 0]);
    expect(calls("/gdpr-delete")).toEqual([]);
    expect(hubspot.crm().isBlocked("ada@example.com")).toBe(false);
  });

  test("is a person's task from the start when the configuration says so, and says what to delete", () => {
    const { erase, byHand } = hubspot.destination({ erase: "by-hand" });
    expect([erase, byHand]).toEqual([null, expect.stringContaining("Delete the contact for good in HubSpot")]);
  });

  test("without the scope for it pauses the lane, and the reason names the scope", async () => {
    const copy = await arrived(aLead(), {});
    settings({ scopes: ["crm.objects.contacts.read"] });
    expect((await erase(copy, {})).outcome).toMatchObject({
      type: "blocked",
      reason: { code: "missing_scope", message: expect.stringContaining("crm.objects.contacts.write") },
    });
    expect(hubspot.counts()[0]).toBe(1);
  });

  test("needs no right to deals where no deals are opened", async () => {
    const copy = await arrived(aLead(), { note: true });
    settings({ scopes: ["crm.objects.contacts.read", "crm.objects.contacts.write"] });
    expect((await erase(copy, { note: true })).outcome.type).toBe("delivered");
    expect(hubspot.counts()).toEqual([0, 0, 0, 0]);
  });

  test("that the account does not allow is a dead letter with the cure, and leads go on", async () => {
    const copy = await arrived(aLead(), {});
    const body = JSON.stringify({ status: "error", category: "FORBIDDEN", message: "no" });
    const destination = hubspot.destination();
    const { outcome } = await hubspot.ask((context) =>
      destination.erase?.(copy, {
        ...context,
        fetch: async (url, init) =>
          String(url).endsWith("/gdpr-delete") ? new Response(body, { status: 403 }) : context.fetch(url, init),
      }),
    );
    expect(outcome).toMatchObject({ type: "rejected", reason: { message: expect.stringContaining('"archive"') } });
  });

  test.each([429, 503])("waits when HubSpot answers %i, and says no more than that", async (status) => {
    const copy = await arrived(aLead());
    hubspot.vendor.setFault({ type: "status", status, times: 3 });
    const { outcome, tries } = await erase(copy);
    expect([outcome.type, tries]).toEqual(["delivered", 4]);
    expect(hubspot.counts()).toEqual([0, 0, 0, 0]);
  });
});

describe("the erasure of a lead of which it is not known whether it arrived", () => {
  test("finds the contact by the lead's id, once search shows it", async () => {
    const copy = await tried(aLead(), {}, 2);
    expect([hubspot.counts()[0], copy.uncertain, copy.progress]).toEqual([1, true, null]);
    expect((await erase(copy, {})).outcome.type).toBe("delivered");
    expect(hubspot.counts()).toEqual([0, 0, 0, 0]);
  });

  test("finds the deal by the contact when it is known", async () => {
    const copy = await tried(aLead(), everything, 4);
    expect(hubspot.counts()).toEqual([1, 1, 0, 0]);
    expect((await erase(copy)).outcome.type).toBe("delivered");
    expect(hubspot.counts()).toEqual([0, 0, 0, 0]);
  });

  test("finds the contact HubSpot made of a form submission by the address the form still holds", async () => {
    const lead = aLead({ email: "o'hara+x@example.com", receivedAt: Date.now() });
    await arrived(aLead({ receivedAt: Date.now() }), { form: aForm });
    const copy = await tried(lead, { form: aForm }, 1);
    expect(hubspot.counts()).toEqual([2, 0, 0, 2]);
    expect((await erase(copy, { form: aForm })).outcome.type).toBe("delivered");
    expect(hubspot.counts()).toEqual([1, 0, 0, 1]);
    expect(hubspot.crm().isBlocked("o'hara+x@example.com")).toBe(true);
  });

  test("comes to the end that nothing is there only after search had time to show it", async () => {
    const { outcome, tries } = await erase(aCopy(aLead(), { uncertain: true }));
    expect(outcome).toEqual({ type: "delivered", warnings: ["nothing of this lead was found in HubSpot"] });
    expect(tries).toBe(2);
  });

  test("is a person's task in an account that cannot be asked for the lead's id", async () => {
    hubspot.crm().properties.contacts.delete("lead_submission_id");
    const { outcome } = await erase(aCopy(aLead(), { uncertain: true }));
    expect(outcome).toMatchObject({ type: "rejected", reason: { code: "by_hand" } });
  });

  test("takes a search that failed for nothing but that", async () => {
    const copy = await tried(aLead(), {}, 2);
    hubspot.vendor.setFault({ type: "status", status: 500, times: 2 });
    expect((await erase(copy, {})).outcome.type).toBe("delivered");
    expect(hubspot.counts()).toEqual([0, 0, 0, 0]);
  });

  test("that was never sent asks nobody", async () => {
    const before = hubspot.vendor.received.length;
    expect((await erase(aCopy(aLead()))).outcome).toEqual({ type: "delivered" });
    expect(hubspot.vendor.received.length).toBe(before);
  });
});

describe("with a gateway", () => {
  async function eraseAt({ gateway }: TestGateway, id: string) {
    if (!isLeadId(id)) throw new Error(id);
    const followUp = { destination: "hubspot", kind: "hubspot", purpose: "enquiry", reason: null } as const;
    await gateway.ledger.erase([id], {
      tombstones: [],
      now: Date.now(),
      actor: { type: "command", name: "test" },
      followUps: () => [{ ...followUp, event: "lead.erased" }],
    });
    await until(async () => {
      const { deliveries } = (await gateway.ledger.findLead(id)) ?? { deliveries: [] };
      return deliveries.some((one) => one.event === "lead.erased" && one.state === "delivered");
    });
  }

  test("an erased person is gone from HubSpot, and one who comes back is a new contact where HubSpot allows it", async () => {
    const gateway = await hubspot.start(everything);
    const fields = { email: "ada@example.com" };
    const first = await gateway.post(aPerson(fields));
    const { ref } = await gateway.delivery(first, "hubspot", "delivered");
    await eraseAt(gateway, first);
    expect(hubspot.counts()).toEqual([0, 0, 0, 0]);
    const again = await hubspot.send(gateway, fields);
    expect(again.state).toBe("delivered");
    expect(again.ref).not.toBe(ref);
  });

  test.each(["refused", "conflict"])(
    "one who comes back and is not allowed to is a dead letter: %s",
    async (recreating) => {
      settings({ recreating });
      const contact = hubspot.crm().create("contacts", { email: "ada@example.com" });
      hubspot.crm().removeForGood("id" in contact ? contact.id : "");
      const gateway = await hubspot.start({ pace: { limit: 10_000, intervalMs: 1_000 } });
      const delivery = await hubspot.send(gateway, { email: "ada@example.com" });
      expect(delivery.state).toBe("dead");
      expect(hubspot.counts()).toEqual([0, 0, 0, 0]);
    },
  );
});
