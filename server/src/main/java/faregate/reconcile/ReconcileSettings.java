package faregate.reconcile;

import java.time.Duration;

/// What an operator may set of late bills.
///
/// @param every how often providers are asked
/// @param giveUp how long after a call's end its provider is asked about it
public record ReconcileSettings(Duration every, Duration giveUp) {
  public ReconcileSettings {
    if (every.compareTo(Duration.ofMillis(100)) < 0) {
      throw new IllegalArgumentException("every " + every + " is too often; take 1s or more");
    }
    if (giveUp.compareTo(every) < 0) {
      throw new IllegalArgumentException("give_up " + giveUp + " is shorter than every " + every);
    }
  }

  public static ReconcileSettings defaults() {
    return new ReconcileSettings(Duration.ofMinutes(1), Duration.ofDays(2));
  }
}
