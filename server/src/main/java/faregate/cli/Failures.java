package faregate.cli;

import faregate.kit.SettingsException;
import faregate.operator.Refusal;
import java.io.PrintWriter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Says what went wrong in one sentence, and which exit code that is.
final class Failures {
  static final int FAILED = 1;
  static final int MISUSED = 2;
  private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

  private Failures() {}

  static int tell(Exception e, PrintWriter err) {
    return switch (e) {
      case SettingsException bad -> tell(reason(bad), MISUSED, err);
      case Refusal refusal ->
          tell(reason(refusal), refusal.kind() == Refusal.Kind.BAD_INPUT ? MISUSED : FAILED, err);
      default -> {
        LOG.debug("the command failed", e);
        yield tell(reason(e), FAILED, err);
      }
    };
  }

  static int tell(String what, int code, PrintWriter err) {
    err.println("faregate: " + what);
    err.flush();
    return code;
  }

  /// The words of the exception and of what caused it, since the cause is often the plainer one.
  private static String reason(Throwable e) {
    String words = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    Throwable cause = e.getCause();
    return cause == null || cause.getMessage() == null || words.contains(cause.getMessage())
        ? words
        : words + ": " + reason(cause);
  }
}
