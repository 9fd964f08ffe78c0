package faregate.tariff;

import java.util.Arrays;

/// How much of each meter: of one call, or the most that a call can consume. Immutable.
public final class Quantities {
  public static final Quantities NONE = new Quantities(new long[Meter.values().length]);
  private final long[] amounts;

  private Quantities(long[] amounts) {
    this.amounts = amounts;
  }

  public static Quantities of(Meter meter, long amount) {
    return NONE.with(meter, amount);
  }

  /// Tokens of a chat call.
  public static Quantities tokens(long input, long output) {
    return NONE.with(Meter.INPUT_TOKEN, input).with(Meter.OUTPUT_TOKEN, output);
  }

  /// @param amount 0 or more
  public Quantities with(Meter meter, long amount) {
    if (amount < 0) {
      throw new IllegalArgumentException(meter + " cannot be " + amount);
    }
    long[] next = amounts.clone();
    next[meter.ordinal()] = amount;
    return new Quantities(next);
  }

  public long of(Meter meter) {
    return amounts[meter.ordinal()];
  }

  /// All tokens of the prompt, cached or not, of whatever kind.
  public long promptTokens() {
    long sum = 0;
    for (Meter meter : Meter.values()) {
      sum = meter.isPrompt() ? Math.addExact(sum, of(meter)) : sum;
    }
    return sum;
  }

  /// All tokens of the answer, thought or said, of whatever kind.
  public long answerTokens() {
    long sum = 0;
    for (Meter meter : Meter.values()) {
      sum = meter.isAnswer() ? Math.addExact(sum, of(meter)) : sum;
    }
    return sum;
  }

  /// All tokens that went into a cache.
  public long cacheWriteTokens() {
    return Math.addExact(of(Meter.CACHE_WRITE_TOKEN), of(Meter.CACHE_WRITE_HOUR_TOKEN));
  }

  public boolean isNone() {
    return Arrays.stream(amounts).allMatch(amount -> amount == 0);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Quantities that && Arrays.equals(amounts, that.amounts);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(amounts);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("{");
    for (Meter meter : Meter.values()) {
      if (of(meter) != 0) {
        text.append(text.length() == 1 ? "" : ", ").append(meter).append('=').append(of(meter));
      }
    }
    return text.append('}').toString();
  }
}
