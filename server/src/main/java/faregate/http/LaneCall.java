package faregate.http;

import faregate.http.UpstreamException.Stage;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import java.net.InetAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// One call on its way: address, connection, request, head, body. Each step runs on the lane's
/// thread.
///
/// Whether the request was sent whole decides what a failure means, so that is what is watched: it
/// was sent when its last byte was accepted by the socket.
final class LaneCall implements UpstreamCall, Sweep.Watched {
  private static final CharSequence IDENTITY = HttpHeaders.createOptimized("identity");

  /// Of lower ones Vert.x passes over 100 and 103, and takes any other for the answer, which is yet
  /// to come: the next call on the connection would be given it.
  private static final int FINAL_STATUS = 200;

  private final Sweep sweep;
  private final AddressBook addresses;
  private final ConnectionPool pool;
  private final UpstreamRequest request;
  private final Promise<UpstreamAnswer> promise = Promise.promise();
  private @Nullable PooledConnection connection;
  private @Nullable AnswerBody body;
  private long deadline;
  private boolean sent;
  private boolean over;

  LaneCall(Sweep sweep, AddressBook addresses, ConnectionPool pool, UpstreamRequest request) {
    this.sweep = sweep;
    this.addresses = addresses;
    this.pool = pool;
    this.request = request;
  }

  @Override
  public Future<UpstreamAnswer> answer() {
    return promise.future();
  }

  void start() {
    PooledConnection kept = pool.take();
    if (kept != null) {
      send(kept);
      return;
    }
    watch(request.connectTimeout());
    addresses.address(request.target()).onComplete(this::connect, this::fail);
  }

  private void connect(InetAddress address) {
    if (!over) {
      pool.connect(address).onComplete(this::connected, this::fail);
    }
  }

  private void connected(PooledConnection fresh) {
    if (over) {
      pool.release(fresh);
      return;
    }
    send(fresh);
  }

  private void send(PooledConnection usable) {
    connection = usable;
    watch(request.headerTimeout());
    RequestOptions options =
        new RequestOptions()
            .setMethod(request.method())
            .setHost(request.target().host())
            .setPort(request.target().port())
            .setSsl(request.target().tls())
            .setURI(request.path())
            .setHeaders(request.headers());
    options.putHeader(HttpHeaders.ACCEPT_ENCODING, IDENTITY);
    usable.request(options).onComplete(this::write, this::fail);
  }

  private void write(HttpClientRequest stream) {
    if (over) {
      return;
    }
    stream.exceptionHandler(this::fail);
    stream.response().onComplete(this::head, this::fail);
    stream.end(request.body()).onSuccess(_ -> sent = true);
  }

  private void head(HttpClientResponse response) {
    if (over) {
      return;
    }
    if (response.statusCode() < FINAL_STATUS) {
      fail(
          new UpstreamException(
              sent ? Stage.NOTHING_RECEIVED : Stage.NOT_SENT,
              false,
              request.target() + " said " + response.statusCode() + ", which is no final answer",
              null));
      return;
    }
    sweep.remove(this);
    response.pause();
    AnswerBody begun = new AnswerBody(response, () -> end(response), this::broken);
    body = begun;
    Inflow inflow = connection == null ? null : connection.inflow();
    if (inflow != null) {
      begun.comeBy(inflow, isChunked(response));
    }
    promise.complete(new UpstreamAnswer(response.statusCode(), response.headers(), begun));
  }

  private static boolean isChunked(HttpClientResponse response) {
    return response.statusCode() == 200
        && "chunked".equalsIgnoreCase(response.getHeader(HttpHeaders.TRANSFER_ENCODING));
  }

  private void end(HttpClientResponse response) {
    if (over) {
      return;
    }
    over = true;
    PooledConnection used = connection;
    if (used != null) {
      if (sent && isKept(response)) {
        pool.release(used);
      } else {
        used.close();
      }
    }
  }

  private static boolean isKept(HttpClientResponse response) {
    String said = response.getHeader(HttpHeaders.CONNECTION);
    return response.version() == HttpVersion.HTTP_1_1 && !"close".equalsIgnoreCase(said);
  }

  private @Nullable Throwable broken(Throwable cause) {
    if (over) {
      return null;
    }
    over = true;
    close();
    return new UpstreamException(
        Stage.BROKEN_BODY,
        false,
        request.target() + " broke its answer off: " + cause.getMessage(),
        cause);
  }

  private void watch(Duration patience) {
    deadline = sweep.now() + patience.toNanos();
    sweep.add(this);
  }

  @Override
  public boolean isOverdue(long nowNanos) {
    return nowNanos - deadline >= 0;
  }

  @Override
  public void expire() {
    if (connection == null) {
      connectTimedOut();
    } else {
      headerTimedOut();
    }
  }

  private void connectTimedOut() {
    fail(
        new UpstreamException(
            Stage.NOT_SENT,
            true,
            "no connection to "
                + request.target()
                + " within "
                + request.connectTimeout().toMillis()
                + " ms",
            null));
  }

  private void headerTimedOut() {
    fail(
        new UpstreamException(
            sent ? Stage.NOTHING_RECEIVED : Stage.NOT_SENT,
            true,
            request.target()
                + " sent no answer within "
                + request.headerTimeout().toMillis()
                + " ms",
            null));
  }

  /// Fails the call while no head has come. Later failures go the way of the body.
  private void fail(Throwable cause) {
    if (over || body != null) {
      return;
    }
    over = true;
    sweep.remove(this);
    if (connection != null && sent) {
      pool.suspect(connection);
    }
    close();
    promise.fail(
        cause instanceof UpstreamException known
            ? known
            : new UpstreamException(
                sent ? Stage.NOTHING_RECEIVED : Stage.NOT_SENT,
                false,
                request.target()
                    + (sent ? " closed without an answer: " : " cannot be reached: ")
                    + cause.getMessage(),
                cause));
  }

  @Override
  public void abort() {
    if (over) {
      return;
    }
    if (body != null) {
      over = true;
      close();
    } else {
      fail(
          new UpstreamException(
              sent ? Stage.NOTHING_RECEIVED : Stage.NOT_SENT, false, "aborted by us", null));
    }
  }

  private void close() {
    if (body != null) {
      body.forget();
    }
    if (connection != null) {
      connection.close();
    }
  }
}
