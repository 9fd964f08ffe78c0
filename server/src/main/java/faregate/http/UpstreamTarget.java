package faregate.http;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// A server that is called, as the operator named it.
///
/// @param host a name or a literal address, without brackets
/// @param privateAllowed whether it may stand in a private, loopback or link-local range
/// @param certificates PEM file of the authorities that may have signed its certificate; null for
///   the machine's own
public record UpstreamTarget(
    boolean tls, String host, int port, boolean privateAllowed, @Nullable Path certificates) {

  /// A base URL, taken apart.
  ///
  /// @param path the prefix of every path below it, without a trailing slash; often empty
  public record Base(UpstreamTarget target, String path) {}

  /// Reads a base URL such as `https://api.groq.com/openai`. A literal private address or
  /// `localhost` in it names that address; a name that merely resolves to one does not.
  ///
  /// @param privateAllowed whether the operator allows private ranges for this host
  /// @throws IllegalArgumentException when it is no http or https URL, or has a query
  public static Base parse(String baseUrl, boolean privateAllowed, @Nullable Path certificates) {
    URI uri;
    try {
      uri = new URI(baseUrl);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("'" + baseUrl + "' is no URL: " + e.getReason(), e);
    }
    boolean tls = "https".equalsIgnoreCase(uri.getScheme());
    if ((!tls && !"http".equalsIgnoreCase(uri.getScheme())) || uri.getHost() == null) {
      throw new IllegalArgumentException("'" + baseUrl + "' must be http://host… or https://host…");
    }
    if (uri.getRawQuery() != null || uri.getRawFragment() != null || uri.getUserInfo() != null) {
      throw new IllegalArgumentException(
          "'" + baseUrl + "' must have no query, fragment or user; only host, port and path");
    }
    String host = uri.getHost().replaceAll("^\\[|]$", "");
    int port = uri.getPort() > 0 ? uri.getPort() : (tls ? 443 : 80);
    String path = uri.getRawPath() == null ? "" : uri.getRawPath().replaceAll("/+$", "");
    boolean named = privateAllowed || PrivateRanges.isLiteralOrLocalhost(host);
    return new Base(new UpstreamTarget(tls, host, port, named, certificates), path);
  }

  /// As in the `Host` header: the port only where it is not the scheme's own.
  public String authority() {
    String shown = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
    return port == (tls ? 443 : 80) ? shown : shown + ":" + port;
  }

  @Override
  public String toString() {
    return (tls ? "https://" : "http://") + authority();
  }
}
