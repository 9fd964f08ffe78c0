-- Whose a payment is: the references of lots are unique in a wallet only, and one payment must not be
-- credited to two. Those booked before are taken over; "purchase:" is how their lots begin.
CREATE TABLE payment (
  ref TEXT NOT NULL PRIMARY KEY,
  wallet ${bigint} NOT NULL
)${strict};

INSERT INTO payment (ref, wallet)
SELECT substr(ref, 10), min(wallet) FROM lot WHERE ref LIKE 'purchase:%' GROUP BY ref;
