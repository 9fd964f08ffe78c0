package faregate.ledger;

import faregate.id.LotId;

/// What one hold or transfer does to one lot. Amounts in nano-USD.
///
/// @param limit whether the lot is a spending limit, which takes the whole amount beside the wallet
/// @param held what the hold set aside in this lot; 0 for a transfer
/// @param posted what its end posted there, or what a transfer brought, negative when it took
record Leg(LotId lot, boolean limit, long held, long posted) {

  Leg post(long charge) {
    return new Leg(lot, limit, held, charge);
  }
}
