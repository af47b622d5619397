-- What people ask of the record: pages of leads, counts, and how it went hour by hour.

-- Lists run newest first by id, which begins with the time.
CREATE INDEX leads_by_person ON leads (person, id) WHERE person IS NOT NULL;
CREATE INDEX leads_set_apart ON leads (state, id) WHERE state <> 'active';
CREATE INDEX deliveries_waiting ON deliveries (destination, lead_id, tag) 
  WHERE state = 'pending' AND tries >= 0;
CREATE INDEX deliveries_ended ON deliveries (state, destination, lead_id, tag)
  WHERE state IN ('dead', 'withheld', 'cancelled') AND tries >= 0;
CREATE INDEX lead_work_by_stage ON lead_work (stage, lead_id);
CREATE INDEX lead_work_by_assignee ON lead_work (assignee, lead_id) WHERE assignee IS NOT NULL;
CREATE INDEX acts_by_subject ON acts (subject);

-- Sums. Each has several parts, and a connection adds to one of them: transactions on other connections, of this machine or
-- another, need not wait for it. A part may be below zero; what counts is all parts together.

CREATE TABLE lead_tallies (
  part   smallint NOT NULL,
  hour   bigint NOT NULL,
  form   text COLLATE "C" NOT NULL,
  source text COLLATE "C" NOT NULL,
  count  bigint NOT NULL,
  PRIMARY KEY (hour, form, source, part)
) WITH (fillfactor = 50);
CREATE INDEX lead_tallies_by_source ON lead_tallies (source, hour);

-- Which leads an hour has: where a list has to look for a date.
CREATE TABLE lead_hours (
  part     smallint NOT NULL,
  hour     bigint NOT NULL,
  first_id text COLLATE "C" NOT NULL,
  last_id  text COLLATE "C" NOT NULL,
  PRIMARY KEY (hour, part)
) WITH (fillfactor = 50);

CREATE TABLE lead_counts (
  part    smallint NOT NULL,
  form    text COLLATE "C" NOT NULL,
  state   text COLLATE "C" NOT NULL,
  count   bigint NOT NULL,
  last_at bigint NOT NULL,
  PRIMARY KEY (form, state, part)
) WITH (fillfactor = 50);

CREATE TABLE attempt_tallies (
  part        smallint NOT NULL,
  hour        bigint NOT NULL,
  destination text COLLATE "C" NOT NULL,
  outcome     text COLLATE "C" NOT NULL,
  wait        bigint NOT NULL, -- 0: beyond the last bound, or not delivered
  count       bigint NOT NULL,
  duration_ms bigint NOT NULL,
  PRIMARY KEY (hour, destination, outcome, wait, part)
) WITH (fillfactor = 50);

-- Delivered ones are counted as they arrive: there are too many to count them when somebody asks.
CREATE TABLE delivered_counts (
  part        smallint NOT NULL,
  destination text COLLATE "C" NOT NULL,
  count       bigint NOT NULL,
  last_at     bigint NOT NULL,
  PRIMARY KEY (destination, part)
) WITH (fillfactor = 50);

-- How many commits of each process may have made something due. The others look here from time to time whether there are more.
CREATE TABLE changes (
  part    smallint NOT NULL,
  process text COLLATE "C" NOT NULL, -- '': those that are gone
  n       bigint NOT NULL,
  PRIMARY KEY (process, part)
) WITH (fillfactor = 50);
