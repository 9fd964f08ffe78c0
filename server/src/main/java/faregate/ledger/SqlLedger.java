package faregate.ledger;

import faregate.id.CallId;
import faregate.id.WalletId;
import faregate.kit.Clock;
import faregate.kit.RandomSource;
import faregate.money.Nanos;
import faregate.store.Database;
import java.util.List;
import java.util.Optional;

/// The ledger in a database.
public final class SqlLedger implements Ledger, LedgerReads, AutoCloseable {
  private final Clock clock;

  private SqlLedger(Clock clock) {
    this.clock = clock;
  }

  /// Opens the ledger with default settings; ends what a previous life left open before it returns.
  public static SqlLedger open(Database database, Clock clock) {
    return open(database, clock, RandomSource.secure(), LedgerSettings.DEFAULT, LedgerWatch.NONE);
  }

  /// @param watch told of each batch
  public static SqlLedger open(
      Database database,
      Clock clock,
      RandomSource random,
      LedgerSettings settings,
      LedgerWatch watch) {
    return new SqlLedger(clock);
  }

  @Override
  public void hold(HoldCommand command, Reply<HoldOutcome> reply) {
    reply.give(new HoldOutcome.Unavailable("not built yet"));
  }

  @Override
  public void mark(CallRef call, Nanos charge, byte[] facts) {}

  @Override
  public void settle(SettleCommand command, Reply<EndOutcome> reply) {
    reply.give(new EndOutcome.Unavailable("not built yet"));
  }

  @Override
  public void release(
      CallRef call, Nanos exposure, String reason, byte[] facts, Reply<EndOutcome> reply) {
    reply.give(new EndOutcome.Unavailable("not built yet"));
  }

  @Override
  public void grant(GrantCommand command, Reply<GrantOutcome> reply) {
    reply.give(new GrantOutcome.Unavailable("not built yet"));
  }

  @Override
  public void adjust(
      CallRef call, long revision, Nanos charge, byte[] facts, Reply<AdjustOutcome> reply) {
    reply.give(new AdjustOutcome.Unavailable("not built yet"));
  }

  @Override
  public void resize(ResizeCommand command, Reply<ResizeOutcome> reply) {
    reply.give(new ResizeOutcome.Unavailable("not built yet"));
  }

  @Override
  public long nowMicros() {
    return clock.micros();
  }

  /// How the writer stands. Cheap, any thread.
  public LedgerState state() {
    return new LedgerState(0, 0, 0, 0, 0, "not built yet");
  }

  @Override
  public List<Lot> lots(WalletId wallet) {
    return List.of();
  }

  @Override
  public Optional<Call> call(CallId id) {
    return Optional.empty();
  }

  @Override
  public long holdsOpen() {
    return 0;
  }

  @Override
  public List<Long> fences() {
    return List.of();
  }

  @Override
  public List<Finished> finishedAfter(long fence, long seq, int limit) {
    return List.of();
  }

  @Override
  public AuditReport audit() {
    return new AuditReport(
        0, 0, 0, 0, Nanos.ZERO, Nanos.ZERO, Nanos.ZERO, Nanos.ZERO, Nanos.ZERO, null);
  }

  /// Takes no more holds, finishes what is queued, and leaves the write thread.
  @Override
  public void close() {}
}
