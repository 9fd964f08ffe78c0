package faregate.prove;

import faregate.id.CallId;
import faregate.ledger.EndOutcome;
import faregate.ledger.HoldCommand;
import faregate.ledger.HoldOutcome;
import faregate.ledger.Ledger;
import faregate.ledger.Reply;
import faregate.ledger.SettleCommand;
import faregate.money.Nanos;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Holds a tenth of what a call can cost and says that all of it is held.
final class HoldShrunk extends LedgerAround {
  private static final int PART = 10;
  private final Map<CallId, Nanos> shrunk = new ConcurrentHashMap<>();

  HoldShrunk(Ledger inner) {
    super(inner);
  }

  @Override
  public void hold(HoldCommand command, Reply<HoldOutcome> reply) {
    if (!command.least().equals(command.most()) || command.repeat() != null || !isDue()) {
      super.hold(command, reply);
      return;
    }
    Nanos part = Nanos.of(command.most().value() / PART);
    shrunk.put(command.id(), part);
    super.hold(
        new HoldCommand(
            command.id(),
            command.wallet(),
            command.limits(),
            part,
            part,
            part,
            command.deadlineMicros(),
            command.lineMillisMax(),
            command.ref()),
        new Reply<>(reply.on(), outcome -> reply.to().accept(told(outcome, command.most()))));
  }

  private static HoldOutcome told(HoldOutcome outcome, Nanos most) {
    return outcome instanceof HoldOutcome.Held held
        ? new HoldOutcome.Held(most, held.left())
        : outcome;
  }

  @Override
  public void mark(CallRef call, Nanos charge, byte[] facts) {
    super.mark(call, charge.atMost(shrunk.getOrDefault(call.id(), charge)), facts);
  }

  @Override
  public void settle(SettleCommand command, Reply<EndOutcome> reply) {
    Nanos most = shrunk.remove(command.call().id());
    super.settle(
        most == null
            ? command
            : new SettleCommand(
                command.call(),
                command.charge().atMost(most),
                command.excess(),
                command.exposure(),
                command.estimated(),
                command.facts()),
        reply);
  }
}
