package faregate.catalog;

import faregate.kit.Secret;
import org.jspecify.annotations.Nullable;

/// A company or server that runs models, as this installation reaches it.
///
/// @param slug as in `model:slug` and `x-inference-provider`
/// @param family which code speaks to it, such as `openai`
/// @param baseUrl scheme, host, port and path prefix without a trailing slash; null when none is
///   known
/// @param chatPath path of chat completions below the base URL
/// @param authHeader header that carries the key, such as `Authorization`
/// @param authPrefix what stands before the key, such as `Bearer `
/// @param keyVariable environment variable that holds the key, null when it takes none
/// @param key null when there is none
/// @param billsOnCancel whether it bills an answer in full although the client left
/// @param outputLimitField `max_tokens` or `max_completion_tokens`: what it understands
/// @param requestIdHeader response header with its own request id
/// @param source where these facts stand
public record Provider(
    String slug,
    String name,
    String family,
    @Nullable String baseUrl,
    String chatPath,
    String authHeader,
    String authPrefix,
    @Nullable String keyVariable,
    @Nullable Secret key,
    boolean keyNeeded,
    boolean billsOnCancel,
    String outputLimitField,
    String requestIdHeader,
    String source) {

  /// Whether its offers can be called.
  public boolean isReachable() {
    return baseUrl != null && (key != null || !keyNeeded);
  }
}
