-- How many calls a token may make in an hour; 0 for any number.
ALTER TABLE token ADD COLUMN requests_per_hour ${bigint} NOT NULL DEFAULT 0;

-- How far each bound has been used up, where nodes share it. The library of the room `limit` keeps
-- it; a row that has expired says nothing more, and is swept.
CREATE TABLE rate_bucket (
  id TEXT NOT NULL PRIMARY KEY,
  state ${blob},
  expires_at ${bigint}
)${strict};
