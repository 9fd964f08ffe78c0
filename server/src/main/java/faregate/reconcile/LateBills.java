package faregate.reconcile;

import faregate.catalog.BillingEndpoint;
import faregate.catalog.Provider;
import faregate.catalog.Snapshot;
import faregate.id.CallId;
import faregate.id.WalletId;
import faregate.kit.RandomSource;
import faregate.ledger.AdjustOutcome;
import faregate.ledger.Ending;
import faregate.ledger.Ledger;
import faregate.ledger.LedgerReads;
import faregate.ledger.Reply;
import faregate.money.Nanos;
import faregate.reconcile.LateBillSql.Waiting;
import faregate.store.Database;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks the providers that tell what they billed, and lets the ledger charge that.
///
/// Each call is asked about until it is billed: each round for half an hour, then each hour, until
/// it is given up and its charge stays as it is. A crash between the ledger and our own row only
/// makes the same bill come again. Of several nodes, the one with the lease asks.
public final class LateBills implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LateBills.class);
  private static final long LEASE_MICROS = 120_000_000;
  private static final int ROUNDS_OFTEN = 30;
  private static final int ADJUST_SECONDS_MAX = 10;
  private static final long SELDOM_MICROS = 3_600_000_000L;
  private static final byte[] SAME_FACTS = {};

  /// Rows written at once: the ledger's batches may wait meanwhile.
  private static final int WRITTEN_MAX = 500;

  private final Database database;
  private final Ledger ledger;
  private final LedgerReads reads;
  private final BillingClient client;
  private final Supplier<Snapshot> catalog;
  private final Supplier<ReconcileSettings> settings;
  private final Intake intake;
  private final long holder;
  private final Thread thread;
  private final Map<String, String> silent = new ConcurrentHashMap<>();
  private final Set<String> stumbling = ConcurrentHashMap.newKeySet();
  private volatile boolean closing;

  /// @param catalog read each round
  public LateBills(
      Database database,
      Ledger ledger,
      LedgerReads reads,
      BillingClient client,
      Supplier<Snapshot> catalog,
      Supplier<ReconcileSettings> settings,
      RandomSource random) {
    this.database = database;
    this.ledger = ledger;
    this.reads = reads;
    this.client = client;
    this.catalog = catalog;
    this.settings = settings;
    this.intake = new Intake(database, reads, ledger::nowMicros);
    this.holder = random.nextLong();
    this.thread = Thread.ofPlatform().name("faregate-late-bills").daemon().unstarted(this::loop);
  }

  /// Begins to ask in rounds.
  public void start() {
    thread.start();
  }

  /// How far each writer's endings were taken in.
  public Map<Long, Long> takenIn() {
    return database.read(LateBillSql::positions);
  }

  /// Forgets what was asked and told about calls which the ledger keeps no longer.
  ///
  /// @param handle of the transaction in which the ledger lets them go
  public void forget(Handle handle, Map<CallId, WalletId> calls) {
    LateBillSql.remove(handle, calls);
  }

  private void loop() {
    while (!closing) {
      try {
        Thread.sleep(settings.get().every());
        round();
      } catch (InterruptedException _) {
        return;
      } catch (RuntimeException | Error e) {
        LOG.warn("late bills could not be taken in, and are tried again in the next round", e);
      }
    }
  }

  /// Asks once about all that is due. Blocks; not for event loops.
  ///
  /// @return how many bills were taken in
  public int round() {
    Snapshot now = catalog.get();
    alone(
        "intake",
        () -> {
          intake.run(now, settings.get().giveUp().toMillis() * 1_000);
          return 0;
        });
    int bills = 0;
    for (Provider provider : now.providers()) {
      BillingEndpoint endpoint = provider.billing();
      if (endpoint != null && !closing) {
        bills += alone("provider " + provider.slug(), () -> ask(provider, endpoint));
      }
    }
    return bills;
  }

  /// A fault in one part is told once, and keeps no other from being done.
  private int alone(String part, IntSupplier task) {
    try {
      int bills = task.getAsInt();
      if (stumbling.remove(part)) {
        LOG.info("late bills: {} goes on again", part);
      }
      return bills;
    } catch (RuntimeException | Error e) {
      if (stumbling.add(part)) {
        LOG.warn("late bills: {} failed, and is tried again each round", part, e);
      }
      return 0;
    }
  }

  private int ask(Provider provider, BillingEndpoint endpoint) {
    int bills = 0;
    List<Waiting> batch;
    do {
      long now = ledger.nowMicros();
      if (!lease(provider, now)) {
        return bills;
      }
      refuseRepeated(provider, now);
      batch =
          database.read(
              handle -> LateBillSql.due(handle, provider.slug(), now, BillingClient.IDS_MAX));
      if (batch.isEmpty()) {
        return bills;
      }
      Map<String, Nanos> told = told(provider, endpoint, batch);
      if (told == null) {
        return bills;
      }
      bills += take(batch, told, endpoint, now);
    } while (batch.size() == BillingClient.IDS_MAX && !closing);
    return bills;
  }

  private boolean lease(Provider provider, long now) {
    return database.write(
        handle -> LateBillSql.lease(handle, provider.slug(), holder, now, now + LEASE_MICROS));
  }

  /// A bill is one call's: another that tells the same id is not asked about.
  private void refuseRepeated(Provider provider, long now) {
    int refused =
        database.write(handle -> LateBillSql.refuseRepeated(handle, provider.slug(), now));
    if (refused > 0) {
      LOG.warn(
          "provider {} told the id of another call for {} calls; they are not asked about, and"
              + " their charges stay as they are",
          provider.slug(),
          refused);
    }
  }

  private @Nullable Map<String, Nanos> told(
      Provider provider, BillingEndpoint endpoint, List<Waiting> batch) {
    try {
      Map<String, Nanos> told =
          client.ask(provider, endpoint, batch.stream().map(Waiting::request).toList());
      if (silent.remove(provider.slug()) != null) {
        LOG.info("provider {} tells its bills again", provider.slug());
      }
      return told;
    } catch (BillingClient.NoAnswer e) {
      if (silent.put(provider.slug(), "") == null) {
        LOG.warn(
            "provider {} does not tell what it billed: POST {}: {}. It is asked again each round;"
                + " until then charges stay as they are. Check providers.{}.billing_url.",
            provider.slug(),
            endpoint.url(),
            e.getMessage(),
            provider.slug());
      }
      return null;
    }
  }

  private int take(
      List<Waiting> batch, Map<String, Nanos> told, BillingEndpoint endpoint, long now) {
    Map<Waiting, CompletableFuture<Boolean>> adjusting = new LinkedHashMap<>();
    Map<Waiting, Long> again = new LinkedHashMap<>();
    for (Waiting call : batch) {
      Nanos bill = told.get(call.request());
      if (bill == null) {
        again.put(call, due(call, now));
      } else {
        adjusting.put(
            call,
            endpoint.adjusts() ? adjust(call, bill, now) : CompletableFuture.completedFuture(true));
      }
    }
    Map<Waiting, Nanos> billed = new LinkedHashMap<>();
    adjusting.forEach(
        (call, done) -> {
          if (done.join()) {
            billed.put(call, told.get(call.request()));
          } else {
            // It was told; the ledger has yet to take it.
            again.put(call, next(call, now));
          }
        });
    inPieces(
        billed,
        piece ->
            database.write(
                handle -> {
                  LateBillSql.billed(handle, piece, now);
                  return true;
                }));
    inPieces(
        again,
        piece ->
            database.write(
                handle -> {
                  LateBillSql.again(handle, piece);
                  return true;
                }));
    return billed.size();
  }

  /// Completed with whether the ledger knows the bill now.
  private CompletableFuture<Boolean> adjust(Waiting call, Nanos bill, long revision) {
    Ledger.CallRef ref = new Ledger.CallRef(call.call(), call.wallet());
    Ending ended = reads.call(ref).map(LedgerReads.Call::ended).orElse(null);
    if (ended != null && ended.charge().equals(bill) && !ended.estimated()) {
      return CompletableFuture.completedFuture(true);
    }
    CompletableFuture<AdjustOutcome> outcome = new CompletableFuture<>();
    ledger.adjust(ref, revision, bill, SAME_FACTS, Reply.future(outcome));
    // A wallet that somebody sits on keeps no other's bills from being taken in.
    outcome.completeOnTimeout(
        new AdjustOutcome.Unavailable("not adjusted in time"),
        ADJUST_SECONDS_MAX,
        TimeUnit.SECONDS);
    return outcome.thenApply(
        adjusted ->
            switch (adjusted) {
              case AdjustOutcome.Adjusted _, AdjustOutcome.Stale _ -> true;
              case AdjustOutcome.NotEnded _, AdjustOutcome.Unavailable _ -> false;
            });
  }

  /// When a call is asked about again that its provider did not tell.
  private long due(Waiting call, long now) {
    if (call.endedMicros() + settings.get().giveUp().toMillis() * 1_000 <= now) {
      return Long.MAX_VALUE;
    }
    return next(call, now);
  }

  private long next(Waiting call, long now) {
    long every = settings.get().every().toMillis() * 1_000;
    // A little less than a round, so that the next one does not come too early by a moment.
    return now + (call.asked() < ROUNDS_OFTEN ? every / 2 : Math.max(every / 2, SELDOM_MICROS));
  }

  private static <V> void inPieces(Map<Waiting, V> all, Consumer<Map<Waiting, V>> to) {
    List<Map.Entry<Waiting, V>> entries = new ArrayList<>(all.entrySet());
    for (int from = 0; from < entries.size(); from += WRITTEN_MAX) {
      Map<Waiting, V> piece = new LinkedHashMap<>();
      entries
          .subList(from, Math.min(entries.size(), from + WRITTEN_MAX))
          .forEach(each -> piece.put(each.getKey(), each.getValue()));
      to.accept(piece);
    }
  }

  /// Ends the rounds. What is under way is given up; it comes again.
  @Override
  public void close() {
    closing = true;
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
