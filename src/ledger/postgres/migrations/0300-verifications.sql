-- What came of looking for delivered leads at their destinations. Nothing here says anything of a person.

-- Deliveries that are on record as delivered and were not seen there. A row goes when the lead is sent again, seen or erased.
CREATE TABLE missing (
  lead_id     text COLLATE "C" NOT NULL,
  destination text COLLATE "C" NOT NULL,
  found_at    bigint NOT NULL, -- when it was first not seen
  run         text COLLATE "C" NOT NULL, -- the verification that did not see it last
  PRIMARY KEY (lead_id, destination)
);
CREATE INDEX missing_by_destination ON missing (destination, lead_id);
CREATE INDEX missing_by_run ON missing (run, lead_id, destination);

CREATE TABLE verifications (
  id          text COLLATE "C" PRIMARY KEY,
  destination text COLLATE "C", -- NULL: all
  since       bigint,
  until       bigint NOT NULL,
  repair      smallint NOT NULL,
  state       text NOT NULL, -- reading, repairing, complete, stopped
  actor_type  text NOT NULL,
  actor_name  text NOT NULL,
  started_at  bigint NOT NULL,
  ended_at    bigint,
  reached     text COLLATE "C", -- leads up to this one are judged
  counts      text NOT NULL -- JSON
) WITH (fillfactor = 50);
CREATE INDEX verifications_by_time ON verifications (started_at);
