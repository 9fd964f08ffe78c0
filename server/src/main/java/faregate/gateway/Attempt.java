package faregate.gateway;

import faregate.catalog.Offer;
import faregate.catalog.Provider;
import faregate.dialect.ChatAnswer;
import faregate.dialect.ChatRequest;
import faregate.http.UpstreamAnswer;
import faregate.http.UpstreamCall;
import faregate.http.UpstreamException;
import faregate.http.UpstreamRequest;
import faregate.provider.Failure;
import faregate.provider.Family;
import faregate.provider.Patience;
import faregate.provider.families.Families;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One attempt at one offer: sends the request and receives the beginning of a stream, or the whole
/// of an answer. It decides nothing; it fails with [Failed], which says what that means.
final class Attempt {
  /// Our id of the call, so that the provider's book and ours can be held against each other.
  private static final CharSequence CALL = HttpHeaders.createOptimized("x-client-request-id");

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
  private @Nullable Collector collecting;
  private @Nullable Consumer<Reception> came;
  private @Nullable Consumer<Throwable> failed;
  private boolean refused;

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
    UpstreamRequest sent =
        family.chat(provider, Buffer.buffer(body), request.isStream(), patience());
    sent.headers().add(CALL, of.visit().id().text());
    this.call = rooms.upstream().send(sent);
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

  /// Waits for what it brings. One of the two is called, once.
  ///
  /// @param reception takes the beginning of a stream, or the whole of an answer
  /// @param failure takes [Failed], or a fault of our own
  void begin(Consumer<Reception> reception, Consumer<Throwable> failure) {
    came = reception;
    failed = failure;
    call.answer().onComplete(this::receive, this::fail);
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
      collecting.fail(new IllegalStateException("the attempt was ended"));
    }
  }

  /// Gives up waiting for what it brings.
  ///
  /// @return false where that was told already
  boolean forsake() {
    boolean awaited = failed != null;
    came = null;
    failed = null;
    return awaited;
  }

  /// Told now and then how much time has passed: gives up on a provider that falls silent. What a
  /// refusal says is worth a short wait only.
  void passed(long millis) {
    if (delivery != null) {
      delivery.passed(millis, settings);
    }
    Collector body = collecting;
    if (body == null || body.isOver()) {
      return;
    }
    long silent = body.passed(millis);
    if (refused && silent >= ERROR_MILLIS_MAX) {
      body.cut();
      call.abort();
    } else if (silent >= settings.stallMillis()) {
      body.fail(new Failed(Failure.broken(provider.slug(), "it fell silent in its answer")));
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

  private void receive(UpstreamAnswer answer) {
    try {
      if (answer.status() != 200) {
        refused(answer);
      } else if (isEventStream(answer) != request.isStream()) {
        fail(broken("a stream was asked for or not, and not heeded"));
      } else if (request.isStream()) {
        stream(answer);
      } else {
        whole(answer);
      }
    } catch (RuntimeException bug) {
      fail(bug);
    }
  }

  private static boolean isEventStream(UpstreamAnswer answer) {
    String type = answer.headers().get("content-type");
    return type != null && type.regionMatches(true, 0, "text/event-stream", 0, 17);
  }

  private void stream(UpstreamAnswer answer) {
    Delivery begun =
        new Delivery(answer, delivered, request.wantsUsage(), request.choices(), EVENT_BYTES_MAX);
    delivery = begun;
    begun.begin(() -> came(new Reception.Stream(answer.headers(), begun)), this::fail);
  }

  private void whole(UpstreamAnswer answer) {
    int bytesMax = settings.answerBytesMax();
    collecting =
        new Collector(
            answer,
            bytesMax,
            body -> body.fail(broken("the answer is larger than " + bytesMax + " bytes")),
            body -> read(answer, body),
            this::fail);
  }

  private void read(UpstreamAnswer answer, Buffer body) {
    ChatAnswer read;
    try {
      read = ChatAnswer.read(body.getBytes());
    } catch (RuntimeException bug) {
      fail(bug);
      return;
    }
    if (read == null || read.isError()) {
      fail(broken("no chat completion in the body"));
    } else {
      came(new Reception.Whole(answer.headers(), read));
    }
  }

  private Failed broken(String what) {
    return new Failed(Failure.broken(provider.slug(), what));
  }

  /// What a refusal says is worth reading, up to a bound.
  private void refused(UpstreamAnswer answer) {
    refused = true;
    collecting =
        new Collector(
            answer,
            ERROR_BYTES_MAX,
            body -> {
              body.cut();
              call.abort();
            },
            body -> fail(refusal(answer, body)),
            this::fail);
  }

  private RuntimeException refusal(UpstreamAnswer answer, Buffer body) {
    long nowMicros = rooms.clock().micros();
    try {
      return new Failed(
          family.failure(provider, answer.status(), answer.headers(), body, nowMicros));
    } catch (RuntimeException bug) {
      return bug;
    }
  }

  private void came(Reception reception) {
    Consumer<Reception> told = came;
    if (told != null) {
      came = null;
      failed = null;
      told.accept(reception);
    }
  }

  private void fail(Throwable cause) {
    Consumer<Throwable> told = failed;
    if (told == null) {
      return;
    }
    came = null;
    failed = null;
    Failure failure =
        switch (cause) {
          case Failed known -> known.failure();
          case UpstreamException broken -> Failure.of(provider.slug(), broken);
          case Delivery.BrokenBeginning begun ->
              Failure.broken(provider.slug(), String.valueOf(begun.getMessage()));
          default -> null;
        };
    call.abort();
    told.accept(failure == null ? cause : new Failed(failure));
  }
}
