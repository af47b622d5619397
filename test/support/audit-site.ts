import { DatabaseSync } from "node:sqlite";
import type { Sandbox } from "../../src/sandbox/index.ts";
import type { AuditedGateway } from "./audit-gateway.ts";
import { aVisitor, type Visitor } from "./audit-visitor.ts";
import { until } from "./until.ts";

export const json = { "content-type": "application/json" };
export const urlencoded = { "content-type": "application/x-www-form-urlencoded" };

/** What scenarios of the audit work with: the gateway, the vendors behind it, and visitors who are all different. */
export type AuditSite = {
  gateway: AuditedGateway;
  sandbox: Sandbox;
  /** The ledger's file. */
  file: string;
  /** A new visitor. */
  visitor(): Visitor;
  /** The number of the newest visitor. */
  visitors(): number;
  /** Posts JSON; resolves to the lead's id, or to nonsense when none was kept. */
  post(what: string, who?: Visitor, form?: string): Promise<string>;
  /** Waits until every destination of a lead has come to an end with it, has been tried since, or takes nothing. */
  tried(lead: string, since?: number): Promise<void>;
  /** Waits, but not long, until nothing is left to do soon; some vendors ask for minutes. */
  settled(limitMs?: number): Promise<void>;
  resumeAll(): Promise<void>;
};

export function anAuditSite({ gateway, sandbox, file }: Pick<AuditSite, "gateway" | "sandbox" | "file">): AuditSite {
  let serial = 0;
  const visitor = (): Visitor => {
    serial += 1;
    return aVisitor(serial);
  };

  async function post(what: string, who = visitor(), form = "contact"): Promise<string> {
    const { body } = await gateway.ask(what, `/f/${form}`, { headers: { ...who.headers, ...json }, body: who.fields });
    return (JSON.parse(body) as { lead_id?: string }).lead_id ?? "none";
  }

  async function tried(lead: string, since = Date.now()): Promise<void> {
    const db = new DatabaseSync(file, { readOnly: true });
    const waiting = db.prepare(
      `SELECT destination FROM planned WHERE plan = (SELECT plan FROM leads WHERE id = ?1)
       EXCEPT SELECT destination FROM deliveries WHERE lead_id = ?1 AND state NOT IN ('pending', 'claimed')
       EXCEPT SELECT destination FROM attempts WHERE outcome IS NOT NULL AND started_at + duration_ms >= ?2
       EXCEPT SELECT destination FROM pauses`,
    );
    let left: unknown[] = [];
    await until(() => {
      left = waiting.all(lead, since);
      return left.length === 0;
    }, 60_000).catch((cause: unknown) => {
      throw new Error(`${lead} was not tried everywhere: ${JSON.stringify(left)}`, { cause });
    });
    db.close();
  }

  async function resumeAll(): Promise<void> {
    const { body } = await gateway.api("GET", "/destinations");
    for (const { id } of JSON.parse(body) as { id: string }[]) await gateway.api("POST", `/destinations/${id}/resume`);
  }

  async function settled(limitMs = 2_000): Promise<void> {
    const db = new DatabaseSync(file, { readOnly: true });
    const open = db.prepare(
      `SELECT COUNT(*) AS n FROM deliveries
       WHERE (state = 'claimed' OR state = 'pending' AND due_at < ?) AND destination NOT IN (SELECT destination FROM pauses)`,
    );
    await until(() => open.get(Date.now() + 500)?.n === 0, limitMs).catch(() => {});
    db.close();
  }

  return { gateway, sandbox, file, visitor, visitors: () => serial, post, tried, settled, resumeAll };
}

/** The id of a lead's delivery to the webhook. */
export function deliveryOf(lead: string): string {
  return `dlv_${lead.slice("lead_".length)}_webhook`;
}
