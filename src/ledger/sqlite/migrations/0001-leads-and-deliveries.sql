-- Leads, the duty to deliver them, and everything that was tried. Times are epoch milliseconds.

CREATE TABLE leads (
  seq INTEGER PRIMARY KEY, -- the order of acceptance; pages are cut by it, so lists stay stable while leads arrive
  id TEXT NOT NULL UNIQUE,
  form TEXT NOT NULL,
  state TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  person TEXT, -- keyed hash
  key TEXT, -- its row in submission_keys
  plan INTEGER, -- where it is to go, see plans; null: nowhere yet, or rows of its own say so
  document TEXT NOT NULL -- with the consents given at the form
) STRICT;
CREATE INDEX leads_by_plan ON leads (plan, seq) WHERE plan IS NOT NULL;

CREATE INDEX leads_by_form ON leads (form, id);

-- Where leads go, the same for thousands of them. A lead's plan is the duty to deliver it, committed with it. A delivery has a
-- row of its own only once something has happened to it: keeping a lead then writes one row, not one per destination.
CREATE TABLE plans (
  id INTEGER PRIMARY KEY,
  text TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE planned (
  destination TEXT NOT NULL,
  plan INTEGER NOT NULL,
  kind TEXT NOT NULL,
  purpose TEXT NOT NULL,
  PRIMARY KEY (destination, plan)
) STRICT, WITHOUT ROWID;

-- How far a destination has got with new leads: up to here every planned delivery has its row.
CREATE TABLE lanes (
  destination TEXT PRIMARY KEY,
  taken INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE submission_keys (
  form TEXT NOT NULL,
  key TEXT NOT NULL,
  lead_id TEXT NOT NULL,
  PRIMARY KEY (form, key)
) STRICT, WITHOUT ROWID;

-- Consents given or withdrawn after the form. Append-only: the latest event for a purpose holds.
CREATE TABLE consents (
  lead_id TEXT NOT NULL,
  n INTEGER NOT NULL,
  purpose TEXT NOT NULL,
  action TEXT NOT NULL,
  text TEXT,
  version TEXT,
  at INTEGER NOT NULL,
  source TEXT NOT NULL,
  control TEXT,
  page_url TEXT,
  locale TEXT,
  recipients TEXT,
  form_version TEXT,
  PRIMARY KEY (lead_id, n)
) STRICT, WITHOUT ROWID;

-- One row per lead and destination to which something has happened, and one per follow-up; the id is derived from the key.
CREATE TABLE deliveries (
  lead_id TEXT NOT NULL,
  destination TEXT NOT NULL,
  tag TEXT NOT NULL DEFAULT '', -- '': the lead itself; else a follow-up, such as withdrawn-1
  kind TEXT NOT NULL,
  purpose TEXT NOT NULL,
  state TEXT NOT NULL,
  retry INTEGER NOT NULL DEFAULT 0, -- 0: never tried since it last became pending by a person; new ones go first
  due_at INTEGER,
  tries INTEGER NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0,
  first_try_at INTEGER,
  lease_until INTEGER,
  worker TEXT,
  uncertain INTEGER NOT NULL DEFAULT 0,
  superseded INTEGER NOT NULL DEFAULT 0, -- a newer lead of the same person has been delivered there meanwhile
  person TEXT,
  progress TEXT,
  reason_code TEXT,
  reason_message TEXT,
  reason_status INTEGER,
  ref TEXT,
  warnings TEXT,
  PRIMARY KEY (lead_id, destination, tag)
) STRICT, WITHOUT ROWID;

-- The hot queries read only what is due or under way, so their cost does not grow with what is done. The person is in the
-- first one so that a claim passes over people under way without reading their rows.
CREATE INDEX deliveries_due ON deliveries (destination, retry, due_at, lead_id, tag, person) WHERE state = 'pending';
CREATE INDEX deliveries_claimed ON deliveries (destination, person) WHERE state = 'claimed';
CREATE INDEX deliveries_retrying ON deliveries (destination, person) WHERE state = 'pending' AND retry = 1;
CREATE INDEX deliveries_stopped ON deliveries (state, destination, person) WHERE state IN ('dead', 'withheld', 'cancelled');

-- Written when the attempt starts, completed once when it is settled.
CREATE TABLE attempts (
  lead_id TEXT NOT NULL,
  destination TEXT NOT NULL,
  tag TEXT NOT NULL DEFAULT '',
  n INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  basis TEXT NOT NULL,
  duration_ms INTEGER,
  outcome TEXT,
  reason_code TEXT,
  reason_message TEXT,
  status INTEGER,
  PRIMARY KEY (lead_id, destination, tag, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE pauses (
  destination TEXT PRIMARY KEY,
  since INTEGER NOT NULL,
  paused_by TEXT NOT NULL,
  reason_code TEXT NOT NULL,
  reason_message TEXT NOT NULL,
  reason_status INTEGER
) STRICT, WITHOUT ROWID;

-- Leads whose deliveries changed since a destination that shows their status was last told; a later change takes a new mark.
CREATE TABLE status_marks (
  mark INTEGER PRIMARY KEY AUTOINCREMENT,
  destination TEXT NOT NULL,
  lead_id TEXT NOT NULL,
  UNIQUE (destination, lead_id)
) STRICT;

-- When a person (keyed hash) last had something from a destination that sends only one in a time.
CREATE TABLE last_delivered (
  destination TEXT NOT NULL,
  person TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (destination, person)
) STRICT, WITHOUT ROWID;

-- Every act of a person, and of the machine where it acts on its own.
CREATE TABLE acts (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  actor_type TEXT NOT NULL,
  actor_name TEXT NOT NULL,
  act TEXT NOT NULL,
  subject TEXT NOT NULL
) STRICT;

-- People who were erased, as keyed hashes, so that a replay or an import does not bring them back.
CREATE TABLE tombstones (
  person TEXT PRIMARY KEY,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- How far people have got with a lead; none: it is new, and nobody has noted anything.
CREATE TABLE lead_work (
  lead_id TEXT PRIMARY KEY,
  stage TEXT NOT NULL,
  assignee TEXT,
  note TEXT,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
