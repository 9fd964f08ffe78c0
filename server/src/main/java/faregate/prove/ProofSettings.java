package faregate.prove;

import faregate.kit.Secret;
import faregate.store.NodeSettings;
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

  private static final int NODES_MAX = 16;
  private static final Duration LEAST = Duration.ofSeconds(5);
  private static final Duration MOST = Duration.ofHours(24);

  private static final Duration USUAL = Duration.ofMinutes(2);

  /// From here on there is time enough to wait for an operator's own deaths.
  private static final Duration LONG = Duration.ofMinutes(5);

  private static final NodeSettings QUICK =
      new NodeSettings(Duration.ofMillis(500), Duration.ofSeconds(4), Duration.ofSeconds(6));

  public ProofSettings {
    if (nodes < 1 || nodes > NODES_MAX) {
      throw new IllegalArgumentException("--nodes " + nodes + " is not between 1 and " + NODES_MAX);
    }
    if (store == Store.SQLITE && nodes != 1) {
      throw new IllegalArgumentException("a SQLite file belongs to one node: leave --nodes out");
    }
    if (store == Store.SQLITE && database != null) {
      throw new IllegalArgumentException(
          "--database names a PostgreSQL: leave it out, or take --store postgres");
    }
    if (load.compareTo(LEAST) < 0) {
      throw new IllegalArgumentException(
          "--minutes is too short to harm anything; take 0.1 or more");
    }
    if (load.compareTo(MOST) > 0) {
      throw new IllegalArgumentException("--minutes is more than a day; take 1440 or less");
    }
  }

  /// When a node is silent, and when it is dead: as an operator has it, but quicker in a short run,
  /// so that it sees some die.
  NodeSettings times() {
    return load.compareTo(LONG) < 0 ? QUICK : NodeSettings.DEFAULT;
  }

  /// What a gateway is told.
  String sabotageText() {
    return sabotage == null ? "none" : sabotage.text();
  }

  /// Whether everything that belongs to a proof has the time to happen: the usual length, and
  /// nothing broken on purpose.
  boolean isWhole() {
    return sabotage == null && load.compareTo(USUAL) >= 0;
  }

  /// Calls that belong to a run of this length: at least a thousand in two minutes.
  int calls() {
    return (int) (load.toSeconds() * 1_000 / 120);
  }

  /// Gateway kills that belong to a run of this length: at least five in two minutes.
  int kills() {
    return Math.max(1, (int) (load.toSeconds() * 7 / 120));
  }

  /// How many things can be harmed in this time so that what follows from one is still seen.
  int mishaps() {
    return (int) load.toSeconds() / 2;
  }
}
