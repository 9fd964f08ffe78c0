package faregate.gateway;

import faregate.catalog.Catalog;
import faregate.health.Health;
import faregate.http.Upstream;
import faregate.kit.Clock;
import faregate.ledger.Ledger;
import faregate.routing.Again;
import faregate.routing.Router;
import faregate.secret.ProviderKeys;
import faregate.store.Presence;
import java.util.function.Supplier;

/// The rooms that an exchange leans on.
///
/// @param settings read once per exchange, so a reload touches no call in flight
/// @param presence whether this node may send anything at all
public record Rooms(
    Ledger ledger,
    KnownKeys knownKeys,
    Allowance allowance,
    Catalog catalog,
    ProviderKeys providerKeys,
    Router router,
    Again again,
    Rates rates,
    Health health,
    Upstream upstream,
    Meters meters,
    Clock clock,
    Supplier<CallSettings> settings,
    Presence presence) {}
