package faregate.reconcile;

import faregate.catalog.BillingEndpoint;
import faregate.catalog.Provider;
import faregate.http.Upstream;
import faregate.http.UpstreamAnswer;
import faregate.http.UpstreamCall;
import faregate.http.UpstreamRequest;
import faregate.http.UpstreamTarget;
import faregate.kit.Json;
import faregate.money.Nanos;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;

/// Asks a provider what it billed for some calls.
public final class BillingClient {
  /// As many as a provider has to take in one request.
  static final int IDS_MAX = 10_000;

  private static final int ANSWER_BYTES_MAX = 8 << 20;

  private final Vertx vertx;
  private final Upstream upstream;
  private final Duration patience;

  /// @param patience for the whole answer
  public BillingClient(Vertx vertx, Upstream upstream, Duration patience) {
    this.vertx = vertx;
    this.upstream = upstream;
    this.patience = patience;
  }

  /// The provider did not tell. The message says why, for a log.
  static final class NoAnswer extends RuntimeException {
    private static final long serialVersionUID = 1;

    NoAnswer(String message) {
      super(message, null, false, false);
    }
  }

  /// Blocks; not for event loops.
  ///
  /// @param ids the provider's own ids of calls, at most [#IDS_MAX]
  /// @return what it told: of calls that it does not know yet, nothing
  /// @throws NoAnswer when it could not be asked, or its answer not read
  Map<String, Nanos> ask(Provider provider, BillingEndpoint endpoint, List<String> ids) {
    Promise<Buffer> answer = Promise.promise();
    vertx.getOrCreateContext().runOnContext(_ -> send(provider, endpoint, ids, answer));
    try {
      byte[] body = answer.future().toCompletionStage().toCompletableFuture().join().getBytes();
      return BillingAnswer.read(body, Set.copyOf(ids));
    } catch (CompletionException e) {
      throw new NoAnswer(String.valueOf(e.getCause() == null ? e : e.getCause().getMessage()));
    } catch (IllegalArgumentException e) {
      throw new NoAnswer(String.valueOf(e.getMessage()));
    }
  }

  private void send(
      Provider provider, BillingEndpoint endpoint, List<String> ids, Promise<Buffer> answer) {
    if (!Context.isOnEventLoopThread()) {
      throw new IllegalStateException("a provider is asked on an event loop");
    }
    try {
      UpstreamCall call = upstream.send(request(provider, endpoint, ids));
      long timer =
          vertx.setTimer(
              patience.toMillis(),
              _ -> {
                answer.tryFail("no whole answer within " + patience.toMillis() + " ms");
                call.abort();
              });
      call.answer()
          .compose(head -> body(call, head))
          .onComplete(
              done -> {
                vertx.cancelTimer(timer);
                if (done.succeeded()) {
                  answer.tryComplete(done.result());
                } else {
                  answer.tryFail(done.cause());
                }
              });
    } catch (RuntimeException e) {
      answer.tryFail(e);
    }
  }

  private UpstreamRequest request(Provider provider, BillingEndpoint endpoint, List<String> ids) {
    UpstreamTarget.Base base =
        UpstreamTarget.parse(endpoint.url(), provider.privateNetwork(), provider.caFile());
    MultiMap headers =
        HttpHeaders.headers()
            .add(HttpHeaders.CONTENT_TYPE, "application/json")
            .add(HttpHeaders.ACCEPT, "application/json");
    if (provider.key() != null) {
      headers.add(provider.authHeader(), provider.authPrefix() + provider.key().reveal());
    }
    return new UpstreamRequest(
        base.target(),
        HttpMethod.POST,
        base.path(),
        headers,
        Buffer.buffer(Json.MAPPER.writeValueAsBytes(Map.of("requestIds", ids))),
        patience,
        patience);
  }

  private static Future<Buffer> body(UpstreamCall call, UpstreamAnswer head) {
    if (head.status() != 200) {
      call.abort();
      return Future.failedFuture("it answered " + head.status());
    }
    Promise<Buffer> whole = Promise.promise();
    Buffer read = Buffer.buffer();
    head.body()
        .handler(
            part -> {
              read.appendBuffer(part);
              if (read.length() > ANSWER_BYTES_MAX) {
                whole.tryFail("its answer is longer than " + ANSWER_BYTES_MAX + " bytes");
                call.abort();
              }
            })
        .exceptionHandler(whole::tryFail)
        .endHandler(_ -> whole.tryComplete(read))
        .resume();
    return whole.future();
  }
}
