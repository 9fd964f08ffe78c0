package faregate.ledger;

import faregate.id.CallId;
import faregate.id.LotId;
import faregate.id.WalletId;
import faregate.ledger.Ledger.CallRef;
import org.jspecify.annotations.Nullable;

/// A command in the writer's queue, with where its outcome goes.
sealed interface Work {

  /// Whose lots it is about.
  WalletId wallet();

  /// Says that the ledger cannot answer.
  void refuse(String reason);

  /// Whether the writer goes on trying until it is written: all that ends a hold.
  default boolean mustBeWritten() {
    return ends() != null;
  }

  /// The call whose hold it ends, or null where it ends none.
  default @Nullable CallId ends() {
    return null;
  }

  /// @param arrivedNanos monotonic: its time in the line counts from here
  record Hold(HoldCommand command, long arrivedNanos, Reply<HoldOutcome> reply) implements Work {
    @Override
    public WalletId wallet() {
      return command.wallet();
    }

    @Override
    public void refuse(String reason) {
      reply.give(new HoldOutcome.Unavailable(reason));
    }

    long waitsUntilNanos() {
      return arrivedNanos + command.lineMillisMax() * 1_000_000L;
    }
  }

  record Mark(CallRef call, OpenHold.Mark mark) implements Work {
    @Override
    public WalletId wallet() {
      return call.wallet();
    }

    @Override
    public void refuse(String reason) {}
  }

  record Settle(SettleCommand command, Reply<EndOutcome> reply) implements Work {
    @Override
    public WalletId wallet() {
      return command.call().wallet();
    }

    @Override
    public CallId ends() {
      return command.call().id();
    }

    @Override
    public void refuse(String reason) {
      reply.give(new EndOutcome.Unavailable(reason));
    }
  }

  record Release(CallRef call, long exposure, String reason, byte[] facts, Reply<EndOutcome> reply)
      implements Work {
    @Override
    public WalletId wallet() {
      return call.wallet();
    }

    @Override
    public CallId ends() {
      return call.id();
    }

    @Override
    public void refuse(String why) {
      reply.give(new EndOutcome.Unavailable(why));
    }
  }

  /// Ends a hold that nobody ends: its last mark is posted, or it is voided.
  record Expire(CallId id, WalletId wallet, String reason) implements Work {
    /// Its node is gone.
    static final String DIED = "recovery";

    /// Its deadline and its grace have passed.
    static final String OVERDUE = "deadline";

    @Override
    public CallId ends() {
      return id;
    }

    @Override
    public void refuse(String why) {}
  }

  /// @param lot the id of the lot, should it be made
  record Grant(GrantCommand command, LotId lot, Reply<GrantOutcome> reply) implements Work {
    @Override
    public WalletId wallet() {
      return command.wallet();
    }

    @Override
    public void refuse(String reason) {
      reply.give(new GrantOutcome.Unavailable(reason));
    }
  }

  record Resize(ResizeCommand command, Reply<ResizeOutcome> reply) implements Work {
    @Override
    public WalletId wallet() {
      return command.wallet();
    }

    @Override
    public void refuse(String reason) {
      reply.give(new ResizeOutcome.Unavailable(reason));
    }
  }

  record Adjust(CallRef call, long revision, long charge, byte[] facts, Reply<AdjustOutcome> reply)
      implements Work {
    @Override
    public WalletId wallet() {
      return call.wallet();
    }

    @Override
    public void refuse(String reason) {
      reply.give(new AdjustOutcome.Unavailable(reason));
    }
  }
}
