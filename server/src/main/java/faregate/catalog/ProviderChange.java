package faregate.catalog;

import faregate.kit.Environment;
import faregate.kit.Secret;
import faregate.kit.SettingsException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The operator's word about a provider, laid over the built-in facts.
final class ProviderChange {
  private static final Pattern SLUG = Pattern.compile("[a-z0-9][a-z0-9-]*");

  private ProviderChange() {}

  /// @param known the built-in provider, null for a new one
  static Provider apply(String slug, @Nullable Provider known, ProviderSettings said) {
    Provider base = known == null ? fresh(slug, said.baseUrl()) : known;
    String url = said.baseUrl() == null ? base.baseUrl() : said.baseUrl();
    return new Provider(
        slug,
        base.name(),
        base.family(),
        url,
        Objects.requireNonNullElse(said.chatPath(), base.chatPath()),
        Objects.requireNonNullElse(said.header(), base.authHeader()),
        prefix(said, base),
        said.keyVariable() == null ? base.keyVariable() : said.keyVariable(),
        said.key(),
        base.keyNeeded() || said.keyVariable() != null,
        Objects.requireNonNullElse(said.billsOnCancel(), base.billsOnCancel()),
        Objects.requireNonNullElse(said.outputLimitField(), base.outputLimitField()),
        base.requestIdHeader(),
        Boolean.TRUE.equals(said.privateNetwork()),
        readable(slug, said.caFile()),
        said.baseUrl() == null ? base.source() : "configuration",
        billing(slug, url, said));
  }

  private static @Nullable BillingEndpoint billing(
      String slug, @Nullable String baseUrl, ProviderSettings said) {
    String url = said.billingUrl();
    if (url == null) {
      return null;
    }
    if (url.startsWith("/")) {
      if (baseUrl == null) {
        throw new SettingsException(
            "providers.%s.billing_url: the path '%s' needs a base_url; name the whole URL."
                .formatted(slug, url));
      }
      url = URI.create(baseUrl).resolve(url).toString();
    }
    return new BillingEndpoint(
        url,
        !Boolean.FALSE.equals(said.billingAdjusts()),
        Objects.requireNonNullElse(said.billingDelay(), Duration.ZERO));
  }

  /// The provider with its key: the configured one, else that of the environment.
  static Provider withKey(Provider provider, Environment environment) {
    String variable = provider.keyVariable();
    if (provider.key() != null || variable == null) {
      return provider;
    }
    String value = environment.variable(variable);
    return value == null ? provider : provider.withKey(new Secret(value.strip()));
  }

  private static Provider fresh(String slug, @Nullable String baseUrl) {
    if (!SLUG.matcher(slug).matches()) {
      throw new SettingsException(
          "providers."
              + slug
              + ": the name of a provider has lower-case letters, digits and hyphens only.");
    }
    if (baseUrl == null) {
      throw new SettingsException(
          "providers."
              + slug
              + ": this provider is not built in, so it needs a base_url, such as"
              + " http://127.0.0.1:11434/v1.");
    }
    return Provider.local(slug, baseUrl);
  }

  private static @Nullable Path readable(String slug, @Nullable Path caFile) {
    if (caFile != null && !Files.isReadable(caFile)) {
      throw new SettingsException(
          "providers.%s.ca_file: '%s' cannot be read; name a PEM file of certificate authorities."
              .formatted(slug, caFile));
    }
    return caFile;
  }

  private static String prefix(ProviderSettings said, Provider base) {
    if (said.prefix() != null) {
      return said.prefix();
    }
    return said.header() == null ? base.authPrefix() : "";
  }
}
