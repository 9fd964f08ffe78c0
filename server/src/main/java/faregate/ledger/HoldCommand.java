package faregate.ledger;

import faregate.id.CallId;
import faregate.id.LotId;
import faregate.id.WalletId;
import faregate.money.Nanos;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Asks for credit to be set aside.
///
/// The held amount is somewhere between `least` and `most`. Where the client set the output limit,
/// `least`, `wish` and `most` are equal.
///
/// @param id made by the caller first; a repeat answers with the first outcome
/// @param wallet who pays
/// @param limits spending limits that the charge counts against, each a lot of the paying wallet
/// @param least below this nothing is held: 402
/// @param wish held where the credit has it
/// @param most never more than this
/// @param deadlineMicros ledger time after which the hold may be ended by anyone
/// @param lineMillisMax how long the call may wait for others' holds to end; 0: not at all
/// @param ref opaque: who asks for what
/// @param repeat the client's own name for the call; null where it gave none
public record HoldCommand(
    CallId id,
    WalletId wallet,
    List<LotId> limits,
    Nanos least,
    Nanos wish,
    Nanos most,
    long deadlineMicros,
    int lineMillisMax,
    String ref,
    @Nullable RepeatKey repeat) {

  public HoldCommand {
    limits = List.copyOf(limits);
    if (limits.size() > 1 && Set.copyOf(limits).size() < limits.size()) {
      throw new IllegalArgumentException("a hold names a limit twice: " + limits);
    }
    if (least.value() < 0 || wish.isLessThan(least) || most.isLessThan(wish)) {
      throw new IllegalArgumentException(
          "a hold wants 0 <= least <= wish <= most: " + least + ", " + wish + ", " + most);
    }
  }

  /// A call that its client gave no name.
  public HoldCommand(
      CallId id,
      WalletId wallet,
      List<LotId> limits,
      Nanos least,
      Nanos wish,
      Nanos most,
      long deadlineMicros,
      int lineMillisMax,
      String ref) {
    this(id, wallet, limits, least, wish, most, deadlineMicros, lineMillisMax, ref, null);
  }

  public HoldCommand named(@Nullable RepeatKey key) {
    return new HoldCommand(
        id, wallet, limits, least, wish, most, deadlineMicros, lineMillisMax, ref, key);
  }
}
