package faregate.http;

import io.vertx.core.http.HttpMethod;
import java.util.function.Predicate;

/// One line of the table of routes.
///
/// @param pattern as it was given, such as `/v1/models/{model...}`
/// @param isHidden whether it is left out where methods of a path are listed
/// @param door asked before the body is read; whom it does not let in gets 404, as if there were no
///   such path
public record Route(
    HttpMethod method,
    PathPattern pattern,
    Handling handling,
    boolean isHidden,
    Predicate<Visit> door) {

  /// One for everybody.
  static Route open(HttpMethod method, PathPattern pattern, Handling handling) {
    return new Route(method, pattern, handling, false, _ -> true);
  }
}
