package faregate.prove;

import faregate.ledger.EndOutcome;
import faregate.ledger.Ending;
import faregate.ledger.Ledger;
import faregate.ledger.Reply;
import faregate.ledger.SettleCommand;
import faregate.money.Nanos;

/// Lets a hold go where its charge should be posted, and tells the charge all the same.
final class ChargeDropped extends LedgerAround {
  ChargeDropped(Ledger inner) {
    super(inner);
  }

  @Override
  public void settle(SettleCommand command, Reply<EndOutcome> reply) {
    if (command.charge().value() == 0 || !isDue()) {
      super.settle(command, reply);
      return;
    }
    Ending told = new Ending(command.charge(), command.estimated(), Ending.POSTED);
    release(
        command.call(),
        Nanos.ZERO,
        "dropped",
        command.facts(),
        new Reply<>(reply.on(), _ -> reply.to().accept(new EndOutcome.Ended(told))));
  }
}
