package faregate.provider;

import io.vertx.core.MultiMap;
import java.util.Set;

/// Which headers of a provider's answer the client may see. All others stay: they could name an
/// account, set a cookie, or contradict what this server says itself.
public final class ResponseHeaders {
  private static final Set<String> ALLOWED =
      Set.of("content-type", "content-language", "openai-processing-ms", "openai-version");

  private ResponseHeaders() {}

  /// Copies what may be seen. Rate limits are the operator's at the provider, not the client's, so
  /// they stay too.
  public static void copy(MultiMap from, MultiMap to) {
    for (String name : ALLOWED) {
      String value = from.get(name);
      if (value != null) {
        to.set(name, value);
      }
    }
  }
}
