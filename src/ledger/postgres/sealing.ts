import { randomUUID } from "node:crypto";
import { LeadkeepError } from "../../model/errors.ts";
import type { LeadId } from "../../model/id.ts";
import type { Lead } from "../../model/lead.ts";
import { toDocument } from "../lead-document.ts";
import { type LeadRow, leadOf } from "../rows.ts";
import { clearDocuments, createDocuments, type Documents } from "../sealing/documents.ts";
import { createKeyPool } from "../sealing/key-pool.ts";
import { type DataKey, type KeyRow, type MasterKeys, unwrap, wrap } from "../sealing/master-keys.ts";
import { keyIdOf, seal } from "../sealing/seal.ts";
import { checkSealing, newestLeads, noSealing, type Sealing } from "../sealing/sealing.ts";
import { columnsOf } from "./columns.ts";
import { connectDatabase, type Database, type SealedPlace, type Transaction } from "./database.ts";
import { asUnavailable } from "./postgres-error.ts";

/** Leads sealed, or keys wrapped, in one transaction. */
const atOnce = 200;

/** The schema the data keys are in: beside the ledger's, so that a dump can leave it out. */
export function keySchemaOf(schema: string): string {
  return `${schema}_keys`;
}

/**
 * Looks whether the ledger may be opened with these master keys, and turns sealing on where they are given for the first time.
 * @throws {ConfigError}, {LeadkeepError} `keys_missing`, {LedgerUnavailable}
 */
export async function agreeOnSealing(db: Database, masters: MasterKeys | null): Promise<void> {
  const way = masters === null ? db.read : db.write;
  const state = await way(async (tx) => {
    const [marker] = await tx.query<{ keys: string }>("SELECT keys FROM sealing");
    const wanted = marker?.keys ?? null;
    if (masters === null) return { wanted, found: null, masters: [], holdsNewest: true };
    const { keySchema } = sealedPlaceOf(tx);
    if (wanted === null) await makePlace(tx, keySchema, randomUUID());
    const [there] = await tx.query("SELECT to_regclass($1) IS NOT NULL AS is_there", [`"${keySchema}".keyring`]);
    if (!there?.is_there) return { wanted, found: null, masters: [], holdsNewest: true };
    const [keyring] = await tx.queryOnce<{ id: string }>(`SELECT id FROM "${keySchema}".keyring`);
    if (wanted === null)
      await tx.query("INSERT INTO sealing (one, keys) VALUES (1, $1) ON CONFLICT DO NOTHING", [keyring?.id]);
    await tx.queryOnce(
      `UPDATE "${keySchema}".data_keys SET wrapped = NULL WHERE id IN (SELECT id FROM keys_to_destroy)`,
    );
    await tx.query("DELETE FROM keys_to_destroy");
    const ids = await tx.queryOnce<{ id: string }>(`SELECT id FROM "${keySchema}".masters ORDER BY id`);
    const [newest] = await tx.query<{ id: string }>(
      `SELECT substr(document, 8, 22) AS id FROM (SELECT document FROM leads ORDER BY id DESC LIMIT ${newestLeads}) AS newest
       WHERE left(document, 7) = 'enc:v1:' LIMIT 1`,
    );
    const [key] = newest
      ? await tx.queryOnce(`SELECT 1 FROM "${keySchema}".data_keys WHERE id = $1`, [newest.id])
      : [null];
    return { wanted, found: keyring?.id ?? null, masters: ids.map(({ id }) => id), holdsNewest: key !== undefined };
  });
  checkSealing(state, masters, `${db.place} (schema "${keySchemaOf(db.schema)}")`);
}

async function makePlace(tx: Transaction, keySchema: string, id: string): Promise<void> {
  await tx.query("SELECT pg_advisory_xact_lock(hashtext($1))", [keySchema]);
  const [found] = await tx.query("SELECT to_regclass($1) IS NOT NULL AS is_there", [`"${keySchema}".keyring`]);
  if (found?.is_there) return;
  try {
    await tx.queryOnce(`CREATE SCHEMA IF NOT EXISTS "${keySchema}"`);
    await tx.queryOnce(
      `CREATE TABLE "${keySchema}".keyring (one integer PRIMARY KEY CHECK (one = 1), id text NOT NULL)`,
    );
    await tx.queryOnce(`CREATE TABLE "${keySchema}".masters (id text COLLATE "C" PRIMARY KEY)`);
    await tx.queryOnce(
      `CREATE TABLE "${keySchema}".data_keys (id text COLLATE "C" PRIMARY KEY, master text NOT NULL, wrapped text)`,
    );
    await tx.queryOnce(`INSERT INTO "${keySchema}".keyring (one, id) VALUES (1, $1)`, [id]);
  } catch (cause) {
    if (asUnavailable(cause, "") !== cause) throw cause;
    const message = `The schema "${keySchema}" for the keys of leads cannot be made. Make it, owned by the gateway's user: docs/encryption.md.`;
    throw new LeadkeepError("keys_unusable", message, { cause });
  }
}

