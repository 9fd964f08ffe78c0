package faregate.operator;

import faregate.catalog.Catalog;
import faregate.identity.Identities;
import faregate.kit.Clock;
import faregate.kit.NearNames;
import faregate.kit.RandomSource;
import faregate.ledger.Ledger;
import faregate.ledger.LedgerReads;
import faregate.secret.ProviderKeys;
import faregate.store.Database;
import faregate.usage.Usage;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/// All that an operator can ask for, by name.
public final class Operations {
  /// Does nothing, but shows that a Faregate is there which knows the credential.
  public static final String PING = "ping";

  private static final String PONG = "faregate";

  private final Map<String, Operation> byName = new TreeMap<>();

  /// Everything there is.
  ///
  /// @param reload reads configuration and catalogue again; throws a [Refusal] when it cannot
  public static Operations of(
      Database database,
      Catalog catalog,
      Identities identities,
      Ledger ledger,
      LedgerReads reads,
      Usage usage,
      ProviderKeys providerKeys,
      Purse purse,
      Clock clock,
      RandomSource random,
      Runnable reload) {
    Operations operations = new Operations().add(PING, _ -> Map.of(PING, PONG));
    new UserOperations(identities, purse).addTo(operations);
    new OrganizationOperations(identities, purse).addTo(operations);
    new TokenOperations(identities, clock).addTo(operations);
    new MoneyOperations(identities, ledger, reads, usage, purse, random).addTo(operations);
    new KeyOperations(identities, catalog, providerKeys).addTo(operations);
    new ReconcileOperations(database, catalog, ledger).addTo(operations);
    new HouseOperations(database, catalog, reload).addTo(operations);
    return operations;
  }

  /// Whether this is what [#PING] answers.
  public static boolean isPong(JsonNode answer) {
    return answer.path(PING).asString("").equals(PONG);
  }

  /// @throws IllegalArgumentException when a name is taken
  public Operations add(String name, Operation operation) {
    if (byName.putIfAbsent(name, operation) != null) {
      throw new IllegalArgumentException("there are two operations called " + name);
    }
    return this;
  }

  /// @throws Refusal when there is no such operation, or it cannot be done
  public JsonNode run(String name, JsonNode arguments) {
    Operation operation = byName.get(name);
    if (operation == null) {
      throw Refusal.badInput(
          "There is no operation '%s'.%s Known are: %s."
              .formatted(
                  name, NearNames.of(name, byName.keySet()), String.join(", ", byName.keySet())));
    }
    return Wire.tree(operation.run(new Arguments(arguments)));
  }
}
