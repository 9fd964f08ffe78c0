package faregate.ledger;

import faregate.id.WalletId;

/// What is remembered of a call that ended, to answer repeats.
record Ended(WalletId wallet, long held, long print, String ref, Ending ending) {}
