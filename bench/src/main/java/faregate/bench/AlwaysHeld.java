package faregate.bench;

import faregate.id.LotId;
import faregate.kit.Clock;
import faregate.ledger.AdjustOutcome;
import faregate.ledger.EndOutcome;
import faregate.ledger.Ending;
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

/// A ledger that is switched off: it holds whatever is asked for, writes nothing and forgets. What
/// the gateway costs with it is what the gateway costs without the ledger.
final class AlwaysHeld implements Ledger {
  private final Clock clock;

  AlwaysHeld(Clock clock) {
    this.clock = clock;
  }

  @Override
  public void hold(HoldCommand command, Reply<HoldOutcome> reply) {
    give(reply, new HoldOutcome.Held(command.most(), command.most()));
  }

  @Override
  public void mark(CallRef call, Nanos charge, byte[] facts) {}

  @Override
  public void settle(SettleCommand command, Reply<EndOutcome> reply) {
    Ending posted = new Ending(command.charge(), command.estimated(), Ending.POSTED);
    give(reply, new EndOutcome.Ended(posted));
  }

  @Override
  public void release(
      CallRef call, Nanos exposure, String reason, byte[] facts, Reply<EndOutcome> reply) {
    give(reply, new EndOutcome.Ended(new Ending(Nanos.ZERO, false, reason)));
  }

  @Override
  public void grant(GrantCommand command, Reply<GrantOutcome> reply) {
    give(reply, new GrantOutcome.Granted(new LotId(1)));
  }

  @Override
  public void adjust(
      CallRef call, long revision, Nanos charge, byte[] facts, Reply<AdjustOutcome> reply) {
    give(reply, new AdjustOutcome.Adjusted(charge, Nanos.ZERO));
  }

  @Override
  public void resize(ResizeCommand command, Reply<ResizeOutcome> reply) {
    give(reply, new ResizeOutcome.Resized(command.size()));
  }

  @Override
  public long nowMicros() {
    return clock.micros();
  }

  private static <T> void give(Reply<? super T> reply, T outcome) {
    reply.on().execute(() -> reply.to().accept(outcome));
  }
}
