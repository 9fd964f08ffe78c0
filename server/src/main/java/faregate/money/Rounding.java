package faregate.money;

/// The one place that rounds money: upwards, once per call.
public final class Rounding {
  private static final long PICOS_PER_NANO = 1000;

  private Rounding() {}

  /// Pico-USD to nano-USD, rounded up.
  public static Nanos up(long picos) {
    return Nanos.of(Math.ceilDiv(picos, PICOS_PER_NANO));
  }

  /// How many units an amount pays for in full: floor(amount / price).
  ///
  /// @param picosPerUnit pico-USD, above 0
  public static long unitsPaidBy(Nanos amount, long picosPerUnit) {
    return amount.value() <= 0
        ? 0
        : Math.multiplyExact(amount.value(), PICOS_PER_NANO) / picosPerUnit;
  }
}
