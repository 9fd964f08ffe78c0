package faregate.hub;

import faregate.http.EventStream;
import faregate.http.Problem;
import faregate.id.WalletId;
import faregate.identity.Payer;
import faregate.ledger.LedgerReads;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// This month's figures as they change, for everybody who listens.
///
/// One thread goes round all payers that are listened to, once a second, and lives only while there
/// are any: see [Audience] for what it does there. It is the database that is asked, so what other
/// nodes charge is seen as well.
final class Live {
  private static final Logger LOG = LoggerFactory.getLogger(Live.class);

  /// Of one payer, on this node.
  private static final int LISTENERS_MAX = 16;

  /// Of all payers: so many are gone round well within a second.
  private static final int ALL_MAX = 1000;

  private static final long ROUND_MILLIS = 1000;

  private final Billing billing;
  private final LedgerReads ledger;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<WalletId, Audience> audiences = new HashMap<>();
  private int seats;
  private boolean working;
  private boolean failing;

  Live(Billing billing, LedgerReads ledger) {
    this.billing = billing;
    this.ledger = ledger;
  }

  /// Blocks until there is a first event.
  ///
  /// @param entitled the payer whose figures are wanted; throws where the client may not read them,
  ///   and is asked each second whether that is so by now
  Consumer<EventStream> open(Supplier<Payer> entitled) {
    Payer payer = entitled.get();
    Audience audience = seat(payer);
    try {
      InferenceUse first = billing.thisMonth(payer);
      byte[] event = billing.event(first);
      return stream -> {
        Listener listener = new Listener(entitled, stream, first);
        audience.add(listener);
        stream.onEnd(() -> leave(audience, listener));
        stream.send(event);
      };
    } catch (RuntimeException e) {
      unseat(audience);
      throw e;
    }
  }

  private Audience seat(Payer payer) {
    lock.lock();
    try {
      Audience audience =
          audiences.getOrDefault(payer.wallet(), new Audience(payer.wallet(), billing, ledger));
      if (audience.seats == LISTENERS_MAX || seats == ALL_MAX) {
        throw full(payer, audience.seats);
      }
      audiences.put(payer.wallet(), audience);
      audience.seats++;
      seats++;
      if (!working) {
        working = true;
        Thread.ofVirtual().name("live-usage").start(this::work);
      }
      return audience;
    } finally {
      lock.unlock();
    }
  }

  private static RuntimeException full(Payer payer, int listeners) {
    return Problem.of(
            429,
            "too_many_listeners",
            "%d clients listen to the usage of %s here, and this server can have no more: close one, or read billing/usage instead"
                .formatted(listeners, payer.name()))
        .withRetryAfter(15)
        .withField("code", "too_many_listeners")
        .asException();
  }

  private void leave(Audience audience, Listener listener) {
    audience.remove(listener);
    unseat(audience);
  }

  private void unseat(Audience audience) {
    lock.lock();
    try {
      seats--;
      if (--audience.seats == 0) {
        audiences.remove(audience.wallet());
      }
    } finally {
      lock.unlock();
    }
  }

  private void work() {
    for (List<Audience> all = rested(); !all.isEmpty(); all = rested()) {
      boolean failed = false;
      for (Audience audience : all) {
        failed |= !look(audience);
      }
      failing = failed;
    }
  }

  /// A while later.
  ///
  /// @return empty when nobody listens any more: then this thread is done
  private List<Audience> rested() {
    try {
      Thread.sleep(ROUND_MILLIS);
    } catch (InterruptedException _) {
      // Nobody does that; the round would come early.
    }
    lock.lock();
    try {
      working = !audiences.isEmpty();
      return List.copyOf(audiences.values());
    } finally {
      lock.unlock();
    }
  }

  private boolean look(Audience audience) {
    try {
      audience.look();
      return true;
    } catch (RuntimeException e) {
      if (!failing && !audience.isEmpty()) {
        LOG.warn("live usage cannot be read, and is tried again each second", e);
      }
      return false;
    }
  }
}
