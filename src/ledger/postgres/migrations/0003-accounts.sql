-- Who may sign in to the console, and with what scripts may call the API. Secrets are kept as hashes only.
CREATE TABLE people (
  id            text COLLATE "C" PRIMARY KEY,
  email         text COLLATE "C" NOT NULL UNIQUE,
  name          text NOT NULL,
  role          text NOT NULL,
  password_hash text NOT NULL,
  created_at    bigint NOT NULL,
  last_seen_at  bigint
);

-- person: NULL for the built-in owner; proof: by what they signed in.
CREATE TABLE sessions (
  hash       text COLLATE "C" PRIMARY KEY,
  person     text COLLATE "C",
  proof      text NOT NULL,
  created_at bigint NOT NULL,
  expires_at bigint NOT NULL
);
CREATE INDEX sessions_by_person ON sessions (person);

CREATE TABLE sign_in_links (
  hash       text COLLATE "C" PRIMARY KEY,
  expires_at bigint NOT NULL
);

CREATE TABLE api_tokens (
  id           text COLLATE "C" PRIMARY KEY,
  name         text NOT NULL,
  scopes       text NOT NULL,
  hash         text NOT NULL,
  created_at   bigint NOT NULL,
  created_by   text NOT NULL,
  last_used_at bigint
);
