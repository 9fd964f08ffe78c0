package faregate.operator;

import faregate.gateway.Allowance;
import faregate.identity.User;
import faregate.ledger.Credit;
import faregate.ledger.GrantCommand;
import faregate.ledger.GrantOutcome;
import faregate.ledger.Ledger;
import faregate.ledger.LedgerReads;
import faregate.ledger.Reply;
import faregate.money.Nanos;
import java.util.concurrent.CompletableFuture;

/// What a wallet has, as of now, this month's grant included. Blocks.
public final class Purse {
  private final Ledger ledger;
  private final LedgerReads reads;
  private final Allowance allowance;

  public Purse(Ledger ledger, LedgerReads reads, Allowance allowance) {
    this.ledger = ledger;
    this.reads = reads;
    this.allowance = allowance;
  }

  public Credit of(User user) {
    allowance.giveNow(user.wallet(), user.tier());
    return new Credit(reads.lots(user.wallet()), ledger.nowMicros());
  }

  /// Gives and waits until it is durable.
  ///
  /// @throws Refusal when the ledger cannot write, or the reference was used for something else
  GrantOutcome give(GrantCommand command) {
    CompletableFuture<GrantOutcome> answer = new CompletableFuture<>();
    ledger.grant(command, Reply.future(answer));
    return switch (answer.join()) {
      case GrantOutcome.Granted granted -> granted;
      case GrantOutcome.GrantedBefore before -> before;
      case GrantOutcome.Different(String difference) ->
          throw Refusal.notPossible(
              "The reference '%s' was used before for another grant (%s). Choose another --ref."
                  .formatted(command.ref(), difference));
      case GrantOutcome.TooMuch(Nanos most) ->
          throw Refusal.badInput(
              "%s is more than this wallet can be given: %s at most, counting all it was ever given."
                  .formatted(command.amount(), most));
      case GrantOutcome.Unavailable(String reason) ->
          throw Refusal.notPossible("The ledger cannot write: " + reason);
    };
  }
}
