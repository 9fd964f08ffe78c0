-- The ledger. Amounts are nano-USD, times are microseconds since the epoch, ids are 64 bits.
-- "bucket" is a hash of the wallet, 0 to 255, fixed for ever: on a database with shards it comes
-- first in every key (${shard} is "bucket, " there); SQLite keeps its integer keys.

CREATE TABLE node (
  number ${bigint} NOT NULL PRIMARY KEY,
  beat ${bigint} NOT NULL,
  ids ${bigint} NOT NULL
)${strict};

CREATE TABLE fence (
  bucket ${bigint} NOT NULL,
  node ${bigint} NOT NULL,
  epoch ${bigint} NOT NULL,
  seq ${bigint} NOT NULL,
  stored_at ${bigint} NOT NULL,
  PRIMARY KEY (bucket, node)
)${strict};

-- "total" is the sum of what transfers brought; "granted" is what of it may be used. They differ
-- only where a target lowers the lot.
CREATE TABLE lot (
  bucket ${bigint} NOT NULL,
  id ${bigint} NOT NULL,
  wallet ${bigint} NOT NULL,
  kind TEXT NOT NULL,
  total ${bigint} NOT NULL,
  granted ${bigint} NOT NULL,
  pending ${bigint} NOT NULL,
  posted ${bigint} NOT NULL,
  target ${bigint},
  starts ${bigint} NOT NULL,
  expires ${bigint} NOT NULL,
  ref TEXT NOT NULL,
  PRIMARY KEY (${shard}id),
  CHECK (pending >= 0),
  CHECK (posted >= 0),
  CHECK (pending + posted <= granted),
  CHECK (granted <= total)
)${strict};

CREATE INDEX lot_by_wallet ON lot (bucket, wallet);

-- Open holds only: a row goes when its hold ends.
CREATE TABLE hold (
  bucket ${bigint} NOT NULL,
  id ${bigint} NOT NULL,
  wallet ${bigint} NOT NULL,
  node ${bigint} NOT NULL,
  deadline ${bigint} NOT NULL,
  held ${bigint} NOT NULL,
  print ${bigint} NOT NULL,
  ref TEXT NOT NULL,
  legs ${blob} NOT NULL,
  mark_charge ${bigint},
  mark_facts ${blob},
  PRIMARY KEY (${shard}id)
)${strict};

-- One row for each hold that ended. "adjusted" is what a late bill made of the charge.
CREATE TABLE finished (
  bucket ${bigint} NOT NULL,
  id ${bigint} NOT NULL,
  wallet ${bigint} NOT NULL,
  held ${bigint} NOT NULL,
  charge ${bigint} NOT NULL,
  loss ${bigint} NOT NULL,
  estimated ${bigint} NOT NULL,
  reason TEXT NOT NULL,
  print ${bigint} NOT NULL,
  ref TEXT NOT NULL,
  legs ${blob} NOT NULL,
  facts ${blob} NOT NULL,
  ended_at ${bigint} NOT NULL,
  fence ${bigint} NOT NULL,
  seq ${bigint} NOT NULL,
  adjusted ${bigint},
  revision ${bigint},
  PRIMARY KEY (${shard}id),
  CHECK (charge >= 0),
  CHECK (charge <= held)
)${strict};

-- Appended to in order, so cheap; an index by wallet would not be.
CREATE INDEX finished_by_seq ON finished (fence, seq);

CREATE TABLE transfer (
  bucket ${bigint} NOT NULL,
  wallet ${bigint} NOT NULL,
  ref TEXT NOT NULL,
  kind TEXT NOT NULL,
  amount ${bigint} NOT NULL,
  lot ${bigint},
  call ${bigint},
  legs ${blob} NOT NULL,
  reason TEXT NOT NULL,
  made_at ${bigint} NOT NULL,
  PRIMARY KEY (${shard}wallet, ref)
)${strict};

-- Losses and exposures of the operator: appended, summed on read, never a balance.
CREATE TABLE incident (
  bucket ${bigint} NOT NULL,
  id ${bigint} NOT NULL,
  wallet ${bigint} NOT NULL,
  call ${bigint} NOT NULL,
  kind TEXT NOT NULL,
  amount ${bigint} NOT NULL,
  reason TEXT NOT NULL,
  made_at ${bigint} NOT NULL,
  PRIMARY KEY (${shard}id)
)${strict};
