package faregate.ledger;

/// A client's own name for a call: while it counts, no second call with it is held.
///
/// @param token who named it, opaque: the same key of another token names another call
/// @param key as the client wrote it
/// @param print a fingerprint of what was asked, so that the same key with another request is told
///   from a repeat
public record RepeatKey(long token, String key, String print) {
  /// How long a key counts, by the ledger's time: a day.
  static final long LIFE_MICROS = 24L * 3600 * 1_000_000;
}
