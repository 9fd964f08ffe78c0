package faregate.kit;

/// Where new 64-bit ids come from. Thread-safe, and cheap enough for every call.
///
/// An id is positive and laid out as milliseconds | counter | node, so that new rows append. Ids of
/// one node never fall and are never given twice, not even after a crash or a clock set back.
@FunctionalInterface
public interface IdSource {
  /// @return a new id, above every id that this source has given before
  /// @throws IllegalStateException when no more ids may be given until the database answers
  long next();
}
