-- A ledger that is being, or was, moved here from another store. While it is under way no gateway works on this one.
CREATE TABLE transfers (
  id      text COLLATE "C" PRIMARY KEY,
  state   text NOT NULL, -- under way, verified, done
  cursors text NOT NULL -- JSON: how far each table has been copied
);
