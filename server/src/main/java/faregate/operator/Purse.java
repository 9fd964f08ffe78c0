package faregate.operator;

import faregate.gateway.Allowance;
import faregate.identity.Payer;
import faregate.ledger.Credit;
import faregate.ledger.GrantCommand;
import faregate.ledger.GrantOutcome;
import faregate.ledger.Ledger;
import faregate.ledger.LedgerReads;
import faregate.ledger.Reply;
import faregate.ledger.ResizeCommand;
import faregate.ledger.ResizeOutcome;
import faregate.money.Nanos;
import java.util.Optional;
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

  public Credit of(Payer payer) {
    allowance.giveNow(payer);
    return new Credit(reads.lots(payer.wallet()), ledger.nowMicros());
  }

  /// The lot of a purchase, if there is one.
  Optional<LedgerReads.Lot> purchase(Payer payer, String ref) {
    return reads.lots(payer.wallet()).stream().filter(lot -> lot.ref().equals(ref)).findFirst();
  }

  /// Closes a lot and waits until it is durable.
  ///
  /// @throws Refusal when the ledger cannot write
  ResizeOutcome close(ResizeCommand command) {
    CompletableFuture<ResizeOutcome> answer = new CompletableFuture<>();
    ledger.resize(command, Reply.future(answer));
    ResizeOutcome outcome = answer.join();
    if (outcome instanceof ResizeOutcome.Unavailable(String reason)) {
      throw Refusal.notPossible("The ledger cannot write: " + reason);
    }
    return outcome;
  }

  /// References of the ledger tell what kind they are of; those that people choose do not.
  private static String asTyped(String ref) {
    return ref.substring(ref.indexOf(':') + 1);
  }

  /// Gives and waits until it is durable.
  ///
  /// @throws Refusal when the ledger cannot write, or the reference was used for something else
  GrantOutcome give(GrantCommand command) {
    return accepted(command, ask(command));
  }

  /// Gives and waits for whatever becomes of it.
  GrantOutcome ask(GrantCommand command) {
    CompletableFuture<GrantOutcome> answer = new CompletableFuture<>();
    ledger.grant(command, Reply.future(answer));
    return answer.join();
  }

  /// What became of a grant, if it is there.
  ///
  /// @throws Refusal if it is not
  static GrantOutcome accepted(GrantCommand command, GrantOutcome outcome) {
    return switch (outcome) {
      case GrantOutcome.Granted granted -> granted;
      case GrantOutcome.GrantedBefore before -> before;
      case GrantOutcome.Different(String difference) ->
          throw Refusal.notPossible(
              "%s. Choose another --ref."
                  .formatted(difference.replace(command.ref(), asTyped(command.ref()))));
      case GrantOutcome.TooMuch(Nanos most) ->
          throw Refusal.badInput(
              "%s is more than this wallet can be given: %s at most, counting all it was ever given."
                  .formatted(command.amount(), most));
      case GrantOutcome.Unavailable(String reason) ->
          throw Refusal.notPossible("The ledger cannot write: " + reason);
    };
  }
}
