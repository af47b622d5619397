-- What came of looking for delivered leads at their destinations. Nothing here says anything of a person.

-- Deliveries that are on record as delivered and were not seen there. A row goes when the lead is sent again, seen or erased.
CREATE TABLE missing (
  lead_id     TEXT NOT NULL,
  destination TEXT NOT NULL,
  found_at    INTEGER NOT NULL, -- when it was first not seen
  run         TEXT NOT NULL, -- the verification that did not see it last
  PRIMARY KEY (lead_id, destination)
) STRICT, WITHOUT ROWID;
CREATE INDEX missing_by_destination ON missing (destination, lead_id);
CREATE INDEX missing_by_run ON missing (run, lead_id, destination);

CREATE TABLE verifications (
  id          TEXT PRIMARY KEY,
  destination TEXT, -- NULL: all
  since       INTEGER,
  until       INTEGER NOT NULL,
  repair      INTEGER NOT NULL,
  state       TEXT NOT NULL, -- reading, repairing, complete, stopped
  actor_type  TEXT NOT NULL,
  actor_name  TEXT NOT NULL,
  started_at  INTEGER NOT NULL,
  ended_at    INTEGER,
  reached     TEXT, -- leads up to this one are judged
  counts      TEXT NOT NULL -- JSON
) STRICT, WITHOUT ROWID;
CREATE INDEX verifications_by_time ON verifications (started_at);
