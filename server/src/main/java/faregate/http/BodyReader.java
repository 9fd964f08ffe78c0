package faregate.http;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/// Reads the body of one request into memory, up to the limit, and loses patience with a slow
/// sender. What comes after a refusal is thrown away as it comes.
final class BodyReader implements Sweep.Watched {
  /// What a sender must bring in each span of patience.
  private static final int PROGRESS_BYTES = 4096;

  private final HttpServerRequest request;
  private final Sweep sweep;
  private final int bytesMax;
  private final long patienceNanos;
  private final Promise<Buffer> promise = Promise.promise();
  private @Nullable Buffer bytes;
  private long seen;
  private long seenThen;
  private long lookedAt;
  private boolean over;

  BodyReader(HttpServerRequest request, ServerSettings settings, Sweep sweep) {
    this.request = request;
    this.sweep = sweep;
    this.bytesMax = settings.bodyBytesMax();
    this.patienceNanos = settings.slowSender().toNanos();
  }

  Future<Buffer> read() {
    if (bytes != null) {
      throw new IllegalStateException("the body of a request can be read only once");
    }
    long announced = announced();
    if (announced > bytesMax) {
      bytes = Buffer.buffer();
      return Future.failedFuture(tooLarge());
    }
    bytes = Buffer.buffer((int) announced);
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
      sweep.remove(this);
      promise.fail(why);
    }
  }

  private ProblemException tooLarge() {
    return Problem.of(
            413,
            "request_too_large",
            "The body of this request is larger than the " + bytesMax + " bytes this server takes")
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
