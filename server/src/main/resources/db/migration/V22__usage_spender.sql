-- In whose name a wallet's credit was spent: the member (0 where the wallet's owner did), the resource
-- group (0 for none) and the token. Calls that earlier releases took in tell none of it.
ALTER TABLE usage_call ADD COLUMN account ${bigint} NOT NULL DEFAULT 0;

ALTER TABLE usage_call ADD COLUMN resource_group ${bigint} NOT NULL DEFAULT 0;

ALTER TABLE usage_call ADD COLUMN token ${bigint} NOT NULL DEFAULT 0;

-- Few calls are paid by organizations, and only theirs are looked up by member.
CREATE INDEX usage_call_by_member ON usage_call (bucket, wallet, account, made_at) WHERE account <> 0;

CREATE TABLE usage_spender (
  bucket ${bigint} NOT NULL,
  wallet ${bigint} NOT NULL,
  day ${bigint} NOT NULL,
  account ${bigint} NOT NULL,
  resource_group ${bigint} NOT NULL,
  token ${bigint} NOT NULL,
  requests ${bigint} NOT NULL,
  charge ${bigint} NOT NULL,
  PRIMARY KEY (bucket, wallet, day, account, resource_group, token)
)${clustered};
