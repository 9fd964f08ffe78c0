package faregate.http;

import io.vertx.core.buffer.Buffer;
import java.util.function.Consumer;

/// What a route does with a visit: one of three kinds.
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

  /// Begins as [Blocking] does, and may refuse as that does. The answer is a stream of events,
  /// which goes on by itself and keeps no thread.
  non-sealed interface Streaming extends Handling {
    /// @return is given the stream, on the event loop, and must send a first event; called in any
    ///   case, even if the client has left meanwhile
    Consumer<EventStream> open(Visit visit) throws Exception;
  }
}
