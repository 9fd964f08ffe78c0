package faregate.gateway;

import faregate.http.UpstreamAnswer;
import io.vertx.core.buffer.Buffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Collects the body of an upstream answer up to a bound. Tells once what became of it.
final class Collector {
  private final int bytesMax;
  private final Consumer<Buffer> collected;
  private final Consumer<Throwable> failed;
  private @Nullable Buffer sofar;
  private boolean owned;
  private boolean over;
  private long silentMillis;

  /// @param tooLong decides about a body beyond the bound, once
  Collector(
      UpstreamAnswer answer,
      int bytesMax,
      Consumer<Collector> tooLong,
      Consumer<Buffer> collected,
      Consumer<Throwable> failed) {
    this.bytesMax = bytesMax;
    this.collected = collected;
    this.failed = failed;
    answer
        .body()
        .handler(chunk -> take(chunk, tooLong))
        .endHandler(_ -> end())
        .exceptionHandler(this::fail)
        .resume();
  }

  private void take(Buffer chunk, Consumer<Collector> tooLong) {
    silentMillis = 0;
    if (over) {
      return;
    }
    sofar = sofar == null ? chunk : own(sofar).appendBuffer(chunk);
    if (sofar.length() > bytesMax) {
      tooLong.accept(this);
    }
  }

  /// The first chunk is the whole of most bodies; it is copied only where another follows.
  private Buffer own(Buffer begun) {
    if (owned) {
      return begun;
    }
    owned = true;
    return Buffer.buffer(2 * begun.length()).appendBuffer(begun);
  }

  /// Notes that time has passed.
  ///
  /// @return how long nothing has come
  long passed(long millis) {
    silentMillis += millis;
    return silentMillis;
  }

  boolean isOver() {
    return over;
  }

  /// Takes what has come so far for the whole, at most the bound.
  void cut() {
    Buffer part = sofar == null ? Buffer.buffer() : sofar;
    tell(part.length() > bytesMax ? part.getBuffer(0, bytesMax) : part);
  }

  private void end() {
    tell(sofar == null ? Buffer.buffer() : sofar);
  }

  private void tell(Buffer body) {
    if (!over) {
      over = true;
      collected.accept(body);
    }
  }

  /// Gives up.
  void fail(Throwable cause) {
    if (!over) {
      over = true;
      failed.accept(cause);
    }
  }
}
