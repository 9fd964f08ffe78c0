package faregate.http;

import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.streams.ReadStream;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The body of an upstream answer. Tells its call of the end first, then the reader.
final class AnswerBody implements ReadStream<Buffer> {
  private final HttpClientResponse response;
  private @Nullable Handler<Void> atEnd;
  private @Nullable Handler<Throwable> atFailure;

  /// @param onEnd called once when the last byte has been read
  /// @param onFailure turns what went wrong into what the reader is told; null when it is told
  ///   nothing
  AnswerBody(
      HttpClientResponse response,
      Runnable onEnd,
      Function<Throwable, @Nullable Throwable> onFailure) {
    this.response = response;
    response.endHandler(
        _ -> {
          onEnd.run();
          if (atEnd != null) {
            atEnd.handle(null);
          }
        });
    response.exceptionHandler(
        cause -> {
          Throwable told = onFailure.apply(cause);
          if (told != null && atFailure != null) {
            atFailure.handle(told);
          }
        });
  }

  @Override
  public AnswerBody handler(@Nullable Handler<Buffer> handler) {
    response.handler(handler);
    return this;
  }

  @Override
  public AnswerBody pause() {
    response.pause();
    return this;
  }

  @Override
  public AnswerBody resume() {
    response.resume();
    return this;
  }

  @Override
  public AnswerBody fetch(long amount) {
    response.fetch(amount);
    return this;
  }

  @Override
  public AnswerBody endHandler(@Nullable Handler<Void> handler) {
    atEnd = handler;
    return this;
  }

  @Override
  public AnswerBody exceptionHandler(@Nullable Handler<Throwable> handler) {
    atFailure = handler;
    return this;
  }
}
