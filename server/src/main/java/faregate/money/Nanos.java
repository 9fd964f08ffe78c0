package faregate.money;

import java.math.BigDecimal;

/// An amount in nano-USD (10⁻⁹ USD). All arithmetic is exact and throws on overflow.
///
/// @param value nano-USD; may be negative where a difference is meant
public record Nanos(long value) implements Comparable<Nanos> {
  public static final Nanos ZERO = new Nanos(0);
  private static final int DIGITS = 9;

  public static Nanos of(long value) {
    return value == 0 ? ZERO : new Nanos(value);
  }

  /// Reads a plain decimal number of USD, such as `5`, `0.10` or `0.000000001`.
  ///
  /// @throws IllegalArgumentException when it is no number, has more than nine decimal places, or
  ///   is too large
  public static Nanos ofUsd(String usd) {
    try {
      return of(new BigDecimal(usd.strip()).movePointRight(DIGITS).longValueExact());
    } catch (ArithmeticException | NumberFormatException e) {
      throw new IllegalArgumentException(
          "'" + usd + "' is no amount in USD; write a plain number such as 0.10, at most 9 places",
          e);
    }
  }

  /// @throws ArithmeticException when it does not fit 64 bits
  public Nanos times(long count) {
    return new Nanos(Math.multiplyExact(value, count));
  }

  public Nanos plus(Nanos other) {
    return of(Math.addExact(value, other.value));
  }

  public Nanos minus(Nanos other) {
    return of(Math.subtractExact(value, other.value));
  }

  public Nanos atMost(Nanos bound) {
    return value <= bound.value ? this : bound;
  }

  public Nanos atLeast(Nanos bound) {
    return value >= bound.value ? this : bound;
  }

  public boolean isLessThan(Nanos other) {
    return value < other.value;
  }

  /// USD in plain decimal, without superfluous zeros: `0.0012`, `5`, `-0.000000001`.
  public String usd() {
    BigDecimal usd = BigDecimal.valueOf(value, DIGITS).stripTrailingZeros();
    return usd.scale() < 0 ? usd.setScale(0).toPlainString() : usd.toPlainString();
  }

  @Override
  public int compareTo(Nanos other) {
    return Long.compare(value, other.value);
  }

  @Override
  public String toString() {
    return "$" + usd();
  }
}
