-- What providers say later. Amounts are nano-USD, times are ledger time in microseconds since the
-- epoch, "bucket" is a hash of the wallet and comes first in every key of a call's rows.

-- How far each writer's endings were taken in. It moves in the same transaction as the rows.
CREATE TABLE reconcile_position (
  fence ${bigint} NOT NULL PRIMARY KEY,
  seq ${bigint} NOT NULL
)${strict};

-- Which process asks a provider, until when. Two that ask at once do no harm, only the work twice.
CREATE TABLE reconcile_lease (
  provider TEXT NOT NULL PRIMARY KEY,
  holder ${bigint} NOT NULL,
  until ${bigint} NOT NULL
)${strict};

-- A call that its provider is asked about. "state" is "waiting" until the provider tells, then
-- "billed"; "unknown" where it never told. "due" is when it is asked next.
CREATE TABLE reconcile_call (
  bucket ${bigint} NOT NULL,
  call ${bigint} NOT NULL,
  wallet ${bigint} NOT NULL,
  provider TEXT NOT NULL,
  request TEXT NOT NULL,
  ended_at ${bigint} NOT NULL,
  state TEXT NOT NULL,
  due ${bigint} NOT NULL,
  asked ${bigint} NOT NULL,
  bill ${bigint},
  billed_at ${bigint},
  PRIMARY KEY (bucket, call),
  CHECK (bill >= 0)
)${strict};

CREATE INDEX reconcile_call_by_due ON reconcile_call (provider, state, due);
