package faregate.gateway;

import faregate.ledger.EndOutcome;
import faregate.ledger.HoldCommand;
import faregate.ledger.HoldOutcome;
import faregate.ledger.Ledger;
import faregate.ledger.Reply;
import faregate.ledger.SettleCommand;
import faregate.money.Nanos;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The hold of one call, from its making to its one end.
final class Hold {
  private static final Logger LOG = LoggerFactory.getLogger(Hold.class);
  private final Ledger ledger;
  private final Ledger.CallRef call;
  private final Executor on;
  private Nanos amount = Nanos.ZERO;
  private State state = State.NONE;

  private enum State {
    NONE,
    ASKED,
    OPEN,
    ENDING
  }

  /// @param on where outcomes are handed over: the exchange's event loop
  Hold(Ledger ledger, Ledger.CallRef call, Executor on) {
    this.ledger = ledger;
    this.call = call;
    this.on = on;
  }

  /// Asks for it.
  ///
  /// @param told hears the ledger's answer, whatever it is
  void make(HoldCommand command, Consumer<HoldOutcome> told) {
    state = State.ASKED;
    ledger.hold(
        command,
        new Reply<>(
            on,
            outcome -> {
              made(outcome);
              told.accept(outcome);
            }));
  }

  /// Whether the ledger has not been asked for it.
  boolean isUnasked() {
    return state == State.NONE;
  }

  /// The client left before an answer: it need not stand in the line any longer, and what is made
  /// all the same is let go at once.
  void abandon() {
    if (state == State.ASKED) {
      ledger.release(call, Nanos.ZERO, "client_left", new byte[0], new Reply<>(on, _ -> {}));
    }
  }

  private void made(HoldOutcome outcome) {
    if (outcome instanceof HoldOutcome.Held held) {
      amount = held.held();
      state = State.OPEN;
    }
  }

  /// What is held; 0 before there is a hold.
  Nanos amount() {
    return amount;
  }

  /// Whether it was made and nobody has begun to end it.
  boolean isOpen() {
    return state == State.OPEN;
  }

  void mark(Nanos charge, byte[] facts) {
    if (isOpen()) {
      ledger.mark(call, charge.atMost(amount), facts);
    }
  }

  /// Ends it, once.
  ///
  /// @param told hears the charge as it stands in the ledger, after the commit; null when somebody
  ///   else ended the call, or may have: it must not be completed towards its client
  /// @throws IllegalStateException when it is not open
  void end(Ending ending, byte[] facts, Consumer<@Nullable Nanos> told) {
    if (!isOpen()) {
      throw new IllegalStateException("the hold of " + call + " is not open");
    }
    state = State.ENDING;
    Reply<EndOutcome> reply = new Reply<>(on, outcome -> told.accept(charge(outcome)));
    switch (ending) {
      case Ending.Post post ->
          ledger.settle(
              new SettleCommand(
                  call, post.charge(), post.excess(), post.exposure(), post.estimated(), facts),
              reply);
      case Ending.Release release ->
          ledger.release(call, release.exposure(), release.reason(), facts, reply);
    }
  }

  private @Nullable Nanos charge(EndOutcome outcome) {
    return switch (outcome) {
      case EndOutcome.Ended ended -> ended.ending().charge();
      case EndOutcome.EndedBefore before -> notOurs("it was ended before, with " + before.ending());
      case EndOutcome.Unknown _ -> notOurs("the ledger does not know it");
      case EndOutcome.Unavailable gone -> notOurs(gone.reason());
    };
  }

  private @Nullable Nanos notOurs(String why) {
    LOG.warn("call {} cannot be told to its client as ended by us: {}", call.id(), why);
    return null;
  }
}
