package faregate.operator;

import faregate.gateway.Allowance;
import faregate.identity.User;
import faregate.ledger.GrantCommand;
import faregate.ledger.GrantOutcome;
import faregate.ledger.Ledger;
import faregate.ledger.LedgerReads;
import faregate.ledger.LotKind;
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

  /// @param left neither spent nor held
  /// @param held set aside for calls that run now
  /// @param spent posted against the lots in force
  public record Content(Nanos left, Nanos held, Nanos spent) {}

  public Content of(User user) {
    allowance.giveNow(user.wallet(), user.tier());
    long now = ledger.nowMicros();
    Content sum = new Content(Nanos.ZERO, Nanos.ZERO, Nanos.ZERO);
    for (LedgerReads.Lot lot : reads.lots(user.wallet())) {
      boolean inForce = lot.startsMicros() <= now && now < lot.expiresMicros();
      if (inForce && lot.kind() != LotKind.LIMIT) {
        sum = plus(sum, lot);
      }
    }
    return sum;
  }

  private static Content plus(Content sum, LedgerReads.Lot lot) {
    Nanos left = lot.granted().minus(lot.pending()).minus(lot.posted());
    return new Content(
        sum.left().plus(left), sum.held().plus(lot.pending()), sum.spent().plus(lot.posted()));
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
      case GrantOutcome.Unavailable(String reason) ->
          throw Refusal.notPossible("The ledger cannot write: " + reason);
    };
  }
}
