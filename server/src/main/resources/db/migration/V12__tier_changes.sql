-- The number of the change that gave an account its tier; 0 where it has had no other one. What a
-- tier allows beyond the credit follows the highest number.
ALTER TABLE account ADD COLUMN tier_number ${bigint} NOT NULL DEFAULT 0;
