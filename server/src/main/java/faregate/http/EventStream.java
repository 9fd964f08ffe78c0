package faregate.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A state that changes, told to one client as server-sent events for as long as it listens.
///
/// Only the newest state counts: one that a slow reader was not sent yet when the next one comes is
/// left out, so nothing piles up. Silences are filled with a comment, and a reader who takes
/// nothing for as long, though its buffers are full, is cut off. Public methods may be called from
/// any thread and do not wait.
public final class EventStream {
  private static final byte[] KEEP_ALIVE = ": keep-alive\n\n".getBytes(StandardCharsets.US_ASCII);
  private static final CharSequence ACCEL = HttpHeaders.createOptimized("x-accel-buffering");
  private static final CharSequence EVENT_STREAM =
      HttpHeaders.createOptimized("text/event-stream; charset=utf-8");

  private final Visit visit;
  private final Sweep sweep;
  private final long silenceNanosMax;
  private final Consumer<EventStream> atEnd;
  private final Silence silence = new Silence();
  private final AtomicReference<@Nullable Buffer> next = new AtomicReference<>();
  private @Nullable Chunks chunks;
  private @Nullable Runnable atLeave;
  private long spokenNanos;
  private volatile boolean over;

  /// @param silenceNanosMax after such a silence a comment is sent
  /// @param atEnd called once with it, when nobody listens any more
  EventStream(Visit visit, Sweep sweep, long silenceNanosMax, Consumer<EventStream> atEnd) {
    this.visit = visit;
    this.sweep = sweep;
    this.silenceNanosMax = silenceNanosMax;
    this.atEnd = atEnd;
  }

  /// Prepares the head, which leaves with the first event. On the event loop.
  void open() {
    HttpServerResponse response = visit.response();
    if (visit.isOver()) {
      finish();
      return;
    }
    response
        .putHeader(HttpHeaders.CONTENT_TYPE, EVENT_STREAM)
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-cache")
        .putHeader(ACCEL, "no");
    visit.onLeave(this::finish);
    if (HttpMethod.HEAD.equals(visit.request().method())) {
      var _ = response.end();
      finish();
      return;
    }
    chunks = visit.chunks();
    chunks.onDrain(this::flush);
    spokenNanos = sweep.now();
    sweep.add(silence);
  }

  /// Tells the state as it is now, instead of any that is still to be told.
  ///
  /// @param json on one line
  public void send(byte[] json) {
    next.set(event(json));
    visit.context().runOnContext(_ -> flush());
  }

  /// Tells a last thing, and ends the stream.
  public void end(byte[] json) {
    visit.context().runOnContext(_ -> close(event(json)));
  }

  /// Calls somebody once when the stream has ended, or its client has left; at once if that is so
  /// already. On the event loop.
  public void onEnd(Runnable left) {
    atLeave = left;
    if (over) {
      left.run();
    }
  }

  /// Ends the stream. On the event loop.
  void end() {
    close(Buffer.buffer());
  }

  private void close(Buffer last) {
    Buffer untold = next.getAndSet(null);
    if (!over && chunks != null) {
      chunks.end(untold == null ? last : untold.appendBuffer(last));
    }
    finish();
  }

  private void flush() {
    if (over || chunks == null || chunks.isFull()) {
      return;
    }
    Buffer event = next.getAndSet(null);
    if (event != null) {
      speak(chunks, event.getBytes());
    }
  }

  private void speak(Chunks to, byte[] bytes) {
    spokenNanos = sweep.now();
    to.write(bytes, 0, bytes.length);
  }

  private void finish() {
    if (over) {
      return;
    }
    over = true;
    sweep.remove(silence);
    atEnd.accept(this);
    if (atLeave != null) {
      atLeave.run();
    }
  }

  private static Buffer event(byte[] json) {
    return Buffer.buffer(json.length + 8)
        .appendString("data: ")
        .appendBytes(json)
        .appendString("\n\n");
  }

  private final class Silence implements Sweep.Watched {
    @Override
    public boolean isOverdue(long nowNanos) {
      return nowNanos - spokenNanos >= silenceNanosMax;
    }

    @Override
    public void expire() {
      if (over || chunks == null) {
        return;
      }
      if (chunks.isFull()) {
        chunks.cut();
        return;
      }
      speak(chunks, KEEP_ALIVE);
      sweep.add(this);
    }
  }
}