/**
 * Takes over the keys of a ledger that is moved here: those of the keyring `id`, page after page. Resolves to how many there are.
 * @throws {LeadkeepError} `not_empty` when other keys are here
 */
export async function takeOverKeys(
  { url, schema, masters }: { url: string; schema: string; masters: MasterKeys },
  { id, pages }: { id: string; pages: Iterable<readonly KeyRow[]> },
): Promise<number> {
  const db = connectDatabase({ url, schema, poolSize: 1, masterKeys: masters });
  const keySchema = keySchemaOf(schema);
  try {
    await db.write(async (tx) => {
      await makePlace(tx, keySchema, id);
      const [keyring] = await tx.queryOnce<{ id: string }>(`SELECT id FROM "${keySchema}".keyring`);
      if (keyring?.id === id) return;
      throw new LeadkeepError("not_empty", `There are keys of another ledger in ${db.place} (schema "${keySchema}").`);
    });
    for (const page of pages) await db.write((tx) => addKeys(tx, page), { long: true });
    const { rows } = await db.run(`SELECT COUNT(*) AS n FROM "${keySchema}".data_keys`);
    return Number(rows[0]?.n);
  } finally {
    await db.close();
  }
}

function sealedPlaceOf({ sealed }: Pick<Transaction, "sealed">): SealedPlace {
  if (!sealed) throw new Error("this connection knows no master keys");
  return sealed;
}

/** How these documents are read and written again: with the keys they are sealed with, read in the same transaction. */
export async function documentsIn(tx: Transaction, rows: readonly { document: string | null }[]): Promise<Documents> {
  const ids = rows.flatMap(({ document }) => (document === null ? [] : (keyIdOf(document) ?? [])));
  return documentsBy(tx, ids);
}

/** The same with the keys of these ids. */
export async function documentsBy(tx: Transaction, ids: readonly string[]): Promise<Documents> {
  if (tx.sealed === null) return clearDocuments;
  const { keySchema, masters } = tx.sealed;
  const keys =
    ids.length === 0
      ? []
      : await tx.query<KeyRow>(`SELECT id, master, wrapped FROM "${keySchema}".data_keys WHERE id = ANY($1)`, [
          [...new Set(ids)],
        ]);
  const found = new Map(keys.map((row) => [row.id, row]));
  return createDocuments((id) => {
    const row = found.get(id);
    return row && unwrap(row, masters);
  });
}

/** Destroys the keys of leads that go, in the transaction in which they go. */
export async function destroyKeys(tx: Transaction, rows: readonly { document: string }[]): Promise<void> {
  const ids = rows.flatMap(({ document }) => keyIdOf(document) ?? []);
  if (tx.sealed === null || ids.length === 0) return;
  await tx.query(`UPDATE "${tx.sealed.keySchema}".data_keys SET wrapped = NULL WHERE id = ANY($1)`, [ids]);
}

/** What new leads are to be kept as. */
export type SealFresh = (leads: readonly Lead[]) => Promise<(lead: Lead) => string>;

/** Seals new leads by keys that are on record before them. */
export function createFreshSeals(db: Database, masters: MasterKeys | null): SealFresh {
  if (masters === null) return async () => toDocument;
  const pool = createKeyPool(masters);

  async function next(): Promise<DataKey> {
    for (;;) {
      const key = pool.take();
      if (key) return key;
      const { keys, rows } = pool.fresh();
      await db.write((tx) => addKeys(tx, rows));
      pool.keep(keys);
    }
  }

  return async (leads) => {
    const texts = new Map<Lead, string>();
    for (const lead of leads) texts.set(lead, seal(toDocument(lead), await next(), lead.id));
    return (lead) => texts.get(lead) ?? toDocument(lead);
  };
}

