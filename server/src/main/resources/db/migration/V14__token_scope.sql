-- The accounts that a token is for, where it is not for all that its user may spend of: that user,
-- or organizations. What it may do there stands here, and its own "permissions" are empty then, so
-- that a release which does not read this refuses the token rather than let it go everywhere.
CREATE TABLE token_scope (
  token ${bigint} NOT NULL REFERENCES token (id),
  account ${bigint} NOT NULL REFERENCES account (id),
  permissions TEXT NOT NULL,
  PRIMARY KEY (token, account)
)${strict};
