package faregate.hub;

import faregate.catalog.Catalog;
import faregate.identity.Identities;
import faregate.ledger.LedgerReads;
import faregate.secret.ProviderKeys;
import faregate.usage.Usage;
import java.util.function.LongSupplier;

/// What the Hub's face leans on.
///
/// @param nowMicros the ledger's time: months are judged by it
public record HubRooms(
    Identities identities,
    Usage usage,
    Catalog catalog,
    ProviderKeys providerKeys,
    LedgerReads ledger,
    LongSupplier nowMicros,
    MonthlyCredit credit) {}
