package faregate.prove;

import faregate.kit.Secret;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// What a proof is to be.
///
/// @param nodes how many gateways; one on SQLite
/// @param load how long clients call and things are harmed; longer where a slow machine needs it
///   for the kills that belong to that time
/// @param seed what the harm follows from
/// @param database of a PostgreSQL to use, whose server is left alive; null for one of our own
/// @param sabotage null for none
public record ProofSettings(
    Store store,
    int nodes,
    Duration load,
    long seed,
    @Nullable Secret database,
    @Nullable Sabotage sabotage) {

  public ProofSettings {
    if (nodes < 1 || nodes > 16) {
      throw new IllegalArgumentException("--nodes " + nodes + " is not between 1 and 16");
    }
    if (store == Store.SQLITE && nodes != 1) {
      throw new IllegalArgumentException("a SQLite file belongs to one node: leave --nodes out");
    }
    if (store == Store.SQLITE && database != null) {
      throw new IllegalArgumentException(
          "--database names a PostgreSQL: leave it out, or take --store postgres");
    }
    if (load.toSeconds() < 5) {
      throw new IllegalArgumentException(
          "--minutes is too short to harm anything; take 0.1 or more");
    }
  }

  /// What a gateway is told.
  String sabotageText() {
    return sabotage == null ? "none" : sabotage.text();
  }

  /// Calls that belong to a run of this length: at least a thousand in two minutes.
  int calls() {
    return (int) (load.toSeconds() * 1_000 / 120);
  }

  /// Gateway kills that belong to a run of this length: at least five in two minutes.
  int kills() {
    return Math.max(1, (int) (load.toSeconds() * 7 / 120));
  }
}