/** Puts keys on record, over those with the same id unless they were destroyed. */
export async function addKeys(tx: Transaction, rows: readonly KeyRow[]): Promise<void> {
  if (rows.length === 0) return;
  const { keySchema } = sealedPlaceOf(tx);
  const given = columnsOf(
    rows,
    ({ id }) => id,
    ({ master }) => master,
    ({ wrapped }) => wrapped,
  );
  await tx.query(`INSERT INTO "${keySchema}".masters (id) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING`, [
    [...new Set(rows.map(({ master }) => master))],
  ]);
  await tx.query(
    `INSERT INTO "${keySchema}".data_keys AS known (id, master, wrapped)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
     ON CONFLICT (id) DO UPDATE SET master = excluded.master, wrapped = excluded.wrapped WHERE known.wrapped IS NOT NULL`,
    given,
  );
}

export function createSealing(db: Database, masters: MasterKeys | null, sealFresh: SealFresh): Sealing {
  if (masters === null) return noSealing;
  const { current } = masters;
  const keySchema = keySchemaOf(db.schema);

  async function sealRows(tx: Transaction, rows: readonly LeadRow[]): Promise<void> {
    const leads = rows.map((row) => leadOf(row, []));
    const textOf = await sealFresh(leads);
    for (const lead of leads) {
      const document = textOf(lead);
      await tx.query("UPDATE leads SET document = $1 WHERE id = $2", [document, lead.id]);
      const [noted] = await tx.query<{ note: string }>(
        "SELECT note FROM lead_work WHERE lead_id = $1 AND note IS NOT NULL FOR UPDATE",
        [lead.id],
      );
      if (!noted) continue;
      const kept = (await documentsIn(tx, [{ document }])).keptNote({ id: lead.id, document }, noted.note);
      await tx.query("UPDATE lead_work SET note = $1 WHERE lead_id = $2", [kept, lead.id]);
    }
  }

  return {
    masters: () =>
      db.read(async (tx) =>
        (await tx.queryOnce<{ id: string }>(`SELECT id FROM "${keySchema}".masters ORDER BY id`)).map(({ id }) => id),
      ),
    counts: () =>
      db.read(
        async (tx) => {
          const text = `SELECT (SELECT COUNT(*) FROM "${keySchema}".data_keys) AS keys, (SELECT COUNT(*) FROM leads) AS leads`;
          const [row] = await tx.queryOnce<{ keys: number; leads: number }>(text);
          return row ?? { keys: 0, leads: 0 };
        },
        { long: true },
      ),
    rewrap: (after) =>
      db.write(async (tx) => {
        const rows = await tx.query<KeyRow>(
          `SELECT id, master, wrapped FROM "${keySchema}".data_keys WHERE id > $1 ORDER BY id LIMIT $2 FOR UPDATE`,
          [after ?? "", atOnce],
        );
        const others = rows.filter(({ master, wrapped }) => wrapped !== null && master !== current.id);
        await addKeys(
          tx,
          others.flatMap((row) => unwrap(row, masters) ?? []).map((key) => wrap(key, current)),
        );
        return { done: rows.length, next: rows.at(-1)?.id ?? null };
      }),
    forgetMasters: () =>
      db.write(
        async (tx) => {
          await tx.query(
            `DELETE FROM "${keySchema}".masters AS known WHERE id <> $1 AND NOT EXISTS (
               SELECT 1 FROM "${keySchema}".data_keys WHERE wrapped IS NOT NULL AND master = known.id)`,
            [current.id],
          );
          return (await tx.query<{ id: string }>(`SELECT id FROM "${keySchema}".masters ORDER BY id`)).map(
            ({ id }) => id,
          );
        },
        { long: true },
      ),
    sealOld: (after) =>
      db.write(
        async (tx) => {
          const rows = await tx.query<LeadRow>("SELECT * FROM leads WHERE id > $1 ORDER BY id LIMIT $2 FOR UPDATE", [
            after ?? "",
            atOnce,
          ]);
          await sealRows(
            tx,
            rows.filter(({ state, document }) => state !== "erased" && keyIdOf(document) === null),
          );
          return { done: rows.length, next: (rows.at(-1)?.id as LeadId | undefined) ?? null };
        },
        { long: true },
      ),
    holdsClear: () =>
      db.read(async (tx) => {
        const [first] = await tx.query<{ document: string }>(
          "SELECT document FROM leads WHERE state <> 'erased' ORDER BY id LIMIT 1",
        );
        return first !== undefined && keyIdOf(first.document) === null;
      }),
  };
}
