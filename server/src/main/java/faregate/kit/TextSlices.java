package faregate.kit;

import java.util.function.ToLongFunction;

/// Takes a long text in slices, for a tokenizer to which a run of letters without a break costs its
/// square, in time and in memory.
public final class TextSlices {
  private static final int LONGEST = 8_192;

  private TextSlices() {}

  /// The sum over slices. They begin with a space where there is one, as words of tokenizers do:
  /// then the sum of their tokens is that of the whole.
  public static long sum(String text, ToLongFunction<String> count) {
    long sum = 0;
    for (int from = 0; from < text.length(); ) {
      int to = end(text, from);
      sum += count.applyAsLong(text.substring(from, to));
      from = to;
    }
    return sum;
  }

  private static int end(String text, int from) {
    if (text.length() - from <= LONGEST) {
      return text.length();
    }
    int end = from + LONGEST;
    for (int at = end; at > from + LONGEST / 2; at--) {
      if (text.charAt(at) == ' ' && Character.isLetterOrDigit(text.charAt(at - 1))) {
        return at;
      }
    }
    return Character.isLowSurrogate(text.charAt(end)) ? end + 1 : end;
  }
}
