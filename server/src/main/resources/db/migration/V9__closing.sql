-- What ended calls that are kept no longer have posted in each lot, so that the lot adds up without
-- them. "bucket" is that of the lot's wallet.
CREATE TABLE closing (
  bucket ${bigint} NOT NULL,
  lot ${bigint} NOT NULL,
  wallet ${bigint} NOT NULL,
  posted ${bigint} NOT NULL,
  PRIMARY KEY (bucket, lot)
)${strict};

-- How far calls were closed: of those that were asked for before "until", in microseconds since the
-- epoch, some or all are gone. "calls" counts the gone.
CREATE TABLE closed (
  bucket ${bigint} NOT NULL PRIMARY KEY,
  until ${bigint} NOT NULL,
  calls ${bigint} NOT NULL
)${strict};

-- A late bill, and the closing, want the adjustments of one call and not all transfers of its wallet.
CREATE INDEX transfer_by_call ON transfer (bucket, call) WHERE call IS NOT NULL;
