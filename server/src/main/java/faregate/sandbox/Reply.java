package faregate.sandbox;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the sandbox will say, token by token.
///
/// @param pieces one for each token
/// @param tool the function that is called, null for plain text; the pieces are its arguments then
/// @param finish `stop`, `length`, `tool_calls` or `error`
record Reply(List<String> pieces, @Nullable String tool, String finish) {

  Reply {
    pieces = List.copyOf(pieces);
  }

  int tokens() {
    return pieces.size();
  }

  String text() {
    return String.join("", pieces);
  }

  /// Cut to a limit, which then is the reason for the end.
  Reply within(int most) {
    return tokens() <= most ? this : new Reply(pieces.subList(0, most), tool, "length");
  }
}
