package faregate.ledger;

import java.sql.SQLException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Why a batch was not written, as far as the next try depends on it.
enum Failure {
  /// The database cannot bring it in order with others': the same again.
  AGAIN,
  /// A row was not as it was remembered.
  STALE,
  /// Somebody holds a row for long.
  BUSY,
  /// The connection is gone; whether the batch was written is not known.
  CUT,
  OTHER;

  /// Begins what a statement fails with on purpose where rows are not as they should be.
  static final String MARKER = "faregate: ";

  static Failure of(Throwable failed) {
    SQLException answer = answer(failed);
    if (answer == null) {
      return failed instanceof StaleException ? STALE : OTHER;
    }
    String state = Objects.requireNonNullElse(answer.getSQLState(), "");
    return switch (state) {
      case "40001", "40P01" -> AGAIN;
      case "23514", "23505" -> STALE;
      case "55P03", "57014" -> BUSY;
      case "40003" -> CUT;
      case "22P02" -> String.valueOf(answer.getMessage()).contains(MARKER) ? STALE : OTHER;
      default -> state.startsWith("08") || state.startsWith("57P") ? CUT : OTHER;
    };
  }

  private static @Nullable SQLException answer(Throwable failed) {
    for (Throwable each = failed; each != null; each = each.getCause()) {
      if (each instanceof SQLException answer) {
        return answer;
      }
    }
    return null;
  }
}
