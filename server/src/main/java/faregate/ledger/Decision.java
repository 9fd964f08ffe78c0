package faregate.ledger;

import faregate.id.LotId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What becomes of a command: a pure function of a wallet's lots, the command and the ledger's
/// time.
///
/// Nothing here reads a clock, a row or a setting, so it is the same on every database and can be
/// tested with plain values. Amounts are nano-USD; all arithmetic throws on overflow.
final class Decision {
  /// A silent client gets at most this share of what is available.
  private static final int SHARE = 16;

  private Decision() {}

  /// What becomes of a hold.
  sealed interface Verdict {
    /// @param left what the wallet has beyond all open holds, after this one
    record Take(Wallet after, long held, List<Leg> legs, long left) implements Verdict {}

    /// @param limit the spending limit that is short; null where the wallet itself is
    record Refuse(long unspent, @Nullable LotId limit) implements Verdict {}

    /// @param held what open holds hold of the unspent credit
    record Wait(long unspent, long held) implements Verdict {}

    /// A limit is named that the wallet does not have: an error of the caller.
    record NoSuchLimit(LotId limit) implements Verdict {}
  }

  /// What an end or an adjustment makes of a wallet.
  ///
  /// @param legs with what was posted; of an adjustment, only the differences
  record Posted(Wallet after, List<Leg> legs, long charge) {}

  /// Decides a hold.
  static Verdict hold(Wallet wallet, HoldCommand command, long nowMicros) {
    long available = 0;
    long unspent = 0;
    for (int index = 0; index < wallet.size(); index++) {
      LotState lot = wallet.lot(index);
      if (!lot.isLimit() && lot.inForce(nowMicros)) {
        available = Math.addExact(available, lot.available());
        unspent = Math.addExact(unspent, lot.unspent());
      }
    }
    long inWallet = available;
    long least = command.least().value();
    LotId shortest = null;
    for (LotId limit : command.limits()) {
      LotState lot = wallet.find(limit);
      if (lot == null || !lot.isLimit()) {
        return new Verdict.NoSuchLimit(limit);
      }
      available = Math.min(available, lot.inForce(nowMicros) ? lot.available() : 0);
      long left = lot.inForce(nowMicros) ? lot.unspent() : 0;
      shortest = left < least && unspent >= least ? limit : shortest;
      unspent = Math.min(unspent, left);
    }
    if (unspent < least) {
      return new Verdict.Refuse(unspent, shortest);
    }
    long floor = Math.min(command.wish().value(), unspent);
    if (available < floor) {
      return new Verdict.Wait(unspent, Math.max(0, unspent - available));
    }
    long held = Math.min(command.most().value(), Math.max(floor, available / SHARE));
    return take(wallet, command.limits(), held, inWallet - held, nowMicros);
  }

  /// Whether a decision would be as good on lots that are somewhat old: the first lot in order has
  /// it all, and no less was held than was wished. If that is not so by now, the row's own check
  /// fails. Anything else would be wrong without failing.
  static boolean isPlain(Verdict verdict, Wallet wallet, HoldCommand command, long nowMicros) {
    if (!(verdict instanceof Verdict.Take take) || take.held < command.wish().value()) {
      return false;
    }
    for (int index = 0; index < wallet.size(); index++) {
      LotState lot = wallet.lot(index);
      if (!lot.isLimit() && lot.inForce(nowMicros)) {
        return lot.kind() != LotKind.POSTPAID && lot.available() >= take.held;
      }
    }
    return take.held == 0;
  }

  private static Verdict take(
      Wallet wallet, List<LotId> limits, long held, long left, long nowMicros) {
    if (held == 0) {
      return new Verdict.Take(wallet, 0, List.of(), left);
    }
    Wallet after = wallet;
    List<Leg> legs = new ArrayList<>(1 + limits.size());
    long rest = held;
    for (int index = 0; rest > 0; index++) {
      LotState lot = wallet.lot(index);
      long part = !lot.isLimit() && lot.inForce(nowMicros) ? Math.min(rest, lot.available()) : 0;
      if (part > 0) {
        after = after.with(lot.hold(part));
        legs.add(new Leg(lot.id(), false, part, 0));
        rest -= part;
      }
    }
    for (LotId limit : limits) {
      after = after.with(after.get(limit).hold(held));
      legs.add(new Leg(limit, true, held, 0));
    }
    return new Verdict.Take(after, held, legs, left);
  }

  /// Ends a hold. Wallet legs post in order of use, limit legs post the whole charge.
  ///
  /// @param charge at most what the legs hold; 0 voids
  static Posted end(Wallet wallet, List<Leg> legs, long charge) {
    Wallet after = wallet;
    List<Leg> posted = new ArrayList<>(legs.size());
    long rest = charge;
    for (Leg leg : legs) {
      long part = leg.limit() ? charge : Math.min(rest, leg.held());
      rest -= leg.limit() ? 0 : part;
      after = after.with(after.get(leg.lot()).end(leg.held(), part));
      posted.add(leg.post(part));
    }
    if (rest > 0) {
      throw new IllegalStateException("a charge is " + rest + " above what its legs hold");
    }
    return new Posted(after, posted, charge);
  }

  /// A late bill: downwards always, the last lot first; upwards at most to what was held, and at
  /// most what the lots of the call still have.
  ///
  /// @param legs with what is posted now
  /// @param charge what is posted now
  static Posted adjust(Wallet wallet, List<Leg> legs, long charge, long wanted) {
    return wanted < charge
        ? giveBack(wallet, legs, charge, charge - wanted)
        : takeMore(wallet, legs, charge, wanted - charge);
  }

  private static Posted giveBack(Wallet wallet, List<Leg> legs, long charge, long amount) {
    long rest = amount;
    List<Leg> deltas = new ArrayList<>(legs.size());
    for (Leg leg : legs.reversed()) {
      long part = leg.limit() ? amount : Math.min(rest, leg.posted());
      rest -= leg.limit() ? 0 : part;
      deltas.add(new Leg(leg.lot(), leg.limit(), 0, -part));
    }
    return adjusted(wallet, deltas, charge - amount);
  }

  private static Posted takeMore(Wallet wallet, List<Leg> legs, long charge, long wanted) {
    long room = wanted;
    for (Leg leg : legs) {
      if (leg.limit()) {
        room = Math.min(room, wallet.get(leg.lot()).available());
      }
    }
    List<Leg> deltas = new ArrayList<>(legs.size());
    long more = 0;
    for (Leg leg : legs) {
      if (!leg.limit()) {
        long has = Math.min(leg.held() - leg.posted(), wallet.get(leg.lot()).available());
        long part = Math.min(room - more, has);
        more += part;
        deltas.add(new Leg(leg.lot(), false, 0, part));
      }
    }
    for (Leg leg : legs) {
      if (leg.limit()) {
        deltas.add(new Leg(leg.lot(), true, 0, more));
      }
    }
    return adjusted(wallet, deltas, charge + more);
  }

  private static Posted adjusted(Wallet wallet, List<Leg> deltas, long charge) {
    Wallet after = wallet;
    List<Leg> moved = new ArrayList<>(deltas.size());
    for (Leg leg : deltas) {
      if (leg.posted() != 0) {
        after = after.with(after.get(leg.lot()).adjust(leg.posted()));
        moved.add(leg);
      }
    }
    return new Posted(after, moved, charge);
  }
}
