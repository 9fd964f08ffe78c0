package faregate.http;

import org.jspecify.annotations.Nullable;

/// Why an upstream call failed, and how far it had come. The messages name the host and no secret;
/// they are for the operator's log, not for the client.
public final class UpstreamException extends RuntimeException {
  private static final long serialVersionUID = 1;
  private final Stage stage;
  private final boolean timeout;

  /// How far a call had come when it failed.
  public enum Stage {
    /// The request did not reach the server whole: it cannot have been served. Safe to repeat.
    NOT_SENT,
    /// The request was sent and no head of an answer came. It may have been served, and billed.
    NOTHING_RECEIVED,
    /// The head came, and the body broke before its end.
    BROKEN_BODY
  }

  public UpstreamException(
      Stage stage, boolean timeout, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.stage = stage;
    this.timeout = timeout;
  }

  public Stage stage() {
    return stage;
  }

  /// Whether our own patience ended, rather than the connection.
  public boolean isTimeout() {
    return timeout;
  }
}
