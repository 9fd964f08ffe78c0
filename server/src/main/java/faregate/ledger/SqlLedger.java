package faregate.ledger;

import faregate.id.CallId;
import faregate.id.LotId;
import faregate.id.WalletId;
import faregate.kit.Clock;
import faregate.kit.IdSource;
import faregate.kit.RandomSource;
import faregate.money.Nanos;
import faregate.store.Database;
import faregate.store.Tenant;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The ledger in a database.
///
/// Commands never block and may come from any thread, event loops too. Questions block.
public final class SqlLedger implements Ledger, LedgerReads, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SqlLedger.class);
  private static final int CLOSE_SECONDS_MAX = 10;
  private static final int RETRY_AFTER_SECONDS = 1;
  private static final String CLOSED = "the ledger is closed";

  private final Database database;
  private final Surroundings around;
  private final LedgerSettings settings;
  private final Clock clock;
  private final IdSource ids;
  private final Queue queue;
  private final Writer writer;
  private final LedgerTime time;
  private volatile boolean closed;

  private SqlLedger(
      Database database,
      Surroundings around,
      LedgerSettings settings,
      Queue queue,
      Writer writer,
      LedgerTime time) {
    this.database = database;
    this.around = around;
    this.settings = settings;
    this.clock = around.clock();
    this.ids = database.ids();
    this.queue = queue;
    this.writer = writer;
    this.time = time;
  }

  /// Opens the ledger with default settings; ends what a previous life left open before it returns.
  public static SqlLedger open(Database database, Clock clock) {
    return open(database, clock, RandomSource.secure(), LedgerSettings.DEFAULT, LedgerWatch.NONE);
  }

  /// Opens the ledger; ends what a previous life left open before it returns.
  ///
  /// @param watch told of each batch
  /// @throws IllegalStateException when the rows cannot be read or written
  public static SqlLedger open(
      Database database,
      Clock clock,
      RandomSource random,
      LedgerSettings settings,
      LedgerWatch watch) {
    Queue queue = new Queue(settings.queueMax());
    Surroundings around =
        new Surroundings(
            clock,
            database.ids(),
            random,
            watch,
            database::freeBytes,
            database::lost,
            database.node());
    Writer writer = new Writer(queue, around, settings, new Share(0, 1, settings.distributed()));
    database.lane().enlist(writer);
    try {
      SqlLedger ledger =
          new SqlLedger(database, around, settings, queue, writer, writer.opened().join());
      database.attend(ledger.new Tenancy());
      return ledger;
    } catch (CompletionException e) {
      database.lane().dismiss(writer);
      throw new IllegalStateException(
          "the ledger cannot be opened: " + e.getCause() + "; run audit", e);
    }
  }

  @Override
  public void hold(HoldCommand command, Reply<HoldOutcome> reply) {
    if (queue.isFull()) {
      reply.give(new HoldOutcome.Overloaded(RETRY_AFTER_SECONDS));
    } else {
      submit(new Work.Hold(command, clock.nanoTime(), reply));
    }
  }

  @Override
  public void mark(CallRef call, Nanos charge, byte[] facts) {
    submit(new Work.Mark(call, new OpenHold.Mark(amount("a mark", charge), facts)));
  }

  @Override
  public void settle(SettleCommand command, Reply<EndOutcome> reply) {
    amount("a charge", command.charge());
    amount("an excess", command.excess());
    amount("an exposure", command.exposure());
    submit(new Work.Settle(command, reply));
  }

  @Override
  public void release(
      CallRef call, Nanos exposure, String reason, byte[] facts, Reply<EndOutcome> reply) {
    submit(new Work.Release(call, amount("an exposure", exposure), reason, facts, reply));
  }

  @Override
  public void grant(GrantCommand command, Reply<GrantOutcome> reply) {
    submit(new Work.Grant(command, new LotId(ids.next()), reply));
  }

  @Override
  public void adjust(
      CallRef call, long revision, Nanos charge, byte[] facts, Reply<AdjustOutcome> reply) {
    submit(new Work.Adjust(call, revision, amount("a charge", charge), facts, reply));
  }

  @Override
  public void resize(ResizeCommand command, Reply<ResizeOutcome> reply) {
    submit(new Work.Resize(command, reply));
  }

  private static long amount(String what, Nanos amount) {
    if (amount.value() < 0) {
      throw new IllegalArgumentException(what + " is 0 or more, not " + amount);
    }
    return amount.value();
  }

  private void submit(Work work) {
    if (closed) {
      work.refuse(CLOSED);
      return;
    }
    queue.add(work);
    database.lane().wake();
    if (closed && writer.drain().isDone()) {
      refuseRest();
    }
  }

  @Override
  public long nowMicros() {
    return time.now();
  }

  /// How the writer stands. Cheap, any thread.
  public LedgerState state() {
    LedgerState state = writer.state();
    return new LedgerState(
        queue.size(),
        state.waiting(),
        state.holdsOpen(),
        state.unwritten(),
        state.batches(),
        state.commands(),
        closed ? CLOSED : state.trouble());
  }

  @Override
  public List<Lot> lots(WalletId wallet) {
    return Wallet.of(wallet, database.read(handle -> ReadSql.lots(handle, wallet))).lots().stream()
        .map(LotState::told)
        .toList();
  }

  @Override
  public Optional<Call> call(CallRef call) {
    return database.read(handle -> ReadSql.call(handle, call));
  }

  @Override
  public Optional<Call> call(CallId id) {
    return database.read(handle -> ReadSql.call(handle, id));
  }

  @Override
  public Optional<HoldOutcome.RepeatedKey> repeated(WalletId wallet, RepeatKey key) {
    long now = nowMicros();
    Repeats.Place place = Repeats.place(wallet, key);
    return database
        .readQuickly(handle -> ReadSql.named(handle, place, now))
        .map(named -> Repeats.answer(named, key));
  }

  @Override
  public long holdsOpen() {
    return database.read(ReadSql::holdsOpen);
  }

  @Override
  public List<Long> fences() {
    return database.read(ReadSql::fences);
  }

  @Override
  public List<Finished> finishedAfter(long fence, long seq, int limit) {
    return database.read(handle -> ReadSql.finishedAfter(handle, fence, seq, limit));
  }

  @Override
  public long finishedLast(long fence) {
    return database.read(handle -> ReadSql.finishedLast(handle, fence));
  }

  @Override
  public AuditReport audit() {
    return Audit.run(database);
  }

  /// Removes clients' keys whose day is over. Blocks; many may do so at once.
  ///
  /// @return how many were removed
  public int sweepKeys() {
    long now = nowMicros();
    int swept = 0;
    for (int bucket : database.read(handle -> RepeatSweepSql.buckets(handle, now))) {
      int some;
      do {
        some = database.write(handle -> RepeatSweepSql.sweep(handle, bucket, now));
        swept += some;
      } while (some > 0);
    }
    return swept;
  }

  /// What [#closeCalls] came to.
  ///
  /// @param calls that are gone
  /// @param whole whether none is left that has to go: one that was not taken in yet is
  public record Closed(long calls, boolean whole) {}

  /// Sums up ended calls that were asked for before a time, and removes their rows. Blocks; many
  /// may do so at once. Late bills for them are told that there is no such call.
  ///
  /// @param takenIn how far each fence was followed by those who read [#finishedAfter]
  /// @param beside removes what others keep of these calls, in the same transaction; it may be run
  ///   again, as in [Database#write]
  /// @param goOn asked after each slice
  /// @throws RuntimeException when some could not be closed; all others are
  public Closed closeCalls(
      long beforeMicros,
      Map<Long, Long> takenIn,
      BiConsumer<Handle, Map<CallId, WalletId>> beside,
      BooleanSupplier goOn) {
    return new Closing(database, beforeMicros, takenIn, beside).run(goOn);
  }

  @Override
  public long keptFromMicros() {
    return database.read(ClosingSql::until);
  }

  /// Takes no more commands, finishes what is queued, and leaves the write thread. Holds that are
  /// still open are ended when the ledger is opened again.
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    var drained = writer.drain();
    database.lane().wake();
    try {
      drained.completeOnTimeout(false, CLOSE_SECONDS_MAX, TimeUnit.SECONDS).join();
    } finally {
      database.lane().dismiss(writer);
    }
    int left = refuseRest() + writer.refuseUnwritten(CLOSED);
    if (left > 0) {
      LOG.warn("{} commands were not written before the ledger closed", left);
    }
  }

  /// Ends what a dead node left, exactly once, and returns when that is durable.
  ///
  /// @param beat where the node's beat has to stand
  void recover(int node, long beat) {
    try {
      new Recovery(around, settings, settings.distributed())
          .run(database.lane().session(), node, beat, nowMicros());
    } catch (SQLException e) {
      throw new IllegalStateException("node " + node + " could not be recovered", e);
    }
  }

  /// What the ledger does when nodes die, this one among them.
  private final class Tenancy implements Tenant {

    @Override
    public void recover(int node, long beat) {
      SqlLedger.this.recover(node, beat);
    }

    @Override
    public void leave() {
      var left = writer.leave();
      database.lane().wake();
      if (!closed) {
        left.orTimeout(CLOSE_SECONDS_MAX, TimeUnit.SECONDS).join();
      }
    }

    @Override
    public void enter(int node) {
      var entered = writer.enter(node);
      database.lane().wake();
      if (closed) {
        throw new IllegalStateException(CLOSED);
      }
      entered.orTimeout(CLOSE_SECONDS_MAX, TimeUnit.SECONDS).join();
    }
  }

  private int refuseRest() {
    List<Work> rest = new ArrayList<>();
    queue.drainTo(rest, Integer.MAX_VALUE);
    rest.forEach(work -> work.refuse(CLOSED));
    return rest.size();
  }
}
