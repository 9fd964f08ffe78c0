-- Who has a node's number now: a random number of its process life while it lives, the negative of
-- one while somebody ends what a dead node left, 0 when the number is free.
ALTER TABLE node ADD COLUMN holder ${bigint} NOT NULL DEFAULT 0;

-- Numbers that rise when something has changed which every node should look at again.
CREATE TABLE bulletin (
  topic TEXT NOT NULL PRIMARY KEY,
  number ${bigint} NOT NULL
)${strict};
