package faregate.operator;

import faregate.money.Nanos;

/// Amounts as people read them.
public final class Usd {
  private static final int CENT_PLACES = 2;

  private Usd() {}

  /// Plain decimal USD with two places at least and nine at most: `0.10`, `5.00`, `0.0012`.
  public static String of(Nanos amount) {
    String text = amount.usd();
    int point = text.indexOf('.');
    int places = point < 0 ? 0 : text.length() - point - 1;
    return places >= CENT_PLACES
        ? text
        : text + (point < 0 ? "." : "") + "0".repeat(CENT_PLACES - places);
  }
}
