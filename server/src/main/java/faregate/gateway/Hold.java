package faregate.gateway;

import faregate.ledger.EndOutcome;
import faregate.ledger.HoldCommand;
import faregate.ledger.HoldOutcome;
import faregate.ledger.Ledger;
import faregate.ledger.Reply;
import faregate.ledger.SettleCommand;
import faregate.money.Nanos;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.concurrent.Executor;

/// The hold of one call, from its making to its one end.
final class Hold {
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

  /// Asks for it. Completes with the ledger's answer, whatever it is.
  Future<HoldOutcome> make(HoldCommand command) {
    Promise<HoldOutcome> promise = Promise.promise();
    state = State.ASKED;
    ledger.hold(command, new Reply<>(on, outcome -> made(outcome, promise)));
    return promise.future();
  }

  /// The client left before an answer: it need not stand in the line any longer, and what is made
  /// all the same is let go at once.
  void abandon() {
    if (state == State.ASKED) {
      ledger.release(call, Nanos.ZERO, "client_left", new byte[0], new Reply<>(on, _ -> {}));
    }
  }

  private void made(HoldOutcome outcome, Promise<HoldOutcome> promise) {
    if (outcome instanceof HoldOutcome.Held held) {
      amount = held.held();
      state = State.OPEN;
    }
    promise.complete(outcome);
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

  /// Ends it. Only the first end counts.
  ///
  /// @return the charge as it stands in the ledger, after the commit
  Future<Nanos> end(Ending ending, byte[] facts) {
    if (!isOpen()) {
      return Future.failedFuture(new IllegalStateException("the hold of " + call + " is not open"));
    }
    state = State.ENDING;
    Promise<Nanos> promise = Promise.promise();
    Reply<EndOutcome> reply = new Reply<>(on, outcome -> ended(outcome, promise));
    switch (ending) {
      case Ending.Post post ->
          ledger.settle(
              new SettleCommand(
                  call, post.charge(), post.excess(), post.exposure(), post.estimated(), facts),
              reply);
      case Ending.Release release ->
          ledger.release(call, release.exposure(), release.reason(), facts, reply);
    }
    return promise.future();
  }

  private static void ended(EndOutcome outcome, Promise<Nanos> promise) {
    switch (outcome) {
      case EndOutcome.Ended ended -> promise.complete(ended.ending().charge());
      case EndOutcome.EndedBefore ended ->
          promise.fail(new NotOurs("it was ended before, with " + ended.ending()));
      case EndOutcome.Unknown _ -> promise.fail(new NotOurs("the ledger does not know it"));
      case EndOutcome.Unavailable gone -> promise.fail(new NotOurs(gone.reason()));
    }
  }

  /// The call was ended by somebody else, or may be: it must not be completed towards its client.
  static final class NotOurs extends RuntimeException {
    private static final long serialVersionUID = 1;

    NotOurs(String message) {
      super(message, null, false, false);
    }
  }
}
