package faregate.dialect;

import tools.jackson.core.io.JsonStringEncoder;

/// Small JSON texts to splice in.
public final class JsonText {
  private JsonText() {}

  /// A JSON string with its quotes.
  public static String quoted(String text) {
    StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
    JsonStringEncoder.getInstance().quoteAsString(text, quoted);
    return quoted.append('"').toString();
  }
}
