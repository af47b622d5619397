-- What machines note for each other: roles, the paces and the health of destinations. Nothing here is part of the record.
-- Few rows, written several times a second each: room on the page lets Postgres write them in place (HOT).
CREATE TABLE together (
  name       text PRIMARY KEY,
  note       text NOT NULL,
  version    bigint NOT NULL,
  changed_at bigint NOT NULL
) WITH (fillfactor = 50);
