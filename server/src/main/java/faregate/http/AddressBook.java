package faregate.http;

import faregate.http.UpstreamException.Stage;
import faregate.kit.Clock;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Names of upstream servers and the addresses they are pinned to. One per event loop.
///
/// The address that was checked is the address that is connected to; a name that changes its mind
/// between the two gains nothing. When a name can no longer be resolved, its last addresses stay.
final class AddressBook {
  private final Vertx vertx;
  private final Clock clock;
  private final long lifeNanos;
  private final Map<String, Entry> entries = new HashMap<>();

  private static final class Entry {
    private List<InetAddress> addresses = List.of();
    private long resolvedAt;
    private int turn;
    private boolean resolving;
    private Promise<Void> resolved = Promise.promise();
  }

  AddressBook(Vertx vertx, Clock clock, Duration life) {
    this.vertx = vertx;
    this.clock = clock;
    this.lifeNanos = life.toNanos();
  }

  /// @return an address that may be connected to, in turn where there are several
  Future<InetAddress> address(UpstreamTarget target) {
    Entry entry = entries.computeIfAbsent(target.host(), _ -> new Entry());
    boolean known = !entry.addresses.isEmpty();
    // Taken first: a look-up may be over before its handler is attached, and then runs at once.
    Future<Void> resolved = entry.resolved.future();
    if ((!known || clock.nanoTime() - entry.resolvedAt > lifeNanos) && !entry.resolving) {
      resolve(target.host(), entry);
    }
    return known ? pick(target, entry) : resolved.compose(_ -> pick(target, entry));
  }

  private static Future<InetAddress> pick(UpstreamTarget target, Entry entry) {
    int count = entry.addresses.size();
    for (int tried = 0; tried < count; tried++) {
      InetAddress address = entry.addresses.get(Math.floorMod(entry.turn++, count));
      if (target.privateAllowed() || !PrivateRanges.contains(address)) {
        return Future.succeededFuture(address);
      }
    }
    return Future.failedFuture(
        new UpstreamException(
            Stage.NOT_SENT,
            false,
            target.host()
                + " resolves to a private address only; set private: true for this provider if that"
                + " is meant",
            null));
  }

  private void resolve(String host, Entry entry) {
    entry.resolving = true;
    Promise<Void> promise = entry.resolved;
    vertx
        .executeBlocking(() -> List.of(InetAddress.getAllByName(host)), false)
        .onComplete(
            result -> {
              entry.resolving = false;
              entry.resolvedAt = clock.nanoTime();
              entry.resolved = Promise.promise();
              if (result.succeeded()) {
                entry.addresses = result.result();
                promise.complete();
              } else {
                promise.fail(unresolved(host, result.cause()));
              }
            });
  }

  private static UpstreamException unresolved(String host, Throwable cause) {
    String why = cause instanceof UnknownHostException ? "is not known" : "could not be resolved";
    return new UpstreamException(Stage.NOT_SENT, false, "the host " + host + " " + why, cause);
  }
}
