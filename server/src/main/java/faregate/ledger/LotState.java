package faregate.ledger;

import faregate.id.LotId;
import faregate.money.Nanos;

/// One lot as the writer sees it. All amounts in nano-USD.
///
/// @param total the sum of what transfers brought
/// @param granted what of it may be used; less than `total` only where a target lowers the lot
/// @param target the size that the lot shall shrink to, or [#NO_TARGET]
/// @param pending set aside by open holds
/// @param posted spent
record LotState(
    LotId id,
    LotKind kind,
    long total,
    long granted,
    long target,
    long pending,
    long posted,
    long startsMicros,
    long expiresMicros,
    String ref) {
  static final long NO_TARGET = -1;

  static LotState granted(LotId id, GrantCommand command) {
    long amount = command.amount().value();
    return new LotState(
        id,
        command.kind(),
        amount,
        amount,
        NO_TARGET,
        0,
        0,
        command.startsMicros(),
        command.expiresMicros(),
        command.ref());
  }

  boolean isLimit() {
    return kind == LotKind.LIMIT;
  }

  /// Whether it was bought, and not given.
  boolean isPurchase() {
    return kind == LotKind.PURCHASED && ref.startsWith(GrantCommand.PURCHASE);
  }

  /// What was used of a purchase that was reversed since, and has not been paid otherwise.
  long debt() {
    return isPurchase() && target != NO_TARGET ? Math.max(0, posted - target) : 0;
  }

  boolean inForce(long nowMicros) {
    return startsMicros <= nowMicros && nowMicros < expiresMicros;
  }

  /// What may be held.
  long available() {
    return granted - pending - posted;
  }

  /// What could be held if every open hold gave all of its credit back. A lowered lot keeps only
  /// what its target leaves.
  long unspent() {
    return granted(total, target, posted) - posted;
  }

  LotState hold(long amount) {
    return with(total, target, Math.addExact(pending, amount), posted);
  }

  LotState end(long held, long charge) {
    return with(total, target, pending - held, Math.addExact(posted, charge));
  }

  /// @param delta negative where something is given back
  LotState adjust(long delta) {
    return with(total, target, pending, Math.addExact(posted, delta));
  }

  /// @param size above `total` it brings credit in, below it becomes the target
  LotState resize(long size) {
    return size >= total
        ? with(size, NO_TARGET, pending, posted)
        : with(total, size, pending, posted);
  }

  /// What a row shows that others may have changed.
  record Figures(LotId id, long granted, long pending, long posted) {}

  LotState with(Figures figures) {
    return new LotState(
        id,
        kind,
        total,
        figures.granted,
        target,
        figures.pending,
        figures.posted,
        startsMicros,
        expiresMicros,
        ref);
  }

  /// This lot with the difference between two older looks at it.
  LotState moved(LotState before, LotState after) {
    return with(
        total + after.total - before.total,
        after.target == before.target ? target : after.target,
        pending + after.pending - before.pending,
        posted + after.posted - before.posted);
  }

  /// @param amount of its debt
  LotState repay(long amount) {
    return with(total, Math.addExact(target, amount), pending, posted);
  }

  private LotState with(long newTotal, long newTarget, long newPending, long newPosted) {
    return new LotState(
        id,
        kind,
        newTotal,
        granted(newTotal, newTarget, newPending + newPosted),
        newTarget,
        newPending,
        newPosted,
        startsMicros,
        expiresMicros,
        ref);
  }

  LedgerReads.Lot told() {
    return new LedgerReads.Lot(
        id,
        kind,
        Nanos.of(granted),
        Nanos.of(pending),
        Nanos.of(posted),
        startsMicros,
        expiresMicros,
        ref,
        Nanos.of(debt()),
        Nanos.of(isPurchase() && target != NO_TARGET ? target : 0));
  }

  /// The rule of lowered lots: what is used stays granted, what is given back does not.
  static long granted(long total, long target, long used) {
    return target == NO_TARGET ? total : Math.min(total, Math.max(target, used));
  }
}
