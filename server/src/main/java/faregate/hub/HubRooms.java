package faregate.hub;

import faregate.catalog.Catalog;
import faregate.identity.Identities;
import faregate.identity.TierSettings;
import faregate.ledger.LedgerReads;
import faregate.secret.ProviderKeys;
import faregate.usage.Usage;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// What the Hub's face leans on.
///
/// @param tiers as they are set now
/// @param nowMicros the ledger's time: months are judged by it
public record HubRooms(
    Identities identities,
    Usage usage,
    Catalog catalog,
    ProviderKeys providerKeys,
    LedgerReads ledger,
    LongSupplier nowMicros,
    MonthlyCredit credit,
    Supplier<TierSettings> tiers) {}
