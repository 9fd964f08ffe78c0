package faregate.prove;

import faregate.id.CallId;
import faregate.kit.IdSource;
import faregate.ledger.EndOutcome;
import faregate.ledger.HoldCommand;
import faregate.ledger.HoldOutcome;
import faregate.ledger.Ledger;
import faregate.ledger.Reply;
import faregate.ledger.SettleCommand;
import faregate.money.Nanos;
import java.util.List;

/// Posts a charge again under an id of its own, which is all that a ledger with one end for each id
/// leaves to be done wrong.
final class SettledTwice extends LedgerAround {
  private static final long SOON_MICROS = 60_000_000;
  private final IdSource ids;

  SettledTwice(Ledger inner, IdSource ids) {
    super(inner);
    this.ids = ids;
  }

  @Override
  public void settle(SettleCommand command, Reply<EndOutcome> reply) {
    super.settle(command, reply);
    Nanos charge = command.charge();
    if (charge.value() == 0 || !isDue()) {
      return;
    }
    CallRef second = new CallRef(new CallId(ids.next()), command.call().wallet());
    hold(
        new HoldCommand(
            second.id(),
            second.wallet(),
            List.of(),
            charge,
            charge,
            charge,
            nowMicros() + SOON_MICROS,
            0,
            "a second time"),
        new Reply<>(reply.on(), outcome -> held(outcome, second, command)));
  }

  private void held(HoldOutcome outcome, CallRef second, SettleCommand first) {
    if (outcome instanceof HoldOutcome.Held) {
      super.settle(
          new SettleCommand(
              second, first.charge(), Nanos.ZERO, Nanos.ZERO, first.estimated(), first.facts()),
          new Reply<>(Runnable::run, _ -> {}));
    }
  }
}
