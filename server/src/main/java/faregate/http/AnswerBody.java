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

  private boolean flowing;
  private boolean forgotten;
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
          leaveStraight();
          onEnd.run();
          if (atEnd != null && !forgotten) {
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

  private void leaveStraight() {
    if (straight != null) {
      straight.goOn();
      straight = null;
    }
  }

  private void arrived(Buffer bytes) {
    if (forgotten) {
      return;
    }
    if (flowing && waiting.isEmpty() && taker != null) {
      context.dispatch(bytes, taker);
      return;
    }
    waiting.add(bytes);
    if (straight != null) {
      straight.stop();
    }
  }

  /// Tells nothing more: the call was ended from outside, or broke.
  void forget() {
    forgotten = true;
    waiting.clear();
  }

  @Override
  public AnswerBody handler(@Nullable Handler<Buffer> handler) {
    taker = handler;
    response.handler(handler);
    return this;
  }

  @Override
  public AnswerBody pause() {
    flowing = false;
    if (straight != null) {
      straight.stop();
    }
    response.pause();
    return this;
  }

  /// What came by the short way precedes all that comes by Vert.x.
  @Override
  public AnswerBody resume() {
    flowing = true;
    while (flowing && taker != null && !waiting.isEmpty()) {
      context.dispatch(waiting.remove(), taker);
    }
    if (flowing) {
      if (straight != null) {
        straight.goOn();
      }
      response.resume();
    }
    return this;
  }

  /// Whoever reads an answer takes all that comes, or has it wait.
  @Override
  public AnswerBody fetch(long amount) {
    throw new UnsupportedOperationException("an answer flows or is paused; it is not counted out");
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
