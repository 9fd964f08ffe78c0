package faregate.usage;

import faregate.money.Nanos;
import java.time.LocalDate;
import java.time.YearMonth;

/// What was spent of a wallet on one day (UTC) in one name.
///
/// @param requests calls that were answered
public record SpenderUse(LocalDate day, Spender spender, long requests, Nanos charge) {

  /// The month it is billed in.
  public YearMonth month() {
    return YearMonth.from(day);
  }
}
