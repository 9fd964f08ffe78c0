package faregate.hub;

import faregate.identity.Identities;
import faregate.ledger.LedgerReads;
import faregate.usage.Usage;
import java.util.function.LongSupplier;

/// What the Hub's face leans on.
///
/// @param nowMicros the ledger's time: months are judged by it
public record HubRooms(
    Identities identities,
    Usage usage,
    LedgerReads ledger,
    LongSupplier nowMicros,
    MonthlyCredit credit) {}
