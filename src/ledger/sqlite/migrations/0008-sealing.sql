-- Leads whose documents are sealed. Their keys lie in a file of their own, outside of what is backed up.

-- By which keys, once any lead is sealed.
CREATE TABLE sealing (
  one  INTEGER PRIMARY KEY CHECK (one = 1),
  keys TEXT NOT NULL
) STRICT;

-- Keys of leads that are gone or erased. They are destroyed after the commit that says so, and then leave this list.
CREATE TABLE keys_to_destroy (
  id TEXT PRIMARY KEY,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER sealed_lead_goes AFTER DELETE ON leads WHEN substr(OLD.document, 1, 7) = 'enc:v1:'
BEGIN
  INSERT OR IGNORE INTO keys_to_destroy (id, at)
    VALUES (substr(OLD.document, 8, 22), CAST(unixepoch('subsec') * 1000 AS INTEGER));
END;
CREATE TRIGGER sealed_lead_is_blanked AFTER UPDATE OF document ON leads
  WHEN substr(OLD.document, 1, 7) = 'enc:v1:' AND substr(OLD.document, 1, 29) <> substr(NEW.document, 1, 29)
BEGIN
  INSERT OR IGNORE INTO keys_to_destroy (id, at)
    VALUES (substr(OLD.document, 8, 22), CAST(unixepoch('subsec') * 1000 AS INTEGER));
END;
