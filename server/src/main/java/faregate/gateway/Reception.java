package faregate.gateway;

import faregate.dialect.ChatAnswer;
import io.vertx.core.MultiMap;

/// What a successful attempt brought.
sealed interface Reception {
  /// The provider's headers; what the client may see of them is not decided here.
  MultiMap headers();

  /// A stream that has begun.
  record Stream(MultiMap headers, Delivery delivery) implements Reception {}

  /// A whole answer.
  record Whole(MultiMap headers, ChatAnswer answer) implements Reception {}
}
