package faregate.gateway;

import faregate.catalog.Offer;
import faregate.catalog.Provider;
import faregate.dialect.ChatAnswer;
import faregate.dialect.ChatRequest;
import faregate.http.UpstreamAnswer;
import faregate.http.UpstreamCall;
import faregate.http.UpstreamException;
import faregate.provider.Failure;
import faregate.provider.Family;
import faregate.provider.Patience;
import faregate.provider.families.Families;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// One attempt at one offer: sends the request and receives the beginning of a stream, or the whole
/// of an answer. It decides nothing; it fails with [Failed], which says what that means.
final class Attempt {
  private static final int ERROR_BYTES_MAX = 64 << 10;
  private static final long ERROR_MILLIS_MAX = 5_000;
  private static final long LINGER_MILLIS = 2_000;
  private static final int EVENT_BYTES_MAX = 8 << 20;
  private final Rooms rooms;
  private final CallSettings settings;
  private final Offer offer;
  private final Provider provider;
  private final Family family;
  private final ChatRequest request;
  private final Delivered delivered;
  private final long startedNanos;
  private final UpstreamCall call;
  private @Nullable Delivery delivery;
  private @Nullable Promise<Buffer> collecting;
  private boolean refused;
  private long silentMillis;

  /// @param outputLimit tokens to send upstream
  Attempt(Call of, Offer offer, Provider provider, long outputLimit) {
    this.rooms = of.rooms();
    this.settings = of.settings();
    this.offer = offer;
    this.provider = provider;
    this.family = Families.of(provider.family());
    this.request = of.request();
    this.delivered = of.delivered();
    this.startedNanos = rooms.clock().nanoTime();
    byte[] body =
        request.forUpstream(offer.id().providerModel(), outputLimit, provider.outputLimitField());
    this.call =
        rooms
            .upstream()
            .send(family.chat(provider, Buffer.buffer(body), request.isStream(), patience()));
  }

  /// The head of an answer that is not streamed comes when the whole is made.
  private Patience patience() {
    Duration header =
        request.isStream() ? settings.headerMax() : Duration.ofSeconds(settings.secondsMax());
    return new Patience(settings.connectMax(), header);
  }

  /// What went wrong, classified.
  static final class Failed extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final transient Failure failure;

    Failed(Failure failure) {
      super(failure.detail(), null, false, false);
      this.failure = failure;
    }

    Failure failure() {
      return failure;
    }
  }

  Future<Reception> reception() {
    return call.answer().compose(this::receive).recover(this::failed);
  }

  /// Ends it at once: the provider is made to stop.
  ///
  /// @param how what a stream's course is then
  void abort(Course.End how) {
    call.abort();
    if (delivery != null) {
      delivery.stop(how);
    }
    if (collecting != null) {
      collecting.tryFail(new IllegalStateException("the attempt was ended"));
    }
  }

  /// Told now and then how much time has passed: gives up on a provider that falls silent. What a
  /// refusal says is worth a short wait only.
  void passed(long millis) {
    if (delivery != null) {
      delivery.passed(millis, settings);
    }
    Promise<Buffer> body = collecting;
    if (body == null || body.future().isComplete()) {
      return;
    }
    silentMillis += millis;
    if (refused && silentMillis >= ERROR_MILLIS_MAX) {
      body.complete(Buffer.buffer());
      call.abort();
    } else if (silentMillis >= settings.stallMillis()) {
      body.fail(new Failed(Failure.broken(provider.slug(), "it fell silent in its answer")));
      call.abort();
    }
  }

  /// Lets go of what is left of a stream whose end was heard, should its provider not end it.
  void letGo(Vertx vertx) {
    if (delivery != null && !delivery.isUpstreamOver()) {
      vertx.setTimer(LINGER_MILLIS, _ -> call.abort());
    }
  }

  Offer offer() {
    return offer;
  }

  Provider provider() {
    return provider;
  }

  /// The stream, once its head has come; null before, and for a whole answer.
  @Nullable Delivery delivery() {
    return delivery;
  }

  String requestId(Reception reception) {
    return family.requestId(provider, reception.headers());
  }

  long millis() {
    return (rooms.clock().nanoTime() - startedNanos) / 1_000_000;
  }

  private Future<Reception> receive(UpstreamAnswer answer) {
    if (answer.status() != 200) {
      return refused(answer);
    }
    if (isEventStream(answer) != request.isStream()) {
      return Future.failedFuture(
          new Failed(
              Failure.broken(provider.slug(), "a stream was asked for or not, and not heeded")));
    }
    return request.isStream() ? stream(answer) : whole(answer);
  }

  private static boolean isEventStream(UpstreamAnswer answer) {
    String type = answer.headers().get("content-type");
    return type != null && type.regionMatches(true, 0, "text/event-stream", 0, 17);
  }

  private Future<Reception> stream(UpstreamAnswer answer) {
    Delivery begun =
        new Delivery(answer, delivered, request.wantsUsage(), request.choices(), EVENT_BYTES_MAX);
    delivery = begun;
    return begun.begin().map(_ -> new Reception.Stream(answer.headers(), begun));
  }

  private Future<Reception> whole(UpstreamAnswer answer) {
    return body(answer, settings.answerBytesMax(), false)
        .map(
            body -> {
              ChatAnswer read = ChatAnswer.read(body.getBytes());
              if (read == null || read.isError()) {
                throw new Failed(Failure.broken(provider.slug(), "no chat completion in the body"));
              }
              return new Reception.Whole(answer.headers(), read);
            });
  }

  private Future<Reception> refused(UpstreamAnswer answer) {
    refused = true;
    return body(answer, ERROR_BYTES_MAX, true)
        .compose(
            body ->
                Future.failedFuture(
                    new Failed(
                        family.failure(
                            provider,
                            answer.status(),
                            answer.headers(),
                            body,
                            rooms.clock().micros()))));
  }

  /// Collects a body.
  ///
  /// @param cut whether one that is too long is cut instead of refused
  private Future<Buffer> body(UpstreamAnswer answer, int bytesMax, boolean cut) {
    Promise<Buffer> promise = Promise.promise();
    collecting = promise;
    Buffer collected = Buffer.buffer();
    answer
        .body()
        .handler(
            chunk -> {
              silentMillis = 0;
              collected.appendBuffer(chunk);
              if (collected.length() > bytesMax && !promise.future().isComplete()) {
                call.abort();
                if (cut) {
                  promise.complete(collected.getBuffer(0, bytesMax));
                } else {
                  promise.fail(
                      new Failed(
                          Failure.broken(
                              provider.slug(),
                              "the answer is larger than " + bytesMax + " bytes")));
                }
              }
            })
        .endHandler(_ -> promise.tryComplete(collected))
        .exceptionHandler(promise::tryFail)
        .resume();
    return promise.future();
  }

  private Future<Reception> failed(Throwable cause) {
    Failure failure =
        switch (cause) {
          case Failed known -> known.failure();
          case UpstreamException broken -> Failure.of(provider.slug(), broken);
          case Delivery.BrokenBeginning begun ->
              Failure.broken(provider.slug(), String.valueOf(begun.getMessage()));
          default -> null;
        };
    call.abort();
    return Future.failedFuture(failure == null ? cause : new Failed(failure));
  }
}
