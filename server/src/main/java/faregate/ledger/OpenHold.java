package faregate.ledger;

import faregate.id.CallId;
import faregate.id.WalletId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A hold that has not ended.
///
/// @param held nano-USD, never changed
/// @param print fingerprint of its command
/// @param mark what the call had consumed when it last told, or null
record OpenHold(
    CallId id,
    WalletId wallet,
    long held,
    List<Leg> legs,
    long deadlineMicros,
    long print,
    String ref,
    @Nullable Mark mark) {

  /// @param charge nano-USD, an estimate
  /// @param facts opaque
  record Mark(long charge, byte[] facts) {}

  OpenHold marked(Mark later) {
    return new OpenHold(id, wallet, held, legs, deadlineMicros, print, ref, later);
  }
}
