package faregate.reconcile;

import java.util.Locale;

/// Why a provider's bill for a call differs from what the caller paid.
enum Why {
  /// The provider billed more than the hold, or than the lots still had: recorded as loss.
  EXCESS,
  /// Their book has what the call was charged first; it was adjusted by a later bill.
  ADJUSTED_LATER,
  /// The client left; the provider went on for a while, within what was recorded as exposure.
  CLIENT_LEFT,
  /// The answer was cut or broke; likewise.
  CUT,
  /// An attempt told nothing, and was billed all the same.
  AMBIGUOUS,
  /// Our node died under the call, after its last mark.
  NODE_DIED,
  /// The provider told no usage, so the charge was counted by us; or it told of something that has
  /// no price.
  ESTIMATED,
  /// Less than their book, or ours, can write.
  ROUNDING,
  /// Calls of another month by our time.
  OTHER_MONTH,
  /// They were asked and have not told yet, or the call ended since they were asked last.
  NOT_YET_BILLED,
  /// They billed a call that we do not know.
  UNKNOWN_TO_US,
  /// We charged a call that they do not know.
  UNKNOWN_TO_THEM,
  /// None of these: somebody has to look.
  UNEXPLAINED;

  String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
