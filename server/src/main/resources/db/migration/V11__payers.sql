-- Who else may pay. An organization is an account of kind 'organization'; its members are users.

CREATE TABLE organization (
  account ${bigint} NOT NULL PRIMARY KEY REFERENCES account (id),
  seats ${bigint} NOT NULL,
  CHECK (seats > 0)
)${strict};

-- "role" is one of admin, write, contributor, read.
CREATE TABLE member (
  organization ${bigint} NOT NULL REFERENCES account (id),
  account ${bigint} NOT NULL REFERENCES account (id),
  role TEXT NOT NULL,
  PRIMARY KEY (organization, account)
)${strict};

CREATE INDEX member_by_account ON member (account);

CREATE TABLE resource_group (
  id ${bigint} NOT NULL PRIMARY KEY,
  organization ${bigint} NOT NULL REFERENCES account (id),
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  UNIQUE (organization, name_key)
)${strict};

CREATE TABLE group_member (
  resource_group ${bigint} NOT NULL REFERENCES resource_group (id),
  account ${bigint} NOT NULL REFERENCES account (id),
  PRIMARY KEY (resource_group, account)
)${strict};

CREATE INDEX group_member_by_account ON group_member (account);

-- The most that may be spent of a wallet in a month, by whom. "scope" is one of payg (what may be
-- spent beyond all credit), account, member, group, token; "subject" is the id of the last three,
-- else 0. "number" rises with each change.
CREATE TABLE spending_limit (
  wallet ${bigint} NOT NULL,
  scope TEXT NOT NULL,
  subject ${bigint} NOT NULL,
  amount ${bigint} NOT NULL,
  number ${bigint} NOT NULL,
  PRIMARY KEY (wallet, scope, subject),
  CHECK (amount >= 0)
)${strict};

-- Who pays where a request names nobody; null: the token's user.
ALTER TABLE token ADD COLUMN payer TEXT;
