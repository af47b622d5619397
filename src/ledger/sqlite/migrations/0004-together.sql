-- What processes note for each other, such as whose a role is just now. Nothing here is part of the record.
CREATE TABLE together (
  name       TEXT PRIMARY KEY,
  note       TEXT NOT NULL,
  version    INTEGER NOT NULL,
  changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
