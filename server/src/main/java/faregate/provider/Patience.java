package faregate.provider;

import java.time.Duration;

/// How long an attempt may take.
///
/// @param connect to reach the server, TLS included
/// @param header from the sent request to the head of the answer
public record Patience(Duration connect, Duration header) {
  public static Patience standard() {
    return new Patience(Duration.ofSeconds(5), Duration.ofSeconds(120));
  }
}
