package faregate.identity;

/// What a presented token turned out to be.
///
/// Only [Unavailable] is our own fault: it must be answered with 500, never with 401.
public sealed interface LookUp {
  LookUp UNKNOWN = new Unknown();
  LookUp REVOKED = new Revoked();
  LookUp EXPIRED = new Expired();

  /// A token in force.
  record Known(Caller caller) implements LookUp {}

  /// No such token was ever made, or it has not the form of one.
  record Unknown() implements LookUp {}

  /// It was revoked.
  record Revoked() implements LookUp {}

  /// Its time is over.
  record Expired() implements LookUp {}

  /// The database did not answer in time, or too many look-ups wait.
  ///
  /// @param reason for the log and the operator
  record Unavailable(String reason) implements LookUp {}
}
