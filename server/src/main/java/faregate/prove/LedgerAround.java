package faregate.prove;

import faregate.ledger.AdjustOutcome;
import faregate.ledger.EndOutcome;
import faregate.ledger.GrantCommand;
import faregate.ledger.GrantOutcome;
import faregate.ledger.HoldCommand;
import faregate.ledger.HoldOutcome;
import faregate.ledger.Ledger;
import faregate.ledger.Reply;
import faregate.ledger.ResizeCommand;
import faregate.ledger.ResizeOutcome;
import faregate.ledger.SettleCommand;
import faregate.money.Nanos;
import java.util.concurrent.atomic.AtomicLong;

/// A ledger with something around it: passes everything on as it comes.
class LedgerAround implements Ledger {
  private static final int EVERY = 20;

  private final Ledger inner;
  private final AtomicLong count = new AtomicLong();

  LedgerAround(Ledger inner) {
    this.inner = inner;
  }

  /// Whether it is time to do harm again: the proof has to see it among calls that go well.
  final boolean isDue() {
    return count.incrementAndGet() % EVERY == 0;
  }

  @Override
  public void hold(HoldCommand command, Reply<HoldOutcome> reply) {
    inner.hold(command, reply);
  }

  @Override
  public void mark(CallRef call, Nanos charge, byte[] facts) {
    inner.mark(call, charge, facts);
  }

  @Override
  public void settle(SettleCommand command, Reply<EndOutcome> reply) {
    inner.settle(command, reply);
  }

  @Override
  public void release(
      CallRef call, Nanos exposure, String reason, byte[] facts, Reply<EndOutcome> reply) {
    inner.release(call, exposure, reason, facts, reply);
  }

  @Override
  public void grant(GrantCommand command, Reply<GrantOutcome> reply) {
    inner.grant(command, reply);
  }

  @Override
  public void adjust(
      CallRef call, long revision, Nanos charge, byte[] facts, Reply<AdjustOutcome> reply) {
    inner.adjust(call, revision, charge, facts, reply);
  }

  @Override
  public void resize(ResizeCommand command, Reply<ResizeOutcome> reply) {
    inner.resize(command, reply);
  }

  @Override
  public long nowMicros() {
    return inner.nowMicros();
  }
}
