package faregate.catalog;

import faregate.kit.Secret;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// A company or server that runs models, as this installation reaches it.
///
/// A URL is the base URL followed by the path, with nothing between them: the base URL never ends
/// with a slash and the path always begins with one. The base URL is what an OpenAI client would be
/// given, so `https://api.groq.com/openai/v1` and `/chat/completions`.
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
/// @param privateNetwork whether its host name may resolve to a private or loopback address; one
///   that the base URL writes as such is allowed anyhow
/// @param caFile PEM file of the authorities that may have signed its certificate; null for the
///   machine's own
/// @param source where these facts stand
/// @param billing where it tells what it billed; null where it does not
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
    boolean privateNetwork,
    @Nullable Path caFile,
    String source,
    @Nullable BillingEndpoint billing) {

  /// A provider that does not tell what it billed.
  public Provider(
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
      boolean privateNetwork,
      @Nullable Path caFile,
      String source) {
    this(
        slug,
        name,
        family,
        baseUrl,
        chatPath,
        authHeader,
        authPrefix,
        keyVariable,
        key,
        keyNeeded,
        billsOnCancel,
        outputLimitField,
        requestIdHeader,
        privateNetwork,
        caFile,
        source,
        null);
  }

  /// A keyless server of the OpenAI dialect on a private network, such as Ollama or the sandbox.
  public static Provider local(String slug, String baseUrl) {
    return new Provider(
        slug,
        slug,
        "openai",
        baseUrl,
        "/chat/completions",
        "Authorization",
        "Bearer ",
        null,
        null,
        false,
        false,
        "max_tokens",
        "x-request-id",
        true,
        null,
        "configuration");
  }

  /// The same with another key.
  public Provider withKey(Secret secret) {
    return new Provider(
        slug,
        name,
        family,
        baseUrl,
        chatPath,
        authHeader,
        authPrefix,
        keyVariable,
        secret,
        keyNeeded,
        billsOnCancel,
        outputLimitField,
        requestIdHeader,
        privateNetwork,
        caFile,
        source,
        billing);
  }

  /// Whether callers may bring a key of their own: not where none is needed, for then everybody
  /// could, and nobody would pay.
  public boolean takesOwnKeys() {
    return baseUrl != null && (keyNeeded || key != null);
  }

  /// Whether its offers can be called.
  public boolean isReachable() {
    return baseUrl != null && (key != null || !keyNeeded);
  }
}
