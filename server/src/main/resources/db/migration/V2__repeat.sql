-- A client's own keys of calls: a second call with the same key is answered with the first. Written
-- with the hold, removed by a void. "print" tells the body that it came with; "until" is ledger time
-- in microseconds, and a row beyond it counts for nothing.
CREATE TABLE repeat (
  bucket ${bigint} NOT NULL,
  wallet ${bigint} NOT NULL,
  token ${bigint} NOT NULL,
  client_key TEXT NOT NULL,
  call ${bigint} NOT NULL,
  print TEXT NOT NULL,
  until ${bigint} NOT NULL,
  PRIMARY KEY (bucket, wallet, token, client_key)
)${strict};

CREATE INDEX repeat_by_call ON repeat (bucket, call);

CREATE INDEX repeat_by_until ON repeat (bucket, until);
