-- Tokens of captchas whose provider has to be asked, each until that is settled.
CREATE TABLE captcha_checks (
  lead_id TEXT PRIMARY KEY,
  captcha TEXT NOT NULL,
  token   TEXT NOT NULL,
  tries   INTEGER NOT NULL,
  due_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
