package faregate.http;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/// The event streams of one event loop. They would last for ever, so an orderly stop ends them.
final class EventStreams {
  private final Sweep sweep;
  private final long silenceNanosMax;
  private final Set<EventStream> open = new HashSet<>();
  private boolean draining;

  EventStreams(ServerSettings settings, Sweep sweep) {
    this.sweep = sweep;
    this.silenceNanosMax = settings.silence().toNanos();
  }

  /// Answers a visit with a stream.
  ///
  /// @param begin is given it, also where the client has left meanwhile
  void open(Visit visit, Consumer<EventStream> begin) {
    EventStream stream = new EventStream(visit, sweep, silenceNanosMax, open::remove);
    open.add(stream);
    stream.open();
    begin.accept(stream);
    if (draining) {
      stream.end();
    }
  }

  /// Ends all streams, and from now on each one at once.
  void drain() {
    draining = true;
    List.copyOf(open).forEach(EventStream::end);
  }
}
