package faregate.hub;

import faregate.money.Nanos;
import java.math.BigDecimal;

/// Amounts as some of the Hub's answers have them: cents, which may be fractional.
final class Cents {
  private static final int NANOS_A_CENT_DIGITS = 7;

  private Cents() {}

  static BigDecimal of(Nanos amount) {
    return BigDecimal.valueOf(amount.value(), NANOS_A_CENT_DIGITS).stripTrailingZeros();
  }
}
