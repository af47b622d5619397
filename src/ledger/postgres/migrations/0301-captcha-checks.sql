-- Tokens of captchas whose provider has to be asked, each until that is settled.
CREATE TABLE captcha_checks (
  lead_id text COLLATE "C" PRIMARY KEY,
  captcha text NOT NULL,
  token   text NOT NULL,
  tries   integer NOT NULL,
  due_at  bigint NOT NULL
);
