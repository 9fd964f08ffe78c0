-- Who may ask. Times are microseconds since the epoch, ids are 64 bits.

-- One row. Every change of an account or token first adds 1 to it and stamps its own rows with the
-- result: the lock on this row makes the numbers follow each other in the order of the commits, so
-- that a node which remembers one number can ask for all that came behind it.
CREATE TABLE identity_change (
  one ${bigint} NOT NULL PRIMARY KEY,
  number ${bigint} NOT NULL,
  CHECK (one = 1)
)${strict};

INSERT INTO identity_change (one, number) VALUES (1, 0);

-- Users, and organizations when they come: both own one wallet and share the space of names.
CREATE TABLE account (
  id ${bigint} NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL UNIQUE,
  tier TEXT NOT NULL,
  wallet ${bigint} NOT NULL UNIQUE,
  created ${bigint} NOT NULL,
  changed ${bigint} NOT NULL,
  CHECK (kind IN ('user', 'organization'))
)${strict};

CREATE INDEX account_by_change ON account (changed);

-- "digest" is SHA-256 of the secret in hexadecimal; the secret itself is nowhere.
-- "expires" and "revoked" are null for never.
CREATE TABLE token (
  id ${bigint} NOT NULL PRIMARY KEY,
  digest TEXT NOT NULL UNIQUE,
  account ${bigint} NOT NULL REFERENCES account (id),
  name TEXT NOT NULL,
  permissions TEXT NOT NULL,
  clamp_output ${bigint} NOT NULL,
  created ${bigint} NOT NULL,
  expires ${bigint},
  revoked ${bigint},
  used_day ${bigint} NOT NULL,
  changed ${bigint} NOT NULL
)${strict};

CREATE INDEX token_by_change ON token (changed);

CREATE INDEX token_by_account ON token (account);
