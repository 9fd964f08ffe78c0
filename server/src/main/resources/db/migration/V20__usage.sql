-- What was consumed: the ledger's ended calls, arranged for people. Amounts are nano-USD, times are
-- microseconds since the epoch, days are days since the epoch (UTC). "bucket" is a hash of the
-- wallet, 0 to 255, and comes first in every key of a wallet's rows.

-- How far each writer's batches have been taken in. It moves in the same transaction as the rows.
CREATE TABLE usage_position (
  fence ${bigint} NOT NULL PRIMARY KEY,
  seq ${bigint} NOT NULL
)${strict};

-- One row for each call that ended, voids too. A wallet's calls lie together, in order of the time
-- that their ids tell, which never changes: so a call that is told again finds its row.
CREATE TABLE usage_call (
  bucket ${bigint} NOT NULL,
  wallet ${bigint} NOT NULL,
  made_at ${bigint} NOT NULL,
  call ${bigint} NOT NULL,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  session TEXT NOT NULL,
  reason TEXT NOT NULL,
  posted ${bigint} NOT NULL,
  estimated ${bigint} NOT NULL,
  charge ${bigint} NOT NULL,
  input_tokens ${bigint} NOT NULL,
  cached_tokens ${bigint} NOT NULL,
  output_tokens ${bigint} NOT NULL,
  millis ${bigint} NOT NULL,
  PRIMARY KEY (bucket, wallet, made_at, call)
)${clustered};

CREATE TABLE usage_sum (
  bucket ${bigint} NOT NULL,
  wallet ${bigint} NOT NULL,
  day ${bigint} NOT NULL,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  requests ${bigint} NOT NULL,
  voided ${bigint} NOT NULL,
  estimated ${bigint} NOT NULL,
  charge ${bigint} NOT NULL,
  input_tokens ${bigint} NOT NULL,
  cached_tokens ${bigint} NOT NULL,
  output_tokens ${bigint} NOT NULL,
  millis ${bigint} NOT NULL,
  PRIMARY KEY (bucket, wallet, day, provider, model)
)${clustered};

-- Only of calls that named a session; the rest is what the sums of the day have beyond these.
CREATE TABLE usage_session (
  bucket ${bigint} NOT NULL,
  wallet ${bigint} NOT NULL,
  day ${bigint} NOT NULL,
  session TEXT NOT NULL,
  requests ${bigint} NOT NULL,
  charge ${bigint} NOT NULL,
  PRIMARY KEY (bucket, wallet, day, session)
)${clustered};
