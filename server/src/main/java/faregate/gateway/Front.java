package faregate.gateway;

import faregate.dialect.BadRequest;
import faregate.dialect.ChatRequest;
import faregate.http.ProblemException;
import faregate.http.Routes;
import faregate.http.Visit;
import faregate.identity.Caller;
import faregate.identity.Identities;
import faregate.identity.LookUp;
import faregate.identity.PayerChoice;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/// The door of all inference routes: who asks, may they, and what do they say. Then the exchange.
public final class Front {
  /// Larger bodies are read off the event loop: about a quarter of a millisecond's work.
  private static final int LARGE_BODY_BYTES = 128 << 10;

  private static final long LATE_BODY_MICROS = 250_000;

  private static final String BILL_TO = "X-HF-Bill-To";

  private final Identities identities;
  private final Rooms rooms;
  private final Map<Thread, Ticker> tickers = new ConcurrentHashMap<>();

  public Front(Identities identities, Rooms rooms) {
    this.identities = identities;
    this.rooms = rooms;
  }

  public void addTo(Routes routes) {
    routes.post("/v1/chat/completions", this::chat);
  }

  private void chat(Visit visit) {
    payer(visit)
        .compose(first -> visit.body().compose(body -> begin(visit, first, body)))
        .onSuccess(Exchange::run)
        .onFailure(cause -> refuse(visit, cause));
  }

  /// A body that took its time may have outlived its token, or the right to let somebody pay.
  private Future<Exchange> begin(Visit visit, Caller first, Buffer body) {
    return visit.micros() < LATE_BODY_MICROS
        ? exchange(visit, first, body)
        : payer(visit).compose(caller -> exchange(visit, caller, body));
  }

  private Future<Exchange> exchange(Visit visit, Caller caller, Buffer body) {
    Ticker ticker = ticker(visit);
    return read(visit, body)
        .compose(
            request ->
                IdempotencyKey.of(visit, caller, body)
                    .map(
                        key ->
                            new Exchange(
                                Call.of(rooms, visit, caller, request, ticker.loop(), key),
                                ticker)));
  }

  private void refuse(Visit visit, Throwable cause) {
    int status = cause instanceof ProblemException known ? known.problem().status() : 500;
    rooms.meters().answered("chat", status, visit.micros());
    visit.fail(cause);
  }

  private Future<Caller> payer(Visit visit) {
    return caller(visit).compose(caller -> payer(visit, caller));
  }

  private Future<Caller> caller(Visit visit) {
    String secret = visit.bearer();
    if (secret == null) {
      return Future.failedFuture(Refusals.noToken().asException());
    }
    LookUp known = identities.known(secret);
    return known != null
        ? admitted(known)
        : Future.fromCompletionStage(identities.lookUp(secret), visit.context())
            .compose(Front::admitted);
  }

  private static Future<Caller> admitted(LookUp lookUp) {
    if (!(lookUp instanceof LookUp.Known known)) {
      return Future.failedFuture(Refusals.of(lookUp).asException());
    }
    Caller caller = known.caller();
    return caller.mayAnywhere(Caller.INFERENCE)
        ? Future.succeededFuture(caller)
        : Future.failedFuture(Refusals.noPermission(caller).asException());
  }

  /// Who pays: whom the request names, else whom the token names, else the user.
  private static Future<Caller> payer(Visit visit, Caller caller) {
    String header = visit.header(BILL_TO);
    String named = header == null || header.isBlank() ? caller.defaultPayer() : header.strip();
    PayerChoice choice = caller.paidBy(named.isEmpty() ? caller.userName() : named);
    return choice instanceof PayerChoice.Paid(Caller paid)
        ? Future.succeededFuture(paid)
        : Future.failedFuture(Refusals.mayNotBill(caller, choice).asException());
  }

  private static Future<ChatRequest> read(Visit visit, Buffer body) {
    Future<ChatRequest> read =
        body.length() > LARGE_BODY_BYTES
            ? visit
                .context()
                .executeBlocking(() -> ChatRequest.read(body.getBytes()), false)
                .map(Objects::requireNonNull)
            : parsed(body);
    return read.recover(
        cause ->
            Future.failedFuture(
                cause instanceof BadRequest bad ? Refusals.of(bad).asException() : cause));
  }

  private static Future<ChatRequest> parsed(Buffer body) {
    try {
      return Future.succeededFuture(ChatRequest.read(body.getBytes()));
    } catch (BadRequest bad) {
      return Future.failedFuture(bad);
    }
  }

  private Ticker ticker(Visit visit) {
    return tickers.computeIfAbsent(Thread.currentThread(), _ -> new Ticker(visit.context()));
  }
}
