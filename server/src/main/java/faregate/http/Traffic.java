package faregate.http;

/// Hears of every answer that was written to its end. Called on event loops.
@FunctionalInterface
public interface Traffic {
  /// For when nobody listens.
  Traffic UNHEARD = (_, _, _) -> {};

  /// Told when an answer has ended, or a stream of events has begun.
  ///
  /// @param pattern of the route that answered, such as `/v1/models/{model...}`; empty where there
  ///   was none
  /// @param micros since the head of the request was read
  void answered(String pattern, int status, long micros);
}
