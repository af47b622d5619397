import pg from "pg";

/** A delivery's step from one state to the next, as the database itself saw it. */
export type Step = {
  /** The delivery: lead, destination and tag. */
  of: string;
  from: string;
  to: string;
  /** The number of the attempt that was the latest then. */
  n: number;
  /** Epoch milliseconds by the database's clock. */
  at: number;
};

export type Witness = {
  /** Every step of every delivery, in order. */
  steps(): Promise<Step[]>;
  /** Attempts whose result was changed after it was written. */
  rewritten(): Promise<string[]>;
  close(): Promise<void>;
};

/**
 * Lets the database write down, in the transactions of whoever changes a delivery, what became of it when. So it sees what no
 * gateway can be asked for: who wrote over what. The ledger's tables have to be there.
 */
export async function callWitness(url: string): Promise<Witness> {
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  pool.on("error", () => {});
  await pool.query(`
    CREATE SCHEMA chaos;
    CREATE TABLE chaos.steps (
      seq bigint GENERATED ALWAYS AS IDENTITY, of text, from_state text, to_state text, n integer, at timestamptz);
    CREATE FUNCTION chaos.note_step() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO chaos.steps (of, from_state, to_state, n, at)
      VALUES (concat_ws(' ', NEW.lead_id, NEW.destination, NULLIF(NEW.tag, '')),
        OLD.state, NEW.state, NEW.attempts, clock_timestamp());
      RETURN NULL;
    END $$;
    CREATE TRIGGER witness AFTER UPDATE ON leadkeep.deliveries FOR EACH ROW
      WHEN ((OLD.state, OLD.attempts) IS DISTINCT FROM (NEW.state, NEW.attempts)) EXECUTE FUNCTION chaos.note_step();
    CREATE TABLE chaos.rewritten (what text);
    CREATE FUNCTION chaos.note_rewritten() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO chaos.rewritten
      VALUES (format('attempt %s of %s at %s was %s and became %s',
        NEW.n, NEW.lead_id, NEW.destination, OLD.outcome, NEW.outcome));
      RETURN NULL;
    END $$;
    CREATE TRIGGER witness AFTER UPDATE ON leadkeep.attempts FOR EACH ROW
      WHEN (OLD.outcome IS NOT NULL) EXECUTE FUNCTION chaos.note_rewritten()`);

  return {
    async steps() {
      const { rows } = await pool.query(
        `SELECT of, from_state AS "from", to_state AS "to", n, extract(epoch FROM at)::float8 * 1000 AS at
         FROM chaos.steps ORDER BY of, seq`,
      );
      return rows;
    },
    rewritten: async () => (await pool.query("SELECT what FROM chaos.rewritten")).rows.map(({ what }) => what),
    close: () => pool.end(),
  };
}
