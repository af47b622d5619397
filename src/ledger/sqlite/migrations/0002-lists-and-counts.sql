-- What people ask of the record: pages of leads, counts, and how it went hour by hour.

-- Lists run newest first by id, which begins with the time.
CREATE INDEX leads_by_person ON leads (person, id) WHERE person IS NOT NULL;
CREATE INDEX leads_set_apart ON leads (state, id) WHERE state <> 'active';
CREATE INDEX deliveries_by_state ON deliveries (state, destination, lead_id)
  WHERE state IN ('pending', 'dead', 'withheld', 'cancelled');
CREATE INDEX deliveries_by_cause ON deliveries (destination, reason_code, reason_message, reason_status, lead_id)
  WHERE state = 'dead';
CREATE INDEX lead_work_by_stage ON lead_work (stage, lead_id);
CREATE INDEX lead_work_by_assignee ON lead_work (assignee, lead_id) WHERE assignee IS NOT NULL;
CREATE INDEX acts_by_subject ON acts (subject);

-- What is added to a row here is summed up in memory first and written once before each commit: see sums.ts.
CREATE TABLE lead_tallies (
  hour INTEGER NOT NULL,
  form TEXT NOT NULL,
  source TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (hour, form, source)
) STRICT, WITHOUT ROWID;
CREATE INDEX lead_tallies_by_source ON lead_tallies (source, hour);

-- Which leads an hour has: where a list has to look for a date.
CREATE TABLE lead_hours (
  hour INTEGER PRIMARY KEY,
  first_id TEXT NOT NULL,
  last_id TEXT NOT NULL,
  last_seq INTEGER NOT NULL
) STRICT;

CREATE TABLE lead_counts (
  form TEXT NOT NULL,
  state TEXT NOT NULL,
  count INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  PRIMARY KEY (form, state)
) STRICT, WITHOUT ROWID;

CREATE TABLE attempt_tallies (
  hour INTEGER NOT NULL,
  destination TEXT NOT NULL,
  outcome TEXT NOT NULL,
  wait INTEGER NOT NULL, -- 0: beyond the last bound, or not delivered
  count INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL,
  PRIMARY KEY (hour, destination, outcome, wait)
) STRICT, WITHOUT ROWID;

-- Delivered ones are counted as they arrive: there are too many to count them when somebody asks.
CREATE TABLE delivered_counts (
  destination TEXT PRIMARY KEY,
  count INTEGER NOT NULL,
  last_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Changes that are rare, wherever they come from. They may come before the row they take from was written: so they all add.
CREATE TRIGGER lead_changes_state AFTER UPDATE OF state ON leads WHEN OLD.state <> NEW.state
BEGIN
  INSERT INTO lead_counts (form, state, count, last_at)
    VALUES (OLD.form, OLD.state, -1, OLD.received_at), (NEW.form, NEW.state, 1, NEW.received_at)
    ON CONFLICT (form, state) DO UPDATE SET count = count + excluded.count, last_at = MAX(last_at, excluded.last_at);
END;
CREATE TRIGGER lead_goes AFTER DELETE ON leads
BEGIN
  INSERT INTO lead_counts (form, state, count, last_at) VALUES (OLD.form, OLD.state, -1, OLD.received_at)
    ON CONFLICT (form, state) DO UPDATE SET count = count - 1;
END;
CREATE TRIGGER delivered_goes AFTER DELETE ON deliveries WHEN OLD.state = 'delivered' AND OLD.tag = ''
BEGIN
  INSERT INTO delivered_counts (destination, count, last_at) VALUES (OLD.destination, -1, 0)
    ON CONFLICT (destination) DO UPDATE SET count = count - 1;
END;
