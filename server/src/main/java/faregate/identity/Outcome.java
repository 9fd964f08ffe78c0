package faregate.identity;

/// What became of a command about users or tokens.
public sealed interface Outcome<T> {

  /// Carried out, durable.
  record Done<T>(T value) implements Outcome<T> {}

  /// Not carried out; nothing changed.
  ///
  /// @param message names the culprit and what to do, fit to be shown as it is
  record Refused<T>(String message) implements Outcome<T> {}
}
