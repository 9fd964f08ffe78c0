package faregate.http;

import io.vertx.core.http.HttpMethod;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The table of all routes. Filled at start, then only read.
///
/// Exact paths are found by one look-up; the patterns are tried in order of how literal they are,
/// so the order of adding does not matter.
public final class Routes {
  private final Map<String, Map<HttpMethod, Route>> exact = new HashMap<>();
  private final List<Route> ranked = new ArrayList<>();
  private final List<Route> all = new ArrayList<>();
  private Traffic traffic = Traffic.UNHEARD;

  /// What a request leads to.
  sealed interface Match {
    record Found(Route route, Map<String, String> parameters) implements Match {}

    /// The path exists, the method does not.
    record WrongMethod(List<String> allowed) implements Match {}

    record Nothing() implements Match {}
  }

  public Routes get(String pattern, Handling.OnLoop handler) {
    return add(HttpMethod.GET, pattern, handler);
  }

  public Routes post(String pattern, Handling.OnLoop handler) {
    return add(HttpMethod.POST, pattern, handler);
  }

  public Routes getBlocking(String pattern, Handling.Blocking handler) {
    return add(HttpMethod.GET, pattern, handler);
  }

  public Routes postBlocking(String pattern, Handling.Blocking handler) {
    return add(HttpMethod.POST, pattern, handler);
  }

  public Routes putBlocking(String pattern, Handling.Blocking handler) {
    return add(HttpMethod.PUT, pattern, handler);
  }

  public Routes patchBlocking(String pattern, Handling.Blocking handler) {
    return add(HttpMethod.PATCH, pattern, handler);
  }

  public Routes deleteBlocking(String pattern, Handling.Blocking handler) {
    return add(HttpMethod.DELETE, pattern, handler);
  }

  public Routes getStreaming(String pattern, Handling.Streaming handler) {
    return add(HttpMethod.GET, pattern, handler);
  }

  /// A route that exists for those only whom the door lets in.
  public Routes postHidden(String pattern, Predicate<Visit> door, Handling.Blocking handler) {
    return add(pattern, new Route(HttpMethod.POST, PathPattern.of(pattern), handler, true, door));
  }

  /// @throws IllegalArgumentException when the same method and pattern are there already
  public Routes add(HttpMethod method, String pattern, Handling handling) {
    return add(pattern, Route.open(method, PathPattern.of(pattern), handling));
  }

  private Routes add(String pattern, Route route) {
    HttpMethod method = route.method();
    for (Route other : all) {
      if (other.method().equals(method) && other.pattern().equals(route.pattern())) {
        throw new IllegalArgumentException(
            "the route " + method + " " + pattern + " is there twice");
      }
    }
    all.add(route);
    if (route.pattern().isExact()) {
      exact.computeIfAbsent(pattern, _ -> new HashMap<>()).put(method, route);
    }
    ranked.add(route);
    ranked.sort(Comparator.comparing((Route each) -> each.pattern().rank()).reversed());
    return this;
  }

  /// Tells of every answer.
  public Routes tell(Traffic listener) {
    traffic = listener;
    return this;
  }

  Traffic traffic() {
    return traffic;
  }

  /// Every route, in the order of adding.
  public List<Route> all() {
    return Collections.unmodifiableList(all);
  }

  /// @param path raw, as on the request line, without the query
  /// @throws ProblemException when the path is malformed
  Match find(HttpMethod method, String path) {
    HttpMethod wanted = HttpMethod.HEAD.equals(method) ? HttpMethod.GET : method;
    Route route = lookUp(wanted, path);
    if (route != null) {
      return new Match.Found(route, Map.of());
    }
    ParsedPath parsed = ParsedPath.of(path);
    for (Route each : ranked) {
      if (each.method().equals(wanted)) {
        Map<String, String> parameters = each.pattern().match(parsed);
        if (parameters != null) {
          return new Match.Found(each, parameters);
        }
      }
    }
    return missed(parsed);
  }

  private @Nullable Route lookUp(HttpMethod method, String path) {
    Map<HttpMethod, Route> byMethod = exact.get(path);
    return byMethod == null ? null : byMethod.get(method);
  }

  private Match missed(ParsedPath parsed) {
    TreeSet<String> allowed = new TreeSet<>();
    for (Route each : ranked) {
      if (!each.isHidden() && each.pattern().match(parsed) != null) {
        allowed.add(each.method().name());
      }
    }
    if (allowed.isEmpty()) {
      return new Match.Nothing();
    }
    if (allowed.contains("GET")) {
      allowed.add("HEAD");
    }
    allowed.add("OPTIONS");
    return new Match.WrongMethod(List.copyOf(allowed));
  }
}
