package faregate.ledger;

import faregate.id.CallId;
import faregate.money.Nanos;

/// The exact record of whose money was set aside for which call, and what became of it.
///
/// Every command is queued, decided by one writer, and answered after the transaction that carries
/// it is durable. Commands of one wallet from one thread are decided in the order of the calls. The
/// ledger knows no users, providers or models: who and what are opaque references to it.
public interface Ledger {

  /// Sets credit aside for a call, before it is dispatched.
  void hold(HoldCommand command, Reply<HoldOutcome> reply);

  /// Notes what a long call has consumed so far, so that its charge survives a dead node.
  ///
  /// @param charge nano-USD so far, an estimate; never falls
  /// @param facts opaque, as [#settle] takes them
  void mark(CallRef call, Nanos charge, byte[] facts);

  /// Ends a hold by posting its charge.
  void settle(SettleCommand command, Reply<EndOutcome> reply);

  /// Ends a hold without a charge. A hold that still waits in line leaves it: the hold is answered
  /// `StillHeld`, the release `Unknown`.
  ///
  /// @param exposure what the provider may still bill, an upper bound: the operator's, recorded
  /// @param reason a short code, such as `upstream_error`
  void release(CallRef call, Nanos exposure, String reason, byte[] facts, Reply<EndOutcome> reply);

  /// Brings credit into a wallet. A repeat of its reference changes nothing.
  void grant(GrantCommand command, Reply<GrantOutcome> reply);

  /// What the provider's billing says later. A revision that is not above the call's last changes
  /// nothing; an increase is bounded by what was held and by what its lots still have. A call that
  /// was voided is charged nothing later either: the bill is the operator's loss. From then on the
  /// charge is not an estimate any more.
  void adjust(CallRef call, long revision, Nanos charge, byte[] facts, Reply<AdjustOutcome> reply);

  /// Raises, lowers or closes a lot, a spending limit too. Lowered below what is spent and held, it
  /// shrinks as open holds end: what they give back is not spent again.
  void resize(ResizeCommand command, Reply<ResizeOutcome> reply);

  /// The ledger's time in microseconds since the epoch: deadlines, expiry and months are judged by
  /// it. Never runs backward.
  long nowMicros();

  /// Names a call and the wallet that holds for it.
  record CallRef(CallId id, faregate.id.WalletId wallet) {}
}
