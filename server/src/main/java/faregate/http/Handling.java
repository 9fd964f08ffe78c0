package faregate.http;

import io.vertx.core.buffer.Buffer;

/// What a route does with a visit: one of two kinds.
public sealed interface Handling {

  /// Runs on the event loop and must not wait. It ends the answer itself, now or later.
  non-sealed interface OnLoop extends Handling {
    void handle(Visit visit);
  }

  /// Runs on a virtual thread of its own, after the body has been read, and may wait. Plain code:
  /// it returns the answer or throws a [ProblemException]. The body is read before anybody asked
  /// who sends it, so only a small one is taken: [#BODY_BYTES_MAX], else 413.
  non-sealed interface Blocking extends Handling {
    int BODY_BYTES_MAX = 64 << 10;

    Answer handle(Visit visit, Buffer body) throws Exception;
  }
}
