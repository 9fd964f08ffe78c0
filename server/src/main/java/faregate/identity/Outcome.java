package faregate.identity;

/// What became of a command about users or tokens.
public sealed interface Outcome<T> {

  /// Carried out, durable.
  record Done<T>(T value) implements Outcome<T> {}

  /// Not carried out; nothing changed.
  ///
  /// @param message names the culprit and what to do, fit to be shown as it is
  record Refused<T>(String message) implements Outcome<T> {}

  /// Not carried out, and never will be: what was asked for cannot be.
  ///
  /// @param message names the culprit and what to do, fit to be shown as it is
  record Malformed<T>(String message) implements Outcome<T> {}
}
