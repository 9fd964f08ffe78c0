package faregate.http;

import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.streams.ReadStream;
import java.util.ArrayDeque;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The body of an upstream answer. Tells its call of the end first, then the reader.
final class AnswerBody implements ReadStream<Buffer> {
  private final HttpClientResponse response;
  private final ContextInternal context = ContextInternal.current();

  /// Where its chunks come from, if not by Vert.x, and as long as they come.
  private @Nullable Inflow straight;

  /// What came from there and is not wanted yet.
  private final ArrayDeque<Buffer> waiting = new ArrayDeque<>();

  private long wanted;
  private @Nullable Handler<Buffer> taker;
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
          straight = null;
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

  /// Takes its chunks by the short way, where the answer came so that this can be.
  ///
  /// @param chunked whether the body comes in chunks
  void comeBy(Inflow inflow, boolean chunked) {
    if (inflow.begin(chunked ? this::arrived : null)) {
      straight = inflow;
    }
  }

  private void arrived(Buffer bytes) {
    if (wanted == Long.MAX_VALUE && waiting.isEmpty() && taker != null) {
      context.dispatch(bytes, taker);
      return;
    }
    waiting.add(bytes);
    deliver();
    if (straight != null && !waiting.isEmpty()) {
      straight.stop();
    }
  }

  private void deliver() {
    while (wanted > 0 && taker != null && !waiting.isEmpty()) {
      wanted -= wanted == Long.MAX_VALUE ? 0 : 1;
      context.dispatch(waiting.remove(), taker);
    }
  }

  @Override
  public AnswerBody handler(@Nullable Handler<Buffer> handler) {
    taker = handler;
    response.handler(handler);
    return this;
  }

  @Override
  public AnswerBody pause() {
    wanted = 0;
    if (straight != null) {
      straight.stop();
    }
    response.pause();
    return this;
  }

  @Override
  public AnswerBody resume() {
    return fetch(Long.MAX_VALUE);
  }

  /// What came by the short way precedes all that comes by Vert.x.
  @Override
  public AnswerBody fetch(long amount) {
    wanted = Long.MAX_VALUE - wanted < amount ? Long.MAX_VALUE : wanted + amount;
    deliver();
    if (wanted > 0) {
      if (straight != null) {
        straight.goOn();
      }
      response.fetch(wanted);
    }
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
