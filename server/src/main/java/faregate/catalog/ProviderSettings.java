package faregate.catalog;

import com.fasterxml.jackson.annotation.JsonProperty;
import faregate.catalog.CatalogSettings.ModelSettings;
import faregate.kit.Secret;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What the operator says about one provider. What is absent keeps its built-in value.
///
/// @param baseUrl what an OpenAI client would be given, such as `http://127.0.0.1:11434/v1`; paths
///   such as `/chat/completions` are put behind it as they are
/// @param key its key; otherwise the environment variable `key_variable` holds it
/// @param keyVariable the environment variable to read the key from, instead of the built-in one
/// @param enabled false switches all its offers off
/// @param caFile PEM file with the authorities to trust instead of the machine's
/// @param privateNetwork whether its host name may resolve to a private address; a loopback or
///   private address written as such needs no such permission
/// @param billsOnCancel whether it bills an answer in full although the client left
/// @param header header that carries the key, then without a prefix unless one is given
/// @param prefix what stands before the key in that header, a space at its end included
/// @param chatPath path of chat completions behind the base URL
/// @param outputLimitField `max_tokens` or `max_completion_tokens`
/// @param free whether a call costs nothing here; its offers need no prices then
/// @param billingUrl where the provider tells later what it billed: an URL, or a path on the host
///   of the base URL
/// @param billingAdjusts whether callers pay what it says; true where it is not said
/// @param billingDelay how long after its end a call is asked about first
/// @param discover whether `GET {base_url}/models` is asked for more models; where it is not said,
///   a new or free provider without `models` is asked
public record ProviderSettings(
    @Nullable String baseUrl,
    @Nullable Secret key,
    @Nullable String keyVariable,
    @Nullable Boolean enabled,
    @Nullable Path caFile,
    @JsonProperty("private") @Nullable Boolean privateNetwork,
    @Nullable Boolean billsOnCancel,
    @Nullable String header,
    @Nullable String prefix,
    @Nullable String chatPath,
    @Nullable String outputLimitField,
    @Nullable Boolean free,
    @Nullable Boolean discover,
    @Nullable String billingUrl,
    @Nullable Boolean billingAdjusts,
    @Nullable Duration billingDelay,
    List<ModelSettings> models) {

  static final ProviderSettings NOTHING =
      new ProviderSettings(
          null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
          null, List.of());

  private static final Set<String> LIMIT_FIELDS = Set.of("max_tokens", "max_completion_tokens");

  public ProviderSettings {
    baseUrl = baseUrl == null ? null : trimmedUrl(baseUrl);
    if (chatPath != null && !chatPath.startsWith("/")) {
      throw new IllegalArgumentException("chat_path '" + chatPath + "' must begin with a slash");
    }
    if (billingUrl != null && !billingUrl.startsWith("/") && !isBaseUrl(billingUrl)) {
      throw new IllegalArgumentException(
          "billing_url '"
              + billingUrl
              + "' is neither an URL of scheme, host and path nor a path that begins with a slash");
    }
    if (outputLimitField != null && !LIMIT_FIELDS.contains(outputLimitField)) {
      throw new IllegalArgumentException(
          "output_limit_field '"
              + outputLimitField
              + "' is neither max_tokens nor max_completion_tokens");
    }
    models = List.copyOf(models);
  }

  ProviderSettings withBaseUrl(String url) {
    return new ProviderSettings(
        url,
        key,
        keyVariable,
        enabled,
        caFile,
        privateNetwork,
        billsOnCancel,
        header,
        prefix,
        chatPath,
        outputLimitField,
        free,
        discover,
        billingUrl,
        billingAdjusts,
        billingDelay,
        models);
  }

  private static String trimmedUrl(String text) {
    String url = text.strip();
    while (url.endsWith("/")) {
      url = url.substring(0, url.length() - 1);
    }
    if (!isBaseUrl(url)) {
      throw new IllegalArgumentException(
          "base_url '"
              + text
              + "' is no base URL; write scheme, host and path only, such as"
              + " https://api.groq.com/openai/v1");
    }
    return url;
  }

  private static boolean isBaseUrl(String url) {
    try {
      URI uri = new URI(url);
      boolean isHttp = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      return isHttp
          && uri.getHost() != null
          && uri.getRawQuery() == null
          && uri.getRawFragment() == null
          && uri.getRawUserInfo() == null;
    } catch (URISyntaxException _) {
      return false;
    }
  }
}
