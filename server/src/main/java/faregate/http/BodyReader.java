package faregate.http;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/// Reads the body of one request into memory, up to the limit, and loses patience with a slow
/// sender. What comes after a refusal is thrown away as it comes.
///
/// Memory follows the bytes that came, not those that were announced: a head is cheap to send.
final class BodyReader implements Sweep.Watched {
  /// What a sender must bring in each span of patience.
  private static final int PROGRESS_BYTES = 4096;

  private static final int FIRST_BYTES_MAX = 16 << 10;

  private final HttpServerRequest request;
  private final Sweep sweep;
  private final BodyMemory.Share memory;
  private final long patienceNanos;
  private final Promise<Buffer> promise = Promise.promise();
  private int bytesMax;
  private @Nullable Buffer bytes;
  private long seen;
  private long seenThen;
  private long lookedAt;
  private boolean over;

  /// @param memory takes what comes; somebody else gives it back when the answer is over
  BodyReader(
      HttpServerRequest request, ServerSettings settings, Sweep sweep, BodyMemory.Share memory) {
    this.request = request;
    this.sweep = sweep;
    this.memory = memory;
    this.bytesMax = settings.bodyBytesMax();
    this.patienceNanos = settings.slowSender().toNanos();
  }

  /// @param most takes no more than this, even where the server would
  Future<Buffer> read(int most) {
    if (bytes != null) {
      throw new IllegalStateException("the body of a request can be read only once");
    }
    bytesMax = Math.min(bytesMax, most);
    long announced = announced();
    if (announced > bytesMax) {
      bytes = Buffer.buffer();
      return Future.failedFuture(tooLarge());
    }
    bytes = Buffer.buffer((int) Math.min(announced, FIRST_BYTES_MAX));
    if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
      var _ = request.response().writeContinue();
    }
    request.handler(this::take);
    request.endHandler(_ -> finish());
    request.exceptionHandler(_ -> refuse(cutShort()));
    lookedAt = sweep.now();
    sweep.add(this);
    request.resume();
    return promise.future();
  }

  private long announced() {
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    try {
      return length == null ? 0 : Math.max(0, Long.parseLong(length.strip()));
    } catch (NumberFormatException _) {
      throw Problem.badRequest("invalid_content_length", "Content-Length must be a number")
          .asException();
    }
  }

  private void take(Buffer chunk) {
    if (over || bytes == null) {
      return;
    }
    seen += chunk.length();
    if (seen > bytesMax) {
      refuse(tooLarge());
    } else if (!memory.take(chunk.length())) {
      refuse(noRoom());
    } else {
      bytes.appendBuffer(chunk);
    }
  }

  @Override
  public boolean isOverdue(long nowNanos) {
    if (nowNanos - lookedAt < patienceNanos) {
      return false;
    }
    boolean tooSlow = seen - seenThen < PROGRESS_BYTES;
    lookedAt = nowNanos;
    seenThen = seen;
    return tooSlow;
  }

  @Override
  public void expire() {
    refuse(tooSlow());
  }

  private void finish() {
    if (!over && bytes != null) {
      over = true;
      sweep.remove(this);
      promise.complete(bytes);
    }
  }

  private void refuse(ProblemException why) {
    if (!over) {
      over = true;
      bytes = Buffer.buffer();
      memory.giveBack();
      sweep.remove(this);
      promise.fail(why);
    }
  }

  private ProblemException tooLarge() {
    return Problem.of(
            413,
            "request_too_large",
            "The body of this request is larger than the "
                + bytesMax
                + " bytes that are taken here")
        .asException();
  }

  private static ProblemException noRoom() {
    return Problem.of(
            429,
            "too_many_requests",
            "The requests in work here fill the memory that is set aside for their bodies; try"
                + " again soon")
        .withRetryAfter(1)
        .asException();
  }

  private static ProblemException tooSlow() {
    return Problem.of(408, "slow_sender", "The body of this request came too slowly; send it again")
        .asException();
  }

  private static ProblemException cutShort() {
    return Problem.badRequest(
            "incomplete_body", "The connection broke before the body was complete")
        .asException();
  }
}
