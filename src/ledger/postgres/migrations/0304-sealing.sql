-- By which keys leads are sealed, once any is. The keys lie in a schema of their own, made when sealing is turned on.
CREATE TABLE sealing (
  one  integer PRIMARY KEY CHECK (one = 1),
  keys text NOT NULL
);

-- Keys that were to be destroyed when the ledger came here from an embedded one. Here they go in the transaction that erases.
CREATE TABLE keys_to_destroy (
  id text COLLATE "C" PRIMARY KEY,
  at bigint NOT NULL
);
