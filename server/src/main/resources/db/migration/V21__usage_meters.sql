-- Tokens of the prompt that were written to a cache, and tokens of the answer that were thought:
-- each is part of input_tokens or output_tokens too. Rows of earlier releases tell none.
ALTER TABLE usage_call ADD COLUMN cache_write_tokens ${bigint} NOT NULL DEFAULT 0;

ALTER TABLE usage_call ADD COLUMN reasoning_tokens ${bigint} NOT NULL DEFAULT 0;

ALTER TABLE usage_sum ADD COLUMN cache_write_tokens ${bigint} NOT NULL DEFAULT 0;

ALTER TABLE usage_sum ADD COLUMN reasoning_tokens ${bigint} NOT NULL DEFAULT 0;
