-- Keys of accounts for providers, encrypted. "ciphertext" is base64; the row's id, account and
-- provider are bound into it, so that it says nothing in another row. A key that is set anew gets a
-- new row. "changed" is in microseconds since the epoch.
CREATE TABLE provider_key (
  id ${bigint} NOT NULL PRIMARY KEY,
  account ${bigint} NOT NULL,
  provider TEXT NOT NULL,
  ciphertext TEXT NOT NULL,
  changed ${bigint} NOT NULL,
  UNIQUE (account, provider)
)${strict};
