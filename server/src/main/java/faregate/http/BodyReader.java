package faregate.http;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/// Reads the body of one request into memory, up to the limit, and loses patience with a slow
/// sender. What comes after a refusal is thrown away as it comes.
final class BodyReader {
  /// What a sender must bring in each span of patience.
  private static final int PROGRESS_BYTES = 4096;

  private final HttpServerRequest request;
  private final Context context;
  private final int bytesMax;
  private final long patienceMillis;
  private final Promise<Buffer> promise = Promise.promise();
  private @Nullable Buffer bytes;
  private long seen;
  private long timer = -1;
  private boolean over;

  BodyReader(HttpServerRequest request, Context context, ServerSettings settings) {
    this.request = request;
    this.context = context;
    this.bytesMax = settings.bodyBytesMax();
    this.patienceMillis = settings.slowSender().toMillis();
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
    watch(0);
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

  private void watch(long seenBefore) {
    timer =
        context
            .owner()
            .setTimer(
                patienceMillis,
                _ -> {
                  if (seen - seenBefore < PROGRESS_BYTES) {
                    refuse(tooSlow());
                  } else {
                    watch(seen);
                  }
                });
  }

  private void finish() {
    if (!over && bytes != null) {
      over = true;
      context.owner().cancelTimer(timer);
      promise.complete(bytes);
    }
  }

  private void refuse(ProblemException why) {
    if (!over) {
      over = true;
      bytes = Buffer.buffer();
      context.owner().cancelTimer(timer);
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
